"""Edges to the world outside: archives, other programs."""
