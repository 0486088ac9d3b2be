"""Organisations and the people in them: who may act, in whose name, and how we know who they are."""
