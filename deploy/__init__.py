"""Starts, supervises and stops the product's parts on one machine; examples for production are in `production/`.

Nothing in `cohab_report` imports from here, and nothing here knows what an observation is.
"""
