"""The photos of one’s own observation: sent with it or within a day, seen by their author once they are approved."""
