"""Questions of triage to the author of an observation, and the answers: never public, never shown to partners."""
