"""Figures for the public and the committee: monthly counts with their uncertainty, suppressed where few.

It reads and never acts.
"""
