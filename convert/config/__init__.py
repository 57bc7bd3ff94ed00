"""Settings from a file: `notebind.toml`, or `[tool.notebind]` of a `pyproject.toml`, beside the notes or above them."""
