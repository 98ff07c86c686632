"""What it adds up to: counts with their uncertainty, suppressed where few. It reads and never acts."""
