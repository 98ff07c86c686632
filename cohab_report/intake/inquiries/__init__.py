"""One thing that triage asks the author of an observation, and what the author answers: never public, never a partner's to read."""
