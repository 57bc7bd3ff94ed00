"""Names of version 0.1: use `convert.reader.formats`."""
