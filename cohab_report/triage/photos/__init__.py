"""The photos of a case, as the team decides about them."""
