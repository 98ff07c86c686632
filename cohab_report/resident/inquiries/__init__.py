"""What triage asks the author of an observation, as the author reads and answers it."""
