"""City profiles: the data files that make the product one city's, and the loader that reads them."""
