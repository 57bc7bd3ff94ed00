"""Checks that a version can be tagged: `make release-check`, on the files made by `make package`.

Version and changelog agree and are not tagged at another commit, the tree is clean, wheel and sdist contain every file
of the package, and the metadata matches pyproject.toml.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

from convert import __version__
from tests.support.needs import ROOT

ALSO = {"README.md", "LICENSE", "pyproject.toml"}
"""Files that the source archive must contain beside the package."""


def main(made: Path) -> int:
    """Print the violations; return 1 when there are any."""
    problems = [*of_version(), *of_tree(), *of_wheel(made), *of_sdist(made)]
    print(*problems or [f"{__version__} is ready: git tag v{__version__}"], sep="\n")
    return 1 if problems else 0


def of_version() -> Iterator[str]:
    """Check version, changelog and tags."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heading = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    if not heading or heading[1] != __version__:
        yield f"CHANGELOG.md: its first version is not {__version__}"
    if not re.fullmatch(r"\d+\.\d+\.\d+", __version__):
        yield f"convert/version.py: {__version__!r} is no version of three numbers"
    tag = f"v{__version__}"
    if tag in set(git("tag", "--list").split()) - set(git("tag", "--points-at", "HEAD").split()):
        yield f"{tag} is tagged at another commit: raise the version"


def of_tree() -> Iterator[str]:
    """Find files that are untracked or modified."""
    for line in git("status", "--porcelain").splitlines():
        yield f"not committed: {line.strip()}"


def of_wheel(made: Path) -> Iterator[str]:
    """Check contents and metadata of the wheel."""
    path = made / f"notebind-{__version__}-py3-none-any.whl"
    if not path.exists():
        yield f"{path}: not there; run `make package`"
        return
    with ZipFile(path) as wheel:
        names = set(wheel.namelist())
        about = message_from_bytes(wheel.read(f"notebind-{__version__}.dist-info/METADATA"))
        points = wheel.read(f"notebind-{__version__}.dist-info/entry_points.txt").decode()
    yield from (f"wheel: {name} is missing" for name in sorted(package() - names))
    strange = {name for name in names - package() if ".dist-info/" not in name}
    yield from (f"wheel: {name} does not belong there" for name in sorted(strange))
    if "notebind = convert.cli:main" not in points:
        yield "wheel: no command notebind"
    yield from of_metadata(about)


def of_metadata(about: Message) -> Iterator[str]:
    """Check the metadata that package indexes show."""
    get = about.get_all
    if get("Version") != [__version__] or get("License-Expression") != ["AGPL-3.0-or-later"]:
        yield "wheel: version or licence is wrong"
    declared = set(re.findall(r"Python :: (3\.\d+)", " ".join(get("Classifier") or [])))
    if declared != {"3.11", "3.12", "3.13", "3.14"}:
        yield f"wheel: declared for Python {sorted(declared)}"


def of_sdist(made: Path) -> Iterator[str]:
    """Check the contents of the source archive."""
    path = made / f"notebind-{__version__}.tar.gz"
    if not path.exists():
        yield f"{path}: not there; run `make package`"
        return
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    yield from (f"sdist: {name} is missing" for name in sorted((package() | ALSO) - names))


def package() -> set[str]:
    """Return the files of the package that git tracks."""
    return set(git("ls-files", "convert").splitlines())


def git(*arguments: str) -> str:
    """Run git and return its output, also in a clone that belongs to another user, as in containers."""
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
