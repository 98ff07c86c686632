"""What the public may already read near a point, so that somebody who sees the same thing can say so."""
