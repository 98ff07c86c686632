"""Import of another system's reports: read from its export, translated by a mapping file, received like others."""
