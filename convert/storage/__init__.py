"""A folder or an object store: how files are found, read, locked, packed and saved."""
