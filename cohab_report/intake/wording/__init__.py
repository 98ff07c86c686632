"""The wording check of a resident's free text: `screen` on the server, and the same patterns for the browser while one types."""

from cohab_report.intake.wording.screening import Finding, FindingKind, screen

__all__ = ["Finding", "FindingKind", "screen"]
