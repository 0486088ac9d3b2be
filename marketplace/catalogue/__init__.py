"""What anybody may see: the hall of lots, one lot, results, the rules."""
