"""The pledged right: what it is, how long it lasts, what it costs to keep, what stands against selling it."""
