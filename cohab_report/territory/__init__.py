"""Territory: the city's outline, sectors, places, streets and protected sites, and its grid of cells; all from the city
profile.
"""
