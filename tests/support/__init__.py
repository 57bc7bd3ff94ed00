"""Code that several tests share: required programs, notes, readers of artifacts, and stand-ins."""
