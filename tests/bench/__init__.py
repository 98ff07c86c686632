"""Benchmarks: figures as JSON lines, measured beside the raw SQL of the same answer in the same run."""
