"""The document model: a note, its tree and a book. It does no I/O and knows no output format."""
