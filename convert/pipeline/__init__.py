"""From files to files: open the vault, make the parts of every note, assemble, save, and skip what is up to date."""
