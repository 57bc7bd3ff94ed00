"""Hostile file names and file types, which a foreign vault may have beside hostile text."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.support.vaults import VIDEO

NOTE = (
    f"---\ntitle: Kept\nvideoId: {VIDEO}\n---\n\n## A start [00:00:10]\n\nKept words [[other]] [00:00:20].\n".encode()
)

FILES: dict[str, bytes] = {
    "reserved: con": b"con.md",
    "reserved: nul": b"NUL.md",
    "reserved: aux": b"aux.txt",
    "reserved: com1": b"com1.markdown",
    "reserved: lpt9": b"LPT9.md",
    "255 bytes": b"n" * 252 + b".md",
    "255 bytes, two each": ("é" * 126 + ".md").encode(),
    "case: upper": b"CLASH.md",
    "case: lower": b"clash.md",
    "bidi override": "abc\u202egnp.md".encode(),
    "isolate": "\u2066x\u2069.md".encode(),
    "zero width": "\u200b\u200d.md".encode(),
    "control": b"a\x01b.md",
    "newline": b"new\nline.md",
    "escape sequence": b"esc\x1b[31m\x1b]0;x\x07.md",
    "delete": b"\x7f\x08.md",
    "no UTF-8": b"caf\xe9.md",
    "lone continuation": b"\x80\xff.md",
    "leading dash": b"-rf.md",
    "an option": b"--help.md",
    "home": b"~.md",
    "shell": b"$(id) `id`;id|id&.md",
    "per cent": b"%2e%2e%2f%00.md",
    "dots": b"....md",
    "blank": b" .md",
    "quotes": b"a'b\"c.md",
    "markup": b"<b>&amp;.md",
    "stream": b"a:b:$DATA.md",
    "glob": b"[a-z]*?.md",
    "rich markup": b"[bold red]x[/bold red] [link=file:x].md",
    "backslashes": b"a\\..\\..\\b.md",
    "dot at the end": b"x..md",
    "right to left": "שלום עולם.md".encode(),
    "composed": "é.md".encode(),
    "decomposed": "e\u0301.md".encode(),
    "emoji": "👩‍🔬.md".encode(),
    "wide": "ｎｕｌ.md".encode(),
    "long s": "ſ.md".encode(),
    "typst": b'#panic("x").md',
    "suffixes": b"a.epub.pdf.md",
}
"""Names of notes in one folder."""

FOLDERS: dict[str, bytes] = {
    "reserved": b"con",
    "reserved, wide": "ｃｏｎ".encode(),
    "case: upper": b"Channel",
    "case: lower": b"channel",
    "C": b"C",
    "C++": b"C++",
    "C#": b"C#",
    "only signs": b"+++",
    "dots": b"...",
    "drive": b"C:",
    "backslash": b"a\\..\\..\\up",
    "bidi": "\u202egnp".encode(),
    "no UTF-8": b"\xe9\xff",
    "255 bytes": b"f" * 255,
    "newline": b"two\nlines",
    "escape sequence": b"\x1b[2Jgone",
    "markup": b"<i>&\"'",
    "rich markup": b"[red]x[/]",
    "a note's suffix": b"folder.md",
    "like an artifact": b"channel.epub",
    "like chapters": b"channel.chapters",
    "like the state": b"x.anki.state",
    "typst": b'#panic("x")',
}
"""Names of channels, each with one note."""


def lay_out_names(vault: Path) -> int:
    """Write a note under every name and return their number."""
    root = os.fsencode(vault)
    for name in FILES.values():
        _write(os.path.join(root, b"names", name))
    for name in FOLDERS.values():
        _write(os.path.join(root, name, b"one.md"))
    return len(FILES) + len(FOLDERS)


def _write(path: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(NOTE)


def _media(folder: Path, content: bytes, name: str = f"film [{VIDEO}].mp4") -> None:
    (folder / name).write_bytes(content)


def _deep(folder: Path) -> None:
    for _ in range(150):
        folder = folder / "d"
        folder.mkdir()
    (folder / "deep.md").write_bytes(NOTE)


_PLAYLIST = (
    b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXTINF:9,\nfile://%s\n#EXT-X-ENDLIST\n"
)

TRICKS: dict[str, Callable[[Path, Path], object]] = {
    "link to a secret": lambda folder, secret: (folder / "out.md").symlink_to(secret),
    "link to a folder of secrets": lambda folder, secret: (folder / "out").symlink_to(secret.parent),
    "link by dots": lambda folder, secret: (folder / "dots.md").symlink_to(f"../../secrets/{secret.name}"),
    "link to passwords": lambda folder, _: (folder / "passwd.txt").symlink_to("/etc/passwd"),
    "link to zeros": lambda folder, _: (folder / "zero.md").symlink_to("/dev/zero"),
    "link to itself": lambda folder, _: (folder / "self.md").symlink_to("self.md"),
    "links in a ring": lambda folder, _: [(folder / f"{a}.md").symlink_to(f"{b}.md") for a, b in ("pq", "qp")],
    "link to nothing": lambda folder, _: (folder / "gone.md").symlink_to("nothing.md"),
    "folder that holds itself": lambda folder, _: (folder / "up").symlink_to("."),
    "pipe": lambda folder, _: os.mkfifo(folder / "pipe.md"),
    "folder of a note's name": lambda folder, _: (folder / "folder.md").mkdir(),
    "very deep folder": lambda folder, _: _deep(folder),
    "playlist for a film": lambda folder, secret: _media(folder, _PLAYLIST % os.fsencode(secret)),
    "list for a film": lambda folder, secret: _media(
        folder, b"ffconcat version 1.0\nfile '%s'\n" % os.fsencode(secret)
    ),
    "text for a film": lambda folder, _: _media(folder, b"<html>no film</html>" * 99),
    "nothing for a film": lambda folder, _: _media(folder, b""),
    "link for a film": lambda folder, secret: (folder / f"x [{VIDEO}].mkv").symlink_to(secret),
    "pipe for a film": lambda folder, _: os.mkfifo(folder / f"x [{VIDEO}].webm"),
    "deep facts of a film": lambda folder, _: _media(folder, b"[" * 99_999, f"x [{VIDEO}].info.json"),
    "odd facts of a film": lambda folder, _: _media(folder, b'{"id":"x","duration":1e308}', f"x [{VIDEO}].info.json"),
    "pipe for facts": lambda folder, _: os.mkfifo(folder / f"x [{VIDEO}].info.json"),
}
"""Changes to a channel's folder, given the path of a secret outside the vault."""


def lay_out_tricks(vault: Path, secret: Path) -> int:
    """Make a folder with a good note for each trick and return their number."""
    for number, (name, trick) in enumerate(TRICKS.items()):
        folder = vault / f"{number} {name}"
        folder.mkdir(parents=True)
        (folder / "good.md").write_bytes(NOTE)
        trick(folder, secret)
    return len(TRICKS)
