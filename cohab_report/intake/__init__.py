"""The river's first bend: what residents sent, as they sent it, and what of it the public may read."""
