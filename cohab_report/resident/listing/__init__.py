"""What everybody may read, as a list and as a map beside it: the same filters, the same address, the same observations."""
