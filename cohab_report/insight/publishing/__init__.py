"""The publications of quarters: built once by a worker, suppressed, stored."""
