"""The questions, one a page, from the danger screen to the belongings check. Answers wait in the resident's own session."""

from typing import Any

from flask import redirect, render_template, request, session, url_for

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind
from cohab_report.clock import today
from cohab_report.intake.wording import FindingKind
from cohab_report.resident import journey
from cohab_report.resident.already.views import look_around
from cohab_report.resident.door import bp
from cohab_report.resident.forms import BelongingsForm, CategoryForm, questions_form
from cohab_report.resident.journey import PASSED, Answer, after_danger
from cohab_report.resident.sketch import ANSWER
from cohab_report.territory import queries as territory
from cohab_report.web.access import open_to_all
from cohab_report.web.languages import words


@bp.context_processor
def _carried() -> dict[str, Any]:
    return {"carried": journey.carried}


@bp.route("/signaler/", methods=["GET", "POST"])
@open_to_all
def start() -> Answer:
    """The danger screen, before anything else; a yes leads to whom to call, and nothing of it is kept."""
    kind, answer = request.values.get("sujet", ""), request.form.get("help", "")
    if answer == "yes":
        return redirect(url_for("resident.help_now"), 303)
    if answer != "no":
        return render_template("resident/start.html", kind=kind), 422 if request.method == "POST" else 200
    session[PASSED] = True
    journey.let_go(request.form.get("held", "").split())
    return journey.choose(Kind(kind)) if kind in list(Kind) else redirect(url_for("resident.subject"), 303)


@bp.get("/signaler/aide")
@open_to_all
def help_now() -> str:
    """Whom to call when somebody needs help now."""
    urgent = catalogue.emergency_numbers("danger")
    return render_template(
        "resident/help_now.html", posts=catalogue.signposts(("A", "C")), numbers=journey.numbers(), urgent=urgent
    )


@bp.get("/signaler/orientation")
@open_to_all
def advice() -> Answer:
    """Whom to turn to instead of this form; nothing is kept."""
    posts = catalogue.signposts(request.args.getlist("pour")[:6])
    if not posts:
        return redirect(url_for("resident.help_now"), 303)
    return render_template("resident/advice.html", posts=posts, numbers=journey.numbers())


@bp.route("/signaler/sujet", methods=["GET", "POST"])
@open_to_all
@after_danger
def subject() -> Answer:
    """What the observation is about."""
    kind = request.form.get("kind", "")
    if kind in list(Kind):
        return journey.choose(Kind(kind))
    sketch = journey.sketch()
    page = render_template("resident/subject.html", sketch=sketch, kept_at=journey.kept_place(sketch))
    return page, 422 if request.method == "POST" else 200


@bp.route("/signaler/categorie", methods=["GET", "POST"])
@open_to_all
@after_danger
def category() -> Answer:
    """What it is. A choice that this form can't carry leads to whom to turn to."""
    sketch = journey.sketch()
    if (elsewhere := journey.too_early(sketch, "category")) is not None:
        return elsewhere
    choices = journey.choices(sketch)
    form = CategoryForm(data={"category": sketch.category})
    form.offer(choices)
    if form.validate_on_submit():
        chosen = catalogue.category_or_refuse(form.category.data)
        if not chosen.opens_the_form:
            return redirect(url_for("resident.advice", pour=chosen.signpost_codes), 303)
        sketch.of(chosen)
        look_around(sketch)
        return journey.go_on(sketch)
    details, step = {each.code: words(each.help) for each in choices}, journey.progress(sketch, "category")
    kept_at = journey.kept_place(sketch)
    page = render_template(
        "resident/category.html", form=form, details=details, kind=sketch.kind, step=step, kept_at=kept_at
    )
    return page, 422 if form.errors else 200


@bp.route("/signaler/questions", methods=["GET", "POST"])
@open_to_all
@after_danger
def questions() -> Answer:
    """The category's own questions, a few words and a day. An answer that means danger leads to whom to call, and isn't kept."""
    sketch = journey.sketch()
    if (elsewhere := journey.too_early(sketch, "questions")) is not None:
        return elsewhere
    chosen = catalogue.category_or_refuse(sketch.category)
    # What others told already is not asked again; words and a day may always be added.
    asked, day = [] if sketch.says_the_same else catalogue.questions_of(chosen), today(territory.ground().zone)
    known: dict[str, Any] = {ANSWER + code: answer for code, answer in sketch.answers.items()}
    form = questions_form(asked, day, known | {"text": sketch.text, "observed_on": journey.day_of(sketch) or day})
    answers = form.answers()
    if blocked := [each.blocks[answers[each.code]] for each in asked if answers.get(each.code) in each.blocks]:
        return redirect(url_for("resident.advice", pour=blocked), 303)
    if form.validate_on_submit():
        sketch.answers, sketch.text, sketch.asked = answers, form.text.data or "", chosen.code
        sketch.observed_on = str(form.observed_on.data)
        return journey.go_on(sketch)
    posts, step = catalogue.signposts(chosen.signpost_codes), journey.progress(sketch, "questions")
    shown = {"category": chosen, "day": day, "posts": posts, "numbers": journey.numbers(), "step": step}
    shown["before"] = journey.before_questions(sketch)
    page = render_template("resident/questions.html", form=form, finding_kinds=list(FindingKind), **shown)
    return page, 422 if form.errors else 200


@bp.route("/signaler/effets", methods=["GET", "POST"])
@open_to_all
@after_danger
def belongings() -> Answer:
    """The belongings check: a tent or bedding in use is never treated as dirt."""
    sketch = journey.sketch()
    if (elsewhere := journey.too_early(sketch, "belongings")) is not None:
        return elsewhere
    form = BelongingsForm(data={"belongings": sketch.belongings})
    if form.validate_on_submit():
        sketch.belongings = form.belongings.data
        return journey.go_on(sketch)
    return render_template(
        "resident/belongings.html", form=form, step=journey.progress(sketch, "belongings")
    ), 422 if form.errors else 200
