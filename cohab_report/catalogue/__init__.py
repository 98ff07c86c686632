"""Catalogue: what may be observed (kinds, categories, questions, signposts) and how much each is protected."""
