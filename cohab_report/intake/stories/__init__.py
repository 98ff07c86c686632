"""The story of an observation as its author reads it: on the follow page, in the own-data file, by e-mail."""
