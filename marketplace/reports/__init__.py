"""What it came to: reports as tables, for reading and for taking away."""
