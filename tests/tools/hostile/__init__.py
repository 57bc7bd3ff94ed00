"""Inputs made to do harm, and what has to hold of a run over them."""
