"""Measures that time grows no faster than texts: of every pattern, and of notes through every writer."""
