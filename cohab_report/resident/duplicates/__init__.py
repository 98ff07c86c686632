"""Duplicates: the step “already reported?” shows public observations near the place.

The resident says whether theirs is one of them.
"""
