"""The findings of a quarter in sentences: each with its uncertainty, none about causes, none about hidden numbers."""

from flask_babel import gettext as _
from flask_babel import ngettext

from cohab_report.insight.intervals import Comparison, is_unsure
from cohab_report.insight.pages.page_tables import quarter_words, share_words
from cohab_report.insight.publishing.quarter_tables import QuarterTables
from cohab_report.web.filters import number


def finding_sentences(tables: QuarterTables) -> list[str]:
    """Returns what the quarter says, in sentences of the reader's language, each with its uncertainty."""
    sentences = [
        _total_sentence(tables),
        _comparison_sentence(tables),
        _positive_share_sentence(tables),
        _out_of_plan_sentence(tables),
        _police_transfers_sentence(tables.transfers or 0),
    ]
    return [sentence for sentence in sentences if sentence]


def _police_transfers_sentence(transfers: int) -> str:
    if not transfers:
        return str(_("Aucun dossier n’a été transmis à la police."))
    return str(
        ngettext(
            "%(num)s dossier a été transmis à la police, par une personne et avec un motif écrit.",
            "%(num)s dossiers ont été transmis à la police, par une personne et avec un motif écrit.",
            transfers,
        )
    )


def _total_sentence(tables: QuarterTables) -> str:
    total, cases, when = tables.total.value, tables.cases, quarter_words(tables.quarter)
    if total is None or tables.total.interval is None:
        return str(_("Trop peu d’observations ont été reçues de %(when)s pour en dire le nombre.", when=when))
    low, high = tables.total.interval.outward()
    sentence = _(
        "%(total)s observations ont été reçues de %(when)s (intervalle exact à 95 %% : entre %(low)s et %(high)s).",
        total=number(total),
        when=when,
        low=number(low),
        high=number(high),
    )
    case_sentence = _("Regroupées, elles font %(cases)s dossiers.", cases=number(cases)) if cases is not None else ""
    warning = _("C’est trop peu pour en tirer une tendance.") if is_unsure(total) else ""
    return " ".join(filter(None, (str(sentence), str(case_sentence), str(warning))))


def _comparison_sentence(tables: QuarterTables) -> str:
    comparison = tables.comparison
    if comparison is None:
        return str(_("L’historique est insuffisant pour comparer avec le trimestre précédent."))
    low, high = (number(end, 2) for end in comparison.interval.outward_to(decimals=2))
    ratio_sentence = _(
        "Le rapport est de %(ratio)s (entre %(low)s et %(high)s).",
        ratio=number(comparison.ratio, 2),
        low=low,
        high=high,
    )
    return f"{_verdict(comparison)} {ratio_sentence}"


def _verdict(comparison: Comparison) -> str:
    if comparison.shows_more:
        return str(_("Plus d’observations ont été reçues qu’au trimestre précédent."))
    if comparison.shows_fewer:
        return str(_("Moins d’observations ont été reçues qu’au trimestre précédent."))
    return str(_("Pas de différence démontrée avec le trimestre précédent."))


def _positive_share_sentence(tables: QuarterTables) -> str:
    share = tables.months.totals.positive_share
    if share is None:
        return str(_("La part des observations positives ne peut pas être dite."))
    return str(_("Les observations positives comptent pour %(share)s.", share=share_words(share)))


def _out_of_plan_sentence(tables: QuarterTables) -> str:
    if tables.out_of_plan is None:
        return str(_("La part des observations hors plan ne peut pas être dite."))
    return str(_("La part marquée hors plan est de %(share)s.", share=share_words(tables.out_of_plan)))
