"""Every page that can be asked for, reached as a person reaches it: shared by whoever looks at all of them."""

from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.demo.queries import demo_observations
from cohab_report.demo.submissions import demo_client_ids
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.inquiries.models import Inquiry
from cohab_report.intake.models import Channel, Observation
from cohab_report.journal import SYSTEM
from cohab_report.partners.models import Partner
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.settings import current_settings
from cohab_report.triage.models import Case, CaseObservation, CaseState
from tests.browser.site import PASSWORD, Site

PUBLIC = {
    "home": "/",
    "follow": "/suivi",
    "observations": "/observations",
    "observations-empty": "/observations?etat=redirected&jours=30&sujet=positive",
    "privacy": "/confidentialite",
    "accessibility": "/accessibilite",
    "decisions": "/decisions",
    "open-data": "/donnees",
    "plan": "/plan",
    "action": "/plan/AME-01",
    "figures": "/bilan",
    "sign-in": "/connexion",
    "help-now": "/signaler/aide",
    "advice": "/signaler/orientation?pour=TENT&pour=B",
    "not-found": "/nulle-part",
    "stop-emails": "/courriel/arreter/x",
    "link-used": "/courriel/confirmer/x",
    "offline-form": "/signaler/hors-ligne",
    "on-this-phone": "/signaler/en-attente",
}
WORDS = "Le couvercle est tombé près du banc."


def public_pages(page: Page) -> Iterator[str]:
    """Stands on each page that needs neither form nor sign-in, and says its name."""
    for name, address in PUBLIC.items():
        page.goto(address)
        yield name


def form_pages(page: Page, *, place: str = "parc-portuaire", category: str = "PROP-1") -> Iterator[str]:
    """Goes from the danger screen to the receipt and to following, with errors on the way.

    Says the name of each page.
    """
    page.goto("/signaler/")
    yield "start"
    press(page, page.locator("button[name=help][value=no]"))
    if page.url.endswith("/signaler/brouillon"):
        yield "begun-draft"
        begin_another(page)
    yield "subject"
    press(page, page.locator("button[name=kind][value=cleanliness]"))
    go_on(page)
    yield "place-refused"
    choose_place(page, place)
    yield "place"
    go_on(page)
    page.locator(f"input[name=category][value={category}]").check()
    yield "category"
    go_on(page)
    if page.url.endswith("/signaler/deja"):
        yield "duplicates"
        go_on(page)
    page.locator("textarea[name=text]").fill(WORDS)
    yield "questions"
    go_on(page)
    page.locator("input[name=belongings][value=no]").check()
    yield "belongings"
    go_on(page)
    yield "review"
    go_on(page)
    yield "receipt"
    press(page, page.locator("main a.button[href^='/suivi#']"))
    expect(page.locator("input[name=code]")).not_to_have_value("")
    go_on(page)
    yield "followed"
    page.goto("/suivi/retirer")
    yield "withdraw"


def begin_another(page: Page) -> None:
    """What was begun in this browser is left for another observation."""
    press(page, page.locator("main form:has(input[name=choice][value=new]) button"))


def email_pages(page: Page, site: Site) -> Iterator[str]:
    """Follows an observation that triage asks something about, and leaves an address; says the name of each page."""
    number, code = _asked_about(site)
    page.goto(f"/suivi#{code}")
    expect(page.locator("input[name=code]")).not_to_have_value("")
    go_on(page)
    yield "asked"
    page.locator("textarea[name=answer]").fill("Demandez à rosa@exemple.ca")
    press(page, page.locator("form[action$='/suivi/reponse'] button"))
    yield "asked-warned"
    press(page, page.locator("form[action$='/suivi/reponse'] button"))
    page.locator("input[name=email]").fill("rosa@")
    press(page, page.locator("form[action$='/suivi/courriel'] button"))
    yield "address-refused"
    page.locator("input[name=email]").fill("rosa@exemple.ca")
    press(page, page.locator("form[action$='/suivi/courriel'] button"))
    yield "address-waiting"
    page.goto(_link_to_confirm(site, number))
    yield "confirm-address"
    go_on(page)
    yield "confirmed-address"
    page.goto("/suivi")
    yield "address-confirmed"


def _asked_about(site: Site) -> tuple[int, str]:
    with site.app.app_context(), transaction():
        open_cases = select(CaseObservation.observation_id).join(Case).where(Case.state == CaseState.ACCEPTED)
        quiet = select(Observation).where(
            Observation.channel == Channel.DEMO,
            Observation.id.in_(open_cases),
            Observation.id.not_in(select(Inquiry.observation_id)),
        )
        observation = db.session.scalars(quiet.order_by(Observation.id.desc()).limit(1)).one()
        inquiries.ask_author(observation, "De quel côté du parc, près de quelle entrée ?", by=SYSTEM, at=now())
        client_ids = demo_client_ids(demo_observations(), current_settings().code_keys)
        return observation.id, intake.code_of(observation, client_ids[observation.client_hash])


def _link_to_confirm(site: Site, observation_id: int) -> str:
    with site.app.app_context():
        contact = db.session.scalars(select(Contact).where(Contact.observation_id == observation_id)).one()
        return f"/courriel/confirmer/{encryption.link_token(encryption.CONFIRM, contact.seed or '')}"


def go_on(page: Page) -> None:
    """The page's main button is pressed, and the next page is there."""
    press(page, page.locator("main form[method=post] .buttons button[type=submit]:not(.button--quiet)").first)


def press(page: Page, wanted: Locator) -> None:
    """That is pressed, and the next page is there: a click alone returns while the page before is still being taken
    down.
    """
    with page.expect_navigation():
        wanted.click()
    awake(page)


def awake(page: Page) -> None:
    """The page's scripts are awake, where there are any: what is pressed before is only what works without them."""
    if page.evaluate("matchMedia('(scripting: enabled)').matches"):
        page.locator("html[data-awake]").wait_for(state="attached")


def choose_place(page: Page, code: str) -> None:
    """The place of the list is chosen; without a place of that code, the first."""
    named = page.locator(f"input[name=place][value='{code}']")
    (named if named.count() else page.locator("input[name=place]").first).check()


def enter(page: Page, email: str) -> None:
    """This browser is that person's, whatever language it reads."""
    page.goto("/connexion")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    go_on(page)
    page.locator("form[action$='/deconnexion']").wait_for()


def read_in(page: Page, language: str) -> None:
    """The pages of this browser are in that language from now on."""
    page.goto("/accessibilite")
    other = page.locator(f"button[name=language][value={language}]")
    if other.count():
        press(page, other)
        page.locator(f"html[lang={language}]").wait_for()


def staff_pages(page: Page, site: Site, email: str) -> Iterator[str]:
    """Signs that person in and stands on each page of their own; says the page's name."""
    enter(page, email)
    for name, address in addresses_of(site, email).items():
        page.goto(address)
        yield name


def addresses_of(site: Site, email: str) -> dict[str, str]:
    """The addresses of the pages that only this person's role may see, by name."""
    role = email.split("@", maxsplit=1)[0]
    with site.app.app_context():
        if role == "ana":
            counter = {"counter": "/tri/saisir", "counter-form": "/tri/saisir?categorie=PROP-1"}
            queues = {"queue": "/tri/files/proprete", "queue-late": "/tri/files/proprete?overdue=1&kind=safety"}
            cases = _cases()
            police = {f"police-{name}": f"{address}/police" for name, address in cases.items() if name != "case-closed"}
            return {"triage": "/tri", **counter, **queues, **cases, **police, "account": "/mon-compte"}
        if role == "lin":
            return {"inbox": "/partenaire", **_handovers("TP")}
    return {"admin": "/admin"} if role == "admin" else {"committee": "/comite"}


def _cases() -> dict[str, str]:
    wanted = {
        "case": CaseState.NEW,
        "case-locked": CaseState.OCCUPANCY_CHECK,
        "case-accepted": CaseState.ACCEPTED,
        "case-closed": CaseState.CLOSED,
    }
    asked = select(Case).order_by(Case.id.desc())
    found = {name: db.session.scalars(asked.where(Case.state == state)).first() for name, state in wanted.items()}
    return {name: f"/tri/dossiers/{case.reference}" for name, case in found.items() if case}


def _handovers(partner: str) -> dict[str, str]:
    wanted = {
        "handover": HandoverState.OFFERED,
        "handover-accepted": HandoverState.ACCEPTED,
        "handover-done": HandoverState.DONE,
    }
    asked = select(Handover).join(Partner, Handover.partner).where(Partner.code == partner).order_by(Handover.id.desc())
    found = {name: db.session.scalars(asked.where(Handover.state == state)).first() for name, state in wanted.items()}
    key = current_settings().code_key
    return {
        name: f"/partenaire/transmissions/{encrypt_number('handover', handover.id, key=key)}"
        for name, handover in found.items()
        if handover
    }
