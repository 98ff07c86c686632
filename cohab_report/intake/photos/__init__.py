"""Photos of an observation: received sealed, developed apart, decided by triage, destroyed without a trace."""
