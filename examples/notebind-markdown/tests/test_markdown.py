"""The writer as notebind runs it: found by its entry point, links, times and every kind of block."""

from __future__ import annotations

from pathlib import Path

import convert

NOTE = """---
title: A hare & a river
videoId: aqz-KE-bpKQ
---

Words *before* [00:00:02], see [[river#The bank|the bank]] and [[nowhere]].

## The meadow

- one `a``b`
- [x] two

1. first
   more of it

> [!tip] Look
> twice

| a | b |
|---|--:|
| 1\\|2 | ==3== |

```c
int x;
```

A mark[^1] and $x^2$, then # no heading.

[^1]: Its text.
"""
RIVER = "---\ntitle: River\nvideoId: aqz-KE-bpKQ\n---\n\n## The bank\n\nWater [00:00:40].\n"


def built(folder: Path, **options: object) -> dict[str, str]:
    notes = folder / "films"
    notes.mkdir()
    (notes / "hare.md").write_text(NOTE, "utf-8")
    (notes / "river.md").write_text(RIVER, "utf-8")
    report = convert.build(convert.Request((notes,), folder / "out", ("markdown",), {"markdown": options}, jobs=1))
    assert not report.failed()
    return {path.name: path.read_text("utf-8") for path in (folder / "out" / "films.markdown").iterdir()}


def test_links_and_times_lead_somewhere(tmp_path: Path) -> None:
    text = built(tmp_path)["hare.md"]
    assert "[0:02](<https://youtu.be/aqz-KE-bpKQ?t=2>)" in text
    assert "[the bank](<river.md#the-bank>)" in text
    assert "and nowhere." in text


def test_every_block_is_there(tmp_path: Path) -> None:
    text = built(tmp_path)["hare.md"]
    for piece in (
        "# A hare \\& a river",
        "## The meadow",
        "- one ``` a``b ```",
        "- [x] two",
        "1. first",
        "> **Look**",
        "| --- | --: |",
        "| 1\\|2 | <mark>3</mark> |",
        "```c\nint x;\n```",
        "[^1]: Its text.",
        "$x^2$",
    ):
        assert piece in text, piece


def test_times_can_be_left_out(tmp_path: Path) -> None:
    text = built(tmp_path, times=False)["hare.md"]
    assert "0:02" in text
    assert "?t=2" not in text
