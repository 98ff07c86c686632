"""Where: the city's outline, its sectors, places, streets and protected sites, and the lattice of cells."""
