"""Following one’s own observation: what became of it, and what its author may still do."""
