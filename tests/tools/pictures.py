"""Draws the pictures of the README, docs/pictures/results.png and reading_room.png, from the seeds: `make pictures`.

Needs chromium, pdftoppm, mpv, Pillow and Playwright.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import tempfile
from html import escape
from pathlib import Path
from zipfile import ZipFile

from PIL import Image, ImageDraw

from convert.pipeline.run import build
from convert.request import Request
from tests.support.media import make_media
from tests.support.needs import ROOT, program
from tests.tools import room_picture

TARGET = ROOT / "docs" / "pictures" / "results.png"
BOOK, VIDEO = "open_movies", "eRsGyueVLvQ"
GAP, BACKGROUND, EDGE = 20, "#d9dce1", "#b4b8bf"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(Request((ROOT / "seeds" / BOOK,), folder))
        with ZipFile(folder / f"{BOOK}.epub") as book:
            book.extractall(folder / "book")
        panels = (page(folder), paper(folder), card(folder), cover(folder), chapters(folder))
        sheet(*panels).quantize(128, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1000} kB")
    room_picture.draw()


def sheet(page: Image.Image, paper: Image.Image, card: Image.Image, *small: Image.Image) -> Image.Image:
    """Arrange the panels: the page, the PDF, and on the right the card above the small ones."""
    height = max(page.height, paper.height) + 2 * GAP
    picture = Image.new("RGB", (page.width + paper.width + card.width + 4 * GAP, height), BACKGROUND)
    right = page.width + paper.width + 3 * GAP
    places = [(page, GAP, GAP), (paper, page.width + 2 * GAP, GAP), (card, right, GAP)]
    for panel in small:
        places.append((panel, right, card.height + 2 * GAP))
        right += panel.width + GAP
    for panel, left, top in places:
        picture.paste(panel, (left, top))
        ImageDraw.Draw(picture).rectangle((left - 1, top - 1, left + panel.width, top + panel.height), outline=EDGE)
    return picture


def page(folder: Path) -> Image.Image:
    return shot(next(folder.glob("book/EPUB/sintel*.xhtml")), 460, 770)


def paper(folder: Path) -> Image.Image:
    pdf = program("pdftoppm") or "pdftoppm"
    command = [pdf, "-r", "66", "-f", "3", "-l", "3", "-singlefile", "-png", f"{folder}/{BOOK}.pdf", f"{folder}/paper"]
    subprocess.run(command, check=True)
    return Image.open(folder / "paper.png").convert("RGB")


def cover(folder: Path) -> Image.Image:
    return Image.open(folder / "book" / "EPUB" / "cover.png").convert("RGB").resize((195, 312))


def chapters(folder: Path) -> Image.Image:
    """Draw the chapters of a film as mpv lists them (key F8)."""
    film = make_media(folder / "film.mp4", 900)
    marks = folder / f"{BOOK}.chapters" / f"{VIDEO}.ffmeta"
    options = ["--no-config", "--vo=null", "--ao=null", "--end=0.1", "--term-playing-msg=${chapter-list}"]
    command = [program("mpv") or "mpv", *options, f"--chapters-file={marks}", str(film)]
    said = subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")
    found = re.findall(r"^(\d\d:\d\d:\d\d).*\(\d+\) (.*)$", said, re.MULTILINE)
    items = "".join(f"<tr><td>{time}<td>{escape(title)}" for time, title in found)
    style = (
        "body{font:11px/1.35 sans-serif;margin:10px;background:#111;color:#eee}"
        "td{vertical-align:top;padding:3px 4px 3px 0}"
    )
    path = folder / "chapters.html"
    path.write_text(
        f"<!doctype html><meta charset=utf-8><style>{style}</style><b>mpv: chapters</b><table>{items}</table>", "utf-8"
    )
    return shot(path, 205, 312)


def card(folder: Path) -> Image.Image:
    """Draw the back of a section's card, filled in as Anki does it in night mode."""
    with ZipFile(folder / f"{BOOK}.apkg") as package:
        base = sqlite3.connect(package.extract("collection.anki2", folder))
    models = json.loads(base.execute("select models from col").fetchone()[0])
    kind, texts = base.execute("select mid, flds from notes where flds like 'The cave%'").fetchone()
    base.close()
    model = models[str(kind)]
    fields = dict(zip((field["name"] for field in model["flds"]), texts.split("\x1f"), strict=True))
    front = filled(model["tmpls"][0]["qfmt"], fields)
    back = filled(model["tmpls"][0]["afmt"].replace("{{FrontSide}}", front), fields)
    path = folder / "card.html"
    path.write_text(
        f'<meta charset=utf-8><style>{model["css"]}</style><body class="card nightMode night_mode">{back}', "utf-8"
    )
    return shot(path, 420, 436)


def filled(template: str, fields: dict[str, str]) -> str:
    kept = re.sub(r"\{\{#(\w+)}}(.*?)\{\{/\1}}", lambda m: m[2] if fields.get(m[1]) else "", template, flags=re.DOTALL)
    return re.sub(r"\{\{(?:\w+:)*(\w+)}}", lambda m: fields.get(m[1], ""), kept)


def shot(path: Path, width: int, height: int) -> Image.Image:
    """Take a screenshot of a page in chromium."""
    target = path.with_suffix(".shot.png")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]
    command = [program("chromium") or "chromium", *options, f"--screenshot={target}", path.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return Image.open(target).convert("RGB")


if __name__ == "__main__":
    main()
