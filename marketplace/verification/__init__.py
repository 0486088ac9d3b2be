"""Knowing an organisation: its file, the operator's review, blocking and re-verification."""
