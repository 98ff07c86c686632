"""The form's question pages, from the danger screen to the belongings check.

Answers are stored in the session's draft only.
"""

from typing import Any

from flask import redirect, render_template, request, session, url_for

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind
from cohab_report.clock import today
from cohab_report.intake.wording import FindingKind
from cohab_report.resident import steps
from cohab_report.resident.blueprint import bp
from cohab_report.resident.draft import ANSWER_PREFIX
from cohab_report.resident.duplicates.views import note_nearby_duplicates
from cohab_report.resident.forms import BelongingsForm, CategoryForm, QuestionsForm, questions_form
from cohab_report.resident.steps import DANGER_PASSED_KEY, PageResponse, danger_screen_required
from cohab_report.territory import queries as territory
from cohab_report.web.access import open_to_all
from cohab_report.web.languages import words
from cohab_report.web.typed_text import gives_back


@bp.context_processor
def _draft_fields_for_templates() -> dict[str, Any]:
    return {"draft_fields": steps.draft_fields}


@bp.route("/signaler/", methods=["GET", "POST"])
@open_to_all
def danger_screen() -> PageResponse:
    """Asks whether somebody needs help now, before anything else.

    A yes leads to whom to call, and nothing of it is stored. A no begins a new observation, or asks whether to go on
    with one that was begun in this browser: it may be somebody else's.
    """
    kind, answer = request.values.get("sujet", ""), request.form.get("help", "")
    if answer == "yes":
        return redirect(url_for("resident.help_now"), 303)
    if answer != "no":
        return render_template("resident/danger_screen.html", kind=kind), 422 if request.method == "POST" else 200
    session[DANGER_PASSED_KEY] = True
    steps.drop_stored_draft(request.form.get("held", "").split())
    if steps.session_draft().is_begun:
        return redirect(url_for("resident.begun_draft", sujet=kind or None), 303)
    return steps.begin_new_draft(kind)


@bp.route("/signaler/brouillon", methods=["GET", "POST"])
@open_to_all
@danger_screen_required
def begun_draft() -> PageResponse:
    """Asks whether to go on with the observation that was begun in this browser, or to begin another one."""
    draft, kind, choice = steps.session_draft(), request.values.get("sujet", ""), request.form.get("choice", "")
    if choice == "new" or not draft.is_begun:
        return steps.begin_new_draft(kind)
    if choice == "continue":
        return steps.save_and_go_on(draft)
    page = render_template("resident/begun_draft.html", place=steps.place_name(draft), kind=kind)
    return page, 422 if request.method == "POST" else 200


@bp.get("/signaler/aide")
@open_to_all
def help_now() -> str:
    """Shows whom to call when somebody needs help now."""
    urgent = catalogue.emergency_numbers("danger")
    return render_template(
        "resident/help_now.html",
        posts=catalogue.signposts(("A", "C")),
        numbers=steps.emergency_numbers_by_code(),
        urgent=urgent,
    )


@bp.get("/signaler/orientation")
@open_to_all
def advice() -> PageResponse:
    """Shows whom to turn to instead of this form (`pour`: signpost codes, six at most); nothing is stored."""
    posts = catalogue.signposts(request.args.getlist("pour")[:6])
    if not posts:
        return redirect(url_for("resident.help_now"), 303)
    return render_template("resident/advice.html", posts=posts, numbers=steps.emergency_numbers_by_code())


@bp.route("/signaler/sujet", methods=["GET", "POST"])
@open_to_all
@danger_screen_required
def subject() -> PageResponse:
    """Asks for the kind of the observation."""
    kind = request.form.get("kind", "")
    if kind in list(Kind):
        return steps.choose_kind(Kind(kind))
    draft = steps.session_draft()
    page = render_template("resident/subject.html", draft=draft, reused_place=steps.reused_place_name(draft))
    return page, 422 if request.method == "POST" else 200


@bp.route("/signaler/categorie", methods=["GET", "POST"])
@open_to_all
@danger_screen_required
def category() -> PageResponse:
    """Asks for the category; one that this form doesn't take leads to the page with advice."""
    draft = steps.session_draft()
    if (redirection := steps.redirect_if_too_early(draft, "category")) is not None:
        return redirection
    choices = steps.categories_to_choose(draft)
    form = CategoryForm(data={"category": draft.category})
    form.offer(choices)
    if form.validate_on_submit():
        chosen = catalogue.category_or_refuse(form.category.data)
        if not chosen.opens_the_form:
            return redirect(url_for("resident.advice", pour=chosen.signpost_codes), 303)
        draft.set_category(chosen)
        note_nearby_duplicates(draft)
        return steps.save_and_go_on(draft)
    details, step = {each.code: words(each.help) for each in choices}, steps.progress(draft, "category")
    reused_place = steps.reused_place_name(draft)
    page = render_template(
        "resident/category.html", form=form, details=details, kind=draft.kind, step=step, reused_place=reused_place
    )
    return page, 422 if form.errors else 200


@bp.route("/signaler/questions", methods=["GET", "POST"])
@open_to_all
@danger_screen_required
@gives_back(QuestionsForm)
def questions() -> PageResponse:
    """Asks the category's own questions, a few words and a day.

    An answer that means danger leads to whom to call, and isn't stored.
    """
    draft = steps.session_draft()
    if (redirection := steps.redirect_if_too_early(draft, "questions")) is not None:
        return redirection
    chosen = catalogue.category_or_refuse(draft.category)
    # A duplicate is not asked what its observation already answers; words and a day may always be added.
    own_questions = [] if draft.is_duplicate else catalogue.questions_of(chosen)
    day = today(territory.city_facts().zone)
    data: dict[str, Any] = {ANSWER_PREFIX + code: answer for code, answer in draft.answers.items()}
    data |= {"text": draft.text, "observed_on": steps.day_or_none(draft) or day}
    form = questions_form(own_questions, day, data)
    answers = form.answers()
    blocking = [each.blocks[answers[each.code]] for each in own_questions if answers.get(each.code) in each.blocks]
    if blocking:
        return redirect(url_for("resident.advice", pour=blocking), 303)
    if form.validate_on_submit():
        draft.answers, draft.text, draft.asked = answers, form.text.data or "", chosen.code
        draft.observed_on = str(form.observed_on.data)
        return steps.save_and_go_on(draft)
    page = render_template(
        "resident/questions.html",
        form=form,
        category=chosen,
        day=day,
        posts=catalogue.signposts(chosen.signpost_codes),
        numbers=steps.emergency_numbers_by_code(),
        step=steps.progress(draft, "questions"),
        before=steps.page_before_questions(draft),
        finding_kinds=list(FindingKind),
    )
    return page, 422 if form.errors else 200


@bp.route("/signaler/effets", methods=["GET", "POST"])
@open_to_all
@danger_screen_required
def belongings() -> PageResponse:
    """Asks whether belongings seem to be in use: a tent or bedding in use is never treated as dirt."""
    draft = steps.session_draft()
    if (redirection := steps.redirect_if_too_early(draft, "belongings")) is not None:
        return redirection
    form = BelongingsForm(data={"belongings": draft.belongings})
    if form.validate_on_submit():
        draft.belongings = form.belongings.data
        return steps.save_and_go_on(draft)
    page = render_template("resident/belongings.html", form=form, step=steps.progress(draft, "belongings"))
    return page, 422 if form.errors else 200
