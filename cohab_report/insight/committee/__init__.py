"""The committee's page: what a quarter says, first in sentences, then in tables."""
