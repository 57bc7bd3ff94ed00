"""The document model: what a note, a vault and a book are, with no I/O and no output format in it."""
