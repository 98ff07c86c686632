"""What becomes of made-up cases: each fate is a few steps of a story, and together they show every state, outcome and status."""

from collections.abc import Callable, Mapping

from cohab_report.catalogue import queries as catalogue
from cohab_report.demo import queries
from cohab_report.demo.story import Story
from cohab_report.intake import operations as intake
from cohab_report.partners.models import Person
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover
from cohab_report.triage import operations as triage
from cohab_report.triage import rules
from cohab_report.triage.models import ClosingReason

Fate = Callable[[Story], None]


def waits(story: Story) -> None:
    """Nobody has looked at it yet."""
    del story


def is_claimed(story: Story) -> None:
    """Ana works on it."""
    story.later(0.2, 1)
    story.claim()


def is_taken_up(story: Story) -> None:
    """Triage has accepted it and says toward what it counts."""
    story.later(1, 6)
    story.take_up()


def is_lived_in(story: Story) -> None:
    """Outreach has been there and found belongings in use: works stay locked."""
    story.later(1, 6)
    story.look(in_use=True)


def goes_to_outreach(story: Story) -> None:
    """Outreach holds it, to look before anybody else comes."""
    story.later(1, 6)
    story.link()
    suggestion = story.suggestion()
    if suggestion is not None and (worker := story.cast.worker_of(suggestion.partner)) is not None:
        handover = story.offer(suggestion)
        story.later(1, 6)
        routing.accept(handover, by=worker, at=story.at)


def is_offered(story: Story) -> None:
    """A partner has been asked and has not answered."""
    is_taken_up(story)
    story.later(0.5, 3)
    if (suggestion := story.suggestion()) is not None:
        story.offer(suggestion)


def is_with_partner(story: Story) -> None:
    """The partner has accepted it."""
    _with_worker(story)


def is_in_progress(story: Story) -> None:
    """The partner is at work."""
    found = _with_worker(story)
    if found is not None:
        story.later(2, 20)
        routing.start(found[0], by=found[1], at=story.at)


def is_fixed(story: Story) -> None:
    """The partner has done it, or triage where no partner of the cast has it; now and then the resident says how that was."""
    found = _with_worker(story)
    if found is None:
        story.later(4, 60)
        story.close(story.good_end())
    else:
        story.later(2, 20)
        routing.start(found[0], by=found[1], at=story.at)
        story.later(4, 70)
        routing.finish(found[0], story.good_end(), words="Passage fait. (essai)", by=found[1], at=story.at)
    if story.rng.random() < 0.35:
        story.later(2, 40)
        intake.rate(story.observation, story.rng.choices(intake.SATISFACTIONS, (6, 3, 1))[0], at=story.at)


def is_declined(story: Story) -> None:
    """The partner can't take it: triage has it again."""
    if (offered := _offered_to_worker(story)) is not None:
        story.later(2, 12)
        routing.decline(offered[0], reason="Terrain privé, hors de notre secteur. (essai)", by=offered[1], at=story.at)


def is_given_back(story: Story) -> None:
    """The partner had accepted it and can't go on."""
    found = _with_worker(story)
    if found is not None:
        story.later(4, 20)
        routing.give_back(found[0], reason="Il faut une autre équipe que la nôtre. (essai)", by=found[1], at=story.at)


def is_recoded(story: Story) -> None:
    """Triage has found a category that fits better, equally or more protected."""
    story.later(1, 6)
    choices = rules.recodings(story.case.category, catalogue.categories(story.case.kind))
    if choices:
        story.recode(choices[0])
    story.take_up()


def is_outside(story: Story) -> None:
    """It counts toward no action, and somebody else answers for it."""
    story.later(2, 30)
    triage.mark_out_of_plan(story.case, by=story.cast.ana, at=story.at)
    story.close(
        story.rng.choice((ClosingReason.OUTSIDE_MANDATE, ClosingReason.REDIRECTED)), "Orienté vers le 311. (essai)"
    )


def is_known(story: Story) -> None:
    """It is followed already, or can't be done; it counts toward its action all the same."""
    story.later(2, 30)
    story.link()
    story.close(story.rng.choice((ClosingReason.ALREADY_FOLLOWED, ClosingReason.NOT_POSSIBLE)))


def comes_back(story: Story) -> None:
    """Finished, and the resident says that it is not."""
    is_fixed(story)
    story.later(12, 48)
    intake.request_reopening(story.observation, at=story.at)


def is_withdrawn(story: Story) -> None:
    """The resident took it back."""
    story.later(2, 30)
    intake.withdraw(story.observation, at=story.at)


def is_redacted(story: Story) -> None:
    """Triage has taken the resident's words out."""
    is_taken_up(story)
    intake.redact_text(story.observation, by=story.cast.ana, at=story.at)


def goes_to_police(story: Story) -> None:
    """A person has transferred it, with a written reason; it is counted."""
    story.later(1, 6)
    story.take_up()
    partner = queries.transfer_partner()
    if partner is not None and not story.case.works_are_locked:
        story.later(0.5, 3)
        why = "Bris répétés au même endroit, constatés par l’équipe ; aucune personne visée. (essai)"
        routing.hand_over(story.case, partner, reason=why, by=story.cast.ana, at=story.at)


def _in_the_end(fate: Fate) -> Fate:
    """The same, and triage has closed it since."""

    def and_closed(story: Story) -> None:
        fate(story)
        story.later(20, 90)
        if not story.case.counts_toward_the_plan:
            story.link()
        story.close(ClosingReason.NOTHING_FOUND if story.observation.is_withdrawn else story.good_end())

    return and_closed


PAST: Mapping[Fate, int] = {
    is_fixed: 66, is_known: 9, is_outside: 9, _in_the_end(is_declined): 2, _in_the_end(is_given_back): 2, _in_the_end(is_recoded): 2,
    _in_the_end(is_withdrawn): 3,
}  # fmt: skip
"""How often a case of the past year met each fate."""
WORKS: Mapping[Fate, float] = {
    is_claimed: 1, is_taken_up: 2, is_redacted: 4, is_offered: 5, is_with_partner: 8, is_in_progress: 12, is_fixed: 14, is_declined: 8,
    is_given_back: 10, is_recoded: 5, comes_back: 18, is_outside: 6, is_withdrawn: 3, goes_to_police: 7,
}  # fmt: skip
"""What is shown of the present on cases for works, and how many days ago it began."""
DOUBTS: Mapping[Fate, float] = {waits: 0.6, is_lived_in: 4, goes_to_outreach: 6, is_in_progress: 12}
"""The same where somebody may live."""


def _offered_to_worker(story: Story) -> tuple[Handover, Person] | None:
    """An offer to the partner that the rules name, if somebody of the cast works there to answer it."""
    is_taken_up(story)
    story.later(0.5, 6)
    suggestion = story.suggestion()
    worker = story.cast.worker_of(suggestion.partner) if suggestion else None
    return (story.offer(suggestion), worker) if suggestion and worker else None


def _with_worker(story: Story) -> tuple[Handover, Person] | None:
    offered = _offered_to_worker(story)
    if offered is not None:
        story.later(1, 20)
        routing.accept(offered[0], by=offered[1], at=story.at)
    return offered
