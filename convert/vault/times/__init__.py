"""Decides how the times of notes were written, and repairs those that were misread."""
