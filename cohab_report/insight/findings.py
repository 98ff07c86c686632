"""What a quarter says, in sentences: each with its uncertainty, none about causes, none about what may not be shown."""

from flask_babel import gettext as _
from flask_babel import ngettext

from cohab_report.catalogue.models import Kind
from cohab_report.insight.figures import Comparison, compared, is_unsure, poisson_interval
from cohab_report.insight.publications import OUT_OF_PLAN, Publication, share
from cohab_report.insight.tables import quarter_words, share_words
from cohab_report.web.filters import number


def findings(publication: Publication, earlier: Publication, *, cases: int | None, transfers: int) -> list[str]:
    """What the quarter says, in sentences, each with its uncertainty and nothing about causes."""
    told = [_received(publication, cases), _compared(publication, earlier), _positive(publication), _out_of_plan(publication)]
    told.append(
        ngettext(
            "%(num)s dossier a été transmis à la police, par une personne et avec un motif écrit.",
            "%(num)s dossiers ont été transmis à la police, par une personne et avec un motif écrit.",
            transfers,
        )
        if transfers
        else _("Aucun dossier n’a été transmis à la police.")
    )
    return [sentence for sentence in told if sentence]


def _received(publication: Publication, cases: int | None) -> str:
    total, when = publication.total.value, quarter_words(publication.quarter)
    if total is None:
        return str(_("Trop peu d’observations ont été reçues de %(when)s pour en dire le nombre.", when=when))
    low, high = poisson_interval(total).outward()
    sentence = _(
        "%(total)s observations ont été reçues de %(when)s (intervalle exact à 95 %% : entre %(low)s et %(high)s).",
        total=number(total), when=when, low=number(low), high=number(high),
    )  # fmt: skip
    grouped = _("Regroupées, elles font %(cases)s dossiers.", cases=number(cases)) if cases is not None else ""
    unsure = _("C’est trop peu pour en tirer une tendance.") if is_unsure(total) else ""
    return " ".join(filter(None, (str(sentence), str(grouped), str(unsure))))


def _compared(publication: Publication, earlier: Publication) -> str:
    now, then = publication.total.value, earlier.total.value
    found = None if now is None or then is None else compared(now, publication.quarter.days, then, earlier.quarter.days)
    if found is None:
        return str(_("L’historique est insuffisant pour comparer avec le trimestre précédent."))
    return str(_verdict(found)) + " " + str(
        _("Le rapport est de %(ratio)s (entre %(low)s et %(high)s).", ratio=number(found.ratio, 2), low=number(found.interval.low, 2),
          high=number(found.interval.high, 2))
    )  # fmt: skip


def _verdict(found: Comparison) -> str:
    if found.shows_more:
        return str(_("Plus d’observations ont été reçues qu’au trimestre précédent."))
    if found.shows_fewer:
        return str(_("Moins d’observations ont été reçues qu’au trimestre précédent."))
    return str(_("Pas de différence démontrée avec le trimestre précédent."))


def _positive(publication: Publication) -> str:
    found = share(publication.months.safe.column_total(Kind.POSITIVE.value), publication.total)
    if found is None:
        return str(_("La part des observations positives ne peut pas être dite."))
    return str(_("Les observations positives comptent pour %(share)s.", share=share_words(found)))


def _out_of_plan(publication: Publication) -> str:
    if publication.reach is None:
        return ""
    found = share(publication.reach.safe.row_total(OUT_OF_PLAN), publication.total)
    if found is None:
        return str(_("La part des observations hors plan ne peut pas être dite."))
    return str(_("La part marquée hors plan est de %(share)s.", share=share_words(found)))
