"""What starts, watches and stops the product's parts on one machine; production's examples lie beside it.

Nothing in `cohab_report` imports from here, and nothing here knows what an observation is.
"""
