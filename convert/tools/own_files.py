"""Files that lie in this package beside its modules: style sheets, templates."""

from __future__ import annotations

import pkgutil


def own_file(package: str, name: str) -> bytes:
    """The bytes of a file of a package of ours, its folders apart by slashes; FileNotFoundError when it is not there.

    What importlib.resources does, which is loaded for as long as a page takes.
    """
    data = pkgutil.get_data(package, name)
    if data is None:
        raise FileNotFoundError(f"{package}: {name} cannot be read where this program lies")
    return data
