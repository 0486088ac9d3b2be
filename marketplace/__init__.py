"""Zhiyi: a marketplace that turns defaulted, pledged intellectual property back into money."""
