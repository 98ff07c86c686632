"""The follow page: the history of one's own observation, opened by its code, and what its author may still do."""
