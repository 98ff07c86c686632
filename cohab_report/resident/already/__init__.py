"""“Already reported?”: what everybody may read near there, and saying that it is the same thing."""
