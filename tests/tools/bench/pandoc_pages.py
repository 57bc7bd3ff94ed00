"""Makes a page for each note with a pandoc process: `python -m tests.tools.bench.pandoc_pages FOLDER NOTE ...`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pypandoc


def main(folder: str, *files: str) -> None:
    Path(folder).mkdir(exist_ok=True)
    program = pypandoc.get_pandoc_path()
    for number, name in enumerate(files):
        target = Path(folder) / f"{number}.html"
        subprocess.run([program, "-f", "commonmark_x", "-t", "html", "-o", str(target), name], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
