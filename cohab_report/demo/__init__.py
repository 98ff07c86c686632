"""A town's year, made up: labelled observations and people to sign in as, for trying the product. Never where residents are real."""
