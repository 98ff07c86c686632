"""Short-lived access of a browser to one's own observation: after sending it, or after typing its code."""
