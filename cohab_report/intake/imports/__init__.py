"""Bringing in what residents told another system: its file is read, translated by a mapping, and received like everything else."""
