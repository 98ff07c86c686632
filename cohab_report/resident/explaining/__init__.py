"""The pages that explain the service, and the wording patterns for its scripts; the same for everybody."""
