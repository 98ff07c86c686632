"""The wording check of residents' free text: `screen` on the server, the same patterns for the browser."""

from cohab_report.intake.wording.screening import Finding, FindingKind, screen

__all__ = ["Finding", "FindingKind", "screen"]
