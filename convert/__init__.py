"""notebind: turn a folder of timestamped video notes into books, chapters and flashcards."""

__version__ = "0.1.0"
