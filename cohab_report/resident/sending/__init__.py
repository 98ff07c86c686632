"""The review page, sending, and the receipt with the follow-up code."""
