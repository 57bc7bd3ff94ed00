"""A timeline whose titles try every escape of the chapter formats, and what the formats lose of it."""

from __future__ import annotations

from xml.etree import ElementTree

from convert.extract.timeline import Marker, Timeline
from tests.support.notes import FILM

TORTURE = (
    "plain",
    "a = b; c # d \\ e",
    'salt & <b>pepper</b> "quoted"',
    "{an8} braces {} and --> arrow",
    "森の動物たち",
    "\N{RABBIT FACE}\N{FAMILY} and friends",
    "שלום עולם",
    "it's, comma; [brackets] | pipe * star",
    "x" * 100,
    "100% \\n $HOME `tick` \\\\ end",
    "12:34 a title that starts with a time",
    "#1 [CHAPTER]",
)

LOSSES = {
    "cue": str.maketrans('"', "'"),
    "xspf": str.maketrans({",": "，", "{": "(", "}": ")"}),
    "pbf": str.maketrans("*", "＊"),
    "edl": str.maketrans("|", "¦"),
}


def a_line(titles: tuple[str, ...] = TORTURE, step_ms: int = 20_000) -> Timeline:
    markers = tuple(
        Marker(i * step_ms, (i + 1) * step_ms, title, 1 if i % 3 == 0 else 2) for i, title in enumerate(titles)
    )
    return Timeline(title="A film", video=FILM, markers=markers)


Rows = list[tuple[int, str]]


def milliseconds(text: str) -> int:
    hours, minutes, seconds = text.replace(",", ".").split(":")
    return int(hours) * 3_600_000 + int(minutes) * 60_000 + round(float(seconds) * 1000)


def read_matroska(text: str) -> Rows:
    root = ElementTree.fromstring(text)
    atoms = root.iter("ChapterAtom")
    return [
        (milliseconds(a.findtext("ChapterTimeStart", "")), a.findtext("ChapterDisplay/ChapterString", ""))
        for a in atoms
    ]
