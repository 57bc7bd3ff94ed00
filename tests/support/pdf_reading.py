"""Reads PDFs with pikepdf, poppler and page-validation."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen


@lru_cache(maxsize=4)
def opened(data: bytes) -> pikepdf.Pdf:
    """Open the document and keep it open, because its objects are gone once it is closed."""
    return pikepdf.open(io.BytesIO(data))


def uris(data: bytes) -> list[str]:
    """Return the addresses of all links to the web, in the order of the pages."""
    links = (link for page in opened(data).pages for link in page.get("/Annots", ()))
    return [str(link.A.URI) for link in links if "/A" in link and "/URI" in link.A]


def inner_links(data: bytes) -> int:
    """Return the number of links within the document."""
    links = [link for page in opened(data).pages for link in page.get("/Annots", ())]
    return sum("/Dest" in link or ("/A" in link and "/D" in link.A) for link in links)


def outline(data: bytes) -> list[tuple[int, str]]:
    """Return the level and title of each bookmark."""
    return list(_outline(opened(data).open_outline().root, 1))


def _outline(items: Sequence[Any], level: int) -> Iterator[tuple[int, str]]:
    for item in items:
        yield level, str(item.title)
        yield from _outline(item.children, level + 1)


def words(data: bytes) -> str:
    """Return the text with form feeds for page breaks, read by poppler's pdftotext."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True)
    return done.stdout.decode()


def one_line(data: bytes) -> str:
    """Return the text with white space collapsed."""
    return re.sub(r"\s+", " ", words(data))


def faults(data: bytes, profile: str) -> list[str]:
    """Return the violations of a profile, "ua1" or "2a", that page-validation finds."""
    import page

    report = page.validate_pdf_bytes(data, profile=profile, limits=page.SafetyLimits.unlimited())
    found = [f"{fault.rule_id}: {fault.message}" for fault in report.failures]
    return [fault for fault in found if not _misread(data, fault)]


_WIDTH = re.compile(r"GLYPH-WIDTH-001: font object ([0-9]+) 0 has rendered CID ([0-9]+) width .* but ([0-9.]+) in /W")


def _misread(data: bytes, fault: str) -> bool:
    """Return whether a fault of widths is none: page-validation takes those of CJK fonts from a wrong part."""
    found = _WIDTH.search(fault)
    if not found:
        return False
    descriptor = opened(data).get_object(int(found[1]), 0).DescendantFonts[0].FontDescriptor
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(descriptor.FontFile3.read_bytes()), None)
    glyph = fonts[0].CharStrings[fonts[0].charset[int(found[2])]]
    glyph.draw(NullPen())
    return bool(abs(glyph.width - float(found[3])) < 1)


def fonts(data: bytes) -> dict[str, bool]:
    """Return the base font names, and for each whether its font program is embedded."""
    faces = [thing for thing in dictionaries(data) if thing.get("/Type") == "/FontDescriptor"]
    return {str(face.FontName): any(f"/FontFile{n}" in face for n in ("", "2", "3")) for face in faces}


def dictionaries(data: bytes) -> list[Any]:
    """Return all dictionaries that are indirect objects."""
    return [thing for thing in opened(data).objects if isinstance(thing, pikepdf.Dictionary)]
