"""Public observations near a point, so that somebody who reports the same thing can join one of them."""
