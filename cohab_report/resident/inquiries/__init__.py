"""The questions of triage to the author of an observation, as the author reads and answers them."""
