"""What a quarter says, in sentences: each with its uncertainty, none about causes, none about what may not be shown."""

from flask_babel import gettext as _
from flask_babel import ngettext

from cohab_report.insight.figures import Comparison, is_unsure
from cohab_report.insight.publishing.editions import Edition
from cohab_report.insight.reading.tables import quarter_words, share_words
from cohab_report.web.filters import number


def findings(edition: Edition) -> list[str]:
    """What the quarter says, in sentences, each with its uncertainty and nothing about causes."""
    told, transfers = (
        [_received(edition), _compared(edition), _positive(edition), _out_of_plan(edition)],
        edition.transfers or 0,
    )
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


def _received(edition: Edition) -> str:
    total, cases, when = edition.total.value, edition.cases, quarter_words(edition.quarter)
    if total is None or edition.total.interval is None:
        return str(_("Trop peu d’observations ont été reçues de %(when)s pour en dire le nombre.", when=when))
    low, high = edition.total.interval.outward()
    sentence = _(
        "%(total)s observations ont été reçues de %(when)s (intervalle exact à 95 %% : entre %(low)s et %(high)s).",
        total=number(total), when=when, low=number(low), high=number(high),
    )  # fmt: skip
    grouped = _("Regroupées, elles font %(cases)s dossiers.", cases=number(cases)) if cases is not None else ""
    unsure = _("C’est trop peu pour en tirer une tendance.") if is_unsure(total) else ""
    return " ".join(filter(None, (str(sentence), str(grouped), str(unsure))))


def _compared(edition: Edition) -> str:
    found = edition.comparison
    if found is None:
        return str(_("L’historique est insuffisant pour comparer avec le trimestre précédent."))
    low, high = (number(end, 2) for end in found.interval.outward_to(decimals=2))
    ratio = _(
        "Le rapport est de %(ratio)s (entre %(low)s et %(high)s).", ratio=number(found.ratio, 2), low=low, high=high
    )
    return f"{_verdict(found)} {ratio}"


def _verdict(found: Comparison) -> str:
    if found.shows_more:
        return str(_("Plus d’observations ont été reçues qu’au trimestre précédent."))
    if found.shows_fewer:
        return str(_("Moins d’observations ont été reçues qu’au trimestre précédent."))
    return str(_("Pas de différence démontrée avec le trimestre précédent."))


def _positive(edition: Edition) -> str:
    found = edition.months.totals.positive
    if found is None:
        return str(_("La part des observations positives ne peut pas être dite."))
    return str(_("Les observations positives comptent pour %(share)s.", share=share_words(found)))


def _out_of_plan(edition: Edition) -> str:
    if edition.out_of_plan is None:
        return str(_("La part des observations hors plan ne peut pas être dite."))
    return str(_("La part marquée hors plan est de %(share)s.", share=share_words(edition.out_of_plan)))
