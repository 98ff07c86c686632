"""Demo data: labelled observations of a year and accounts to sign in with, for trying the product; refused in
production.
"""
