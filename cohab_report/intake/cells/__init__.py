"""Counts of public observations by map cell, stored so that the map costs the same however many there are."""
