"""What waits for the team: queues, filters that are kept, and the desk's landing page."""
