"""Harmful inputs, and what must be true of a run over them."""
