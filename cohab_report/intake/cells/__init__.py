"""How many public observations lie in each cell, kept beside them so that a map costs the same however many there are."""
