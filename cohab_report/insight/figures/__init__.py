"""The public figures of a quarter: suppressed, rounded, late; their page, their files, a panel on each action."""
