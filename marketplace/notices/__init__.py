"""Telling people: one line inside the market and one mail, in one row."""
