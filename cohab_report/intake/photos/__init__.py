"""Photos of an observation: received encrypted, re-encoded in a process of their own, approved by triage."""
