"""Questions to the authors of observations, from the case's page, and their state in lists of cases."""
