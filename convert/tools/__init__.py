"""Edges to other programs and formats: archives, pictures, media files, pandoc, Typst, a web server.

The data files of this package (style sheets, templates, tables) are read here.
"""

from __future__ import annotations

import pkgutil


def package_data(package: str, name: str) -> bytes:
    """Return the bytes of a data file of a package, its folders separated by slashes.

    Raises FileNotFoundError if it is missing. Does the work of importlib.resources, which takes longer to load than a
    page takes to make.
    """
    data = pkgutil.get_data(package, name)
    if data is None:
        raise FileNotFoundError(f"{package}: {name} cannot be read where this program lies")
    return data
