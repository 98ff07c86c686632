"""City profiles: the data files that configure the product for a city, and the loader that writes them to the
database.
"""
