"""Triage: the team's decisions on cases, the queues that cases wait in, and their links to the plan."""
