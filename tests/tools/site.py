"""Converts the docs and the reference of the Python API to HTML: `make docs`, then open build/docs/README.html.

Pandoc (in the wheel of pypandoc_binary) makes the pages, and pdoc the reference from types and docstrings. Linked files
are copied beside the pages. The exit code is 1 when a link is dead; the dead links are printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.support.needs import ROOT

PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*/*.md")])
MODULES = (
    "convert.api", "convert.pipeline.run", "convert.request", "convert.pipeline.report",
    "convert.document", "convert.report", "convert.errors", "convert.reader", "convert.writers.base",
)  # fmt: skip
STYLE = "<style>img{max-width:100%}table{border-collapse:collapse}td,th{padding:.2em .6em;vertical-align:top}</style>"


def main(folder: Path) -> int:
    """Make the site; return 1 when one of its links is dead."""
    shutil.rmtree(folder, ignore_errors=True)
    for paper in PAPERS:
        page(paper, folder)
    reference(folder / "api")
    dead = sorted(dead_links(folder))
    print(*dead or [f"{folder}: {len(PAPERS)} pages, api/index.html; no dead link"], sep="\n")
    return 1 if dead else 0


def page(paper: Path, folder: Path) -> None:
    """Convert one page to HTML and copy the files that it links to."""
    import pypandoc

    target = folder / paper.relative_to(ROOT).with_suffix(".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    options = ["--standalone", f"--metadata=pagetitle:{paper.stem}", f"--variable=header-includes:{STYLE}"]
    html = pypandoc.convert_text(paper.read_text("utf-8"), "html", "gfm", extra_args=options)
    target.write_text(re.sub(r'href="((?!https?:)[^"#]*)\.md(["#])', r'href="\1.html\2', html), "utf-8")
    for link in re.findall(r'(?:href|src)="((?!https?:|#|mailto:)[^"#]+)', html):
        take_along(paper.parent / unquote(link), folder)


def take_along(linked: Path, folder: Path) -> None:
    """Copy linked files that are not pages themselves."""
    source = linked.resolve()
    if not source.exists() or (source.suffix == ".md" and source in PAPERS):
        return
    target = folder / source.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target.with_suffix(".html") if source.suffix == ".md" else target)


def reference(folder: Path) -> None:
    """Make the reference with pdoc."""
    command = [sys.executable, "-m", "pdoc", "--output-directory", str(folder), *MODULES]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            elif name == "id" and value:
                self.ids.add(value)


def dead_links(folder: Path) -> Iterator[str]:
    """Return the links of the pages to missing files or ids."""
    pages = {path.resolve(): _read(path) for path in folder.rglob("*.html")}
    for path, made in pages.items():
        for link in made.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            missing_id = parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids
            if not target.exists() or missing_id:
                yield f"{path.relative_to(folder.resolve())}: {link}"


def _read(path: Path) -> _Page:
    made = _Page()
    made.feed(path.read_text("utf-8"))
    return made


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
