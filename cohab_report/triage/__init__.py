"""The team's judgement: cases, queues and links to the plan."""
