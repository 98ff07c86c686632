"""About what: kinds, categories, their questions and signposts, and the order of protection."""
