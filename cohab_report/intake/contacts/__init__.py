"""How to reach the author of an observation, for those who asked to be told: kept apart, encrypted, and erased on schedule."""
