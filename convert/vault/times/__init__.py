"""How the times of a vault were written, and what they mean."""
