"""The output formats: every module here with a `WRITER`, and the entry-point group `notebind.writers`."""
