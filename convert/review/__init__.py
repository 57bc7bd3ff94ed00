"""A page on this machine to keep, discard and edit cards: `notebind review`."""
