"""The public list and the map beside it: the same filters, the same address, the same observations."""
