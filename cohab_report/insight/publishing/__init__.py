"""What may be read of a quarter: made once by a worker, suppressed, kept."""
