"""What speed is measured, as ratios to a stated limit; nothing here runs in the test suite."""
