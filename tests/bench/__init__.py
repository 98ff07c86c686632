"""How quick it is: figures in JSON lines, one a line, measured beside the raw SQL of the same answer in the same run."""
