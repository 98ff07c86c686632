"""Operations of routing: suggest a partner, entrust a case to it, and change the rules."""

from cohab_report.routing.operations.handovers import (
    LONGEST_HANDOVER_TEXT,
    accept_handover,
    decline_handover,
    finish_handover,
    give_back,
    hand_over,
    record_visit,
    refuse_if_handover_stale,
    start_handover,
    stop_works,
    take_back,
    transfer_to_police,
)
from cohab_report.routing.operations.rule_edits import RuleDraft, retire_rule, save_rule
from cohab_report.routing.operations.suggestions import (
    DRY_RUN_CASES,
    DryRun,
    dry_run,
    suggest_partner,
    suggestion_or_rule_fault,
    team_is_open,
)

__all__ = [
    "DRY_RUN_CASES",
    "LONGEST_HANDOVER_TEXT",
    "DryRun",
    "RuleDraft",
    "accept_handover",
    "decline_handover",
    "dry_run",
    "finish_handover",
    "give_back",
    "hand_over",
    "record_visit",
    "refuse_if_handover_stale",
    "retire_rule",
    "save_rule",
    "start_handover",
    "stop_works",
    "suggest_partner",
    "suggestion_or_rule_fault",
    "take_back",
    "team_is_open",
    "transfer_to_police",
]
