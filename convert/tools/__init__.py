"""Edges to other programs and formats: archives, pictures, media files, pandoc, Typst, a web server."""
