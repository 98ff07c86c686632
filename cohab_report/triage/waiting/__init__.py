"""What waits for the team: the triage dashboard, queues, and saved filters of queues."""
