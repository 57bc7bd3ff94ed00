"""Settings from a file: `notebind.toml`, or `[tool.notebind]` of a `pyproject.toml`, found upwards from the notes."""
