"""From files to files: scan, resolve, make the parts of every note, assemble, save."""
