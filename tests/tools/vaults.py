"""Builds whole collections of other people's notes in every format and checks what comes out: `make vaults VAULTS=...`.

Each folder in VAULTS is one collection, such as an unpacked snapshot of a repository named in `vaults.txt`. It is built
by the command line, with a time limit, and read back with EPUBCheck, page-validation (PDF/UA-1), Anki and parsers of
the chapter formats. Words are counted by another Markdown parser. The table goes to the output, each fault to the
error stream.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, Popen
from threading import Timer
from typing import Any
from zipfile import ZipFile

from lxml import etree
from markdown_it import MarkdownIt

from convert.pipeline.run import build
from convert.request import Request
from convert.vault.discovery import find_sources
from convert.writers.epub.documents import page_name
from tests.support.anki_cases import Anki
from tests.support.artifacts import check
from tests.support.epub_validity import complaints
from tests.support.pdf_reading import faults as pdf_faults
from tests.tools.bench.measure import watch

LIMIT_S = 600
HEAD = (
    "collection",
    "files",
    "taken",
    "left_out",
    "with_times",
    "left_by_reason",
    "seconds",
    "cpu_s",
    "MB",
    "exit",
    "words",
)
HEAD += ("lost_per_100,000", "stamps", "failed", "epub", "pdf", "deck", "chapters", "tracebacks")
TIME = re.compile(r"it has (?:\d+ times|a time)")
LEFT_OUT = ("not-a-note", "note-empty")
SHOWN = 8
"""How many faults of a kind and collection are printed."""


@dataclass
class Row:
    """What became of one collection."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"| {' | '.join(str(self.figures.get(key, '')) for key in HEAD)} |"

    def note(self, key: str, found: list[str]) -> None:
        """Count the faults of a kind and keep the first of them."""
        self.figures[key] = self.figures.get(key, 0) + len(found)
        kept = sum(one.startswith(f"{key}: ") for one in self.faults)
        self.faults += [f"{key}: {one}" for one in found[: max(SHOWN - kept, 0)]]


def main() -> int:
    options = _options()
    folders = sorted(one for one in options.vaults.iterdir() if one.is_dir() and options.only in one.name)
    rows = []
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    for folder in folders:
        with tempfile.TemporaryDirectory(prefix="notebind-vaults-") as name:
            rows.append(judge(folder, Path(options.output or name) / folder.name, options))
        print(rows[-1], flush=True)
        print(f"{folder.name}:", *rows[-1].faults, sep="\n  ", file=sys.stderr, flush=True)
    return int(any(row.faults for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make vaults")
    parser.add_argument("vaults", type=Path)
    parser.add_argument("--only", default="", help="collections whose name holds this")
    parser.add_argument("--output", type=Path, help="keep what is made here")
    parser.add_argument("--limit", type=int, default=LIMIT_S, help="seconds for one collection")
    parser.add_argument("--jobs", type=int, default=0)
    return parser.parse_args()


def judge(folder: Path, output: Path, options: argparse.Namespace) -> Row:
    """Build a collection, read back everything that was made, and return its row."""
    row = Row(folder.name, {"collection": folder.name.replace("__", "/"), "files": len(texts(folder))})
    output.mkdir(parents=True)
    report = run(folder, output, row, options)
    left = [one for one in report["diagnostics"] if one["code"] in LEFT_OUT or one["severity"] == "error"]
    reasons = Counter(one["code"] for one in left).most_common()
    row.figures["left_out"] = len({one["note"] for one in left})
    row.figures["with_times"] = sum(bool(TIME.search(one["message"])) for one in left)
    row.figures["left_by_reason"] = ", ".join(f"{code} {n}" for code, n in reasons)
    for book in report["books"]:
        row.note("failed", [f"{book['name']}: {writer} {cause}" for writer, cause in book["failures"].items()])
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        readback(path, row)
    if report["books"]:
        count_words(folder, output, row, options.jobs)
    return row


def texts(folder: Path) -> list[Path]:
    """Return the files that may be notes."""
    return [one for one in folder.rglob("*") if one.suffix.lower() in (".md", ".markdown", ".txt") and one.is_file()]


def run(folder: Path, output: Path, row: Row, options: argparse.Namespace) -> dict[str, Any]:
    """Build a collection as a user would, and return the report."""
    said, written = output.with_suffix(".log"), output.with_suffix(".json")
    command = [sys.executable, "-m", "convert", "build", str(folder), "-o", str(output), "-q", "--report", str(written)]
    command += ["-t", "epub,pdf,chapters,anki,html", "-j", str(options.jobs)]
    start = time.perf_counter()
    with said.open("wb") as file, Popen(command, stdout=DEVNULL, stderr=file, start_new_session=True) as process:
        timer = Timer(options.limit, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        usage, peak_mb = watch(process)
        timer.cancel()
    row.figures |= {"seconds": f"{time.perf_counter() - start:.1f}", "MB": f"{peak_mb:.0f}"}
    row.figures["cpu_s"] = f"{usage.ru_utime + usage.ru_stime:.1f}"
    log = said.read_text("utf-8", "replace")
    row.note("tracebacks", re.findall(r"^Traceback.*|^\w+Error\b.*", log, re.MULTILINE))
    row.figures["exit"] = process.returncode
    if process.returncode:
        row.faults.append(f"exit: {process.returncode} after {row.figures['seconds']} s: {log[-300:].strip()}")
    return json.loads(written.read_bytes()) if written.exists() else {"books": [], "diagnostics": []}


def readback(path: Path, row: Row) -> None:
    """Read a file that was made with the program that it is for."""
    match path.suffix:
        case ".epub":
            row.note("epub", [f"{path.name}: {one}" for one in complaints(path)])
        case ".pdf":
            row.note("pdf", [f"{path.name}: {one}" for one in pdf_faults(path.read_bytes(), "ua1")])
        case ".apkg":
            row.note("deck", list(_refused(path)))
        case ".html" | ".json" | ".css" | ".js" | ".svg" | ".woff2":
            pass
        case _ if ".chapters/" in path.as_posix():
            row.note("chapters", list(_malformed(path)))


def _refused(path: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            log = Anki(Path(folder)).imported(path.read_bytes())
        except Exception as error:
            yield f"{path.name}: {error!r}"
        else:
            if log["conflicting"]:
                yield f"{path.name}: {log}"


def _malformed(path: Path) -> Iterator[str]:
    try:
        check(path.name, path.read_bytes())
    except Exception as error:
        yield f"{path.name}: {error!r}"


# Words


def count_words(folder: Path, output: Path, row: Row, jobs: int) -> None:
    """Compare the words of each note with those of its page; what was built is not built again."""
    made = build(Request((folder,), output, ("epub",), jobs=jobs))
    files = {source.shown: Path(source.path) for source in find_sources([folder], output)[0]}
    total, stamps, notes, lost = 0, 0, 0, Counter[str]()
    for one in made.books:
        with ZipFile(output / f"{one.book.name}.epub") as archive:
            for entry in one.book.summaries():
                wanted = Counter(words(source_text(files[entry.path].read_bytes())))
                page = etree.fromstring(archive.read(f"EPUB/{page_name(entry.id)}"), etree.XMLParser(huge_tree=True))
                missing = wanted - Counter(words(visible(page)))
                stamps += len(page.xpath("//*[@class='stamp']"))
                notes, total = notes + 1, total + wanted.total()
                lost.update(missing)
                if missing:
                    shown = f"{files[entry.path].relative_to(folder)}: {' '.join(list(missing)[:12])}"
                    row.faults.append(f"words: {missing.total()} of {wanted.total()} {shown}")
    row.figures |= {"taken": notes, "words": total, "stamps": stamps}
    row.figures["lost_per_100,000"] = f"{lost.total() * 1e5 / max(total, 1):.1f}"


def words(text: str) -> list[str]:
    """Return the runs of letters: figures are left out, because times and numbers of lists change."""
    return re.findall(r"[^\W\d_]+", text)


_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_NOT_SHOWN = re.compile(
    r"<!--.*?-->|%%.*?%%|<(?:script|style)\b.*?</(?:script|style)>|\$\$.*?\$\$|<[^>]*>|\{\{.*?\}\}|\bhttps?://\S+"
    r"|^\s*\[[^\]]\]\s",
    re.DOTALL | re.MULTILINE,
)
_FRONT = re.compile(r"\A\ufeff?(?:---\n.*?\n(?:---|\.\.\.)|\+\+\+\n.*?\n\+\+\+)[ \t]*(?:\n|\Z)", re.DOTALL)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    ]
)


def source_text(data: bytes) -> str:
    """Return what a reader would see of a note: no front matter, no formulas, no addresses."""
    text = _FRONT.sub("", data.decode("utf-8", "replace").replace("\r\n", "\n"))
    text = re.sub(r"!\[\[[^\]]*\]\]", "", text)
    text = re.sub(r"\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]", r"\1", text)
    text = re.sub(r"(?<!\\)\$(?!\s)[^$\n]+?(?<!\s)\$(?!\d)", "", text)
    page = etree.fromstring(f"<p>{_MARKDOWN.render(text)}</p>", etree.HTMLParser(huge_tree=True))
    return _NOT_SHOWN.sub(" ", visible(page)) if page is not None else ""


def visible(page: etree._Element) -> str:
    """Return the text of a page, with gaps around all elements but those within words."""
    pieces = []
    for event, element in etree.iterwalk(page, ("start", "end")):
        gap = "" if str(element.tag).rpartition("}")[2] in _INLINE else " "
        pieces += [gap, element.text or ""] if event == "start" else [gap, element.tail or ""]
    return "".join(pieces)


if __name__ == "__main__":
    sys.exit(main())
