"""Shows a note as a short outline for tests: one line for each block, with a notation for inline nodes.

`"text"` `code"x"` `math"x"` `display"x"` `br` `em(...)` `link<url>(...)` `wiki<target#heading>(...)`
`embed<target|label>` `image<url>"alt"` `@1:02` (a stamp) `?raw` (one without a time) `^label`
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from convert.document import nodes as n
from convert.document.timecode import clock
from convert.reader import Reading

_NAMES: dict[type, str] = {
    n.Emphasis: "em",
    n.Strong: "strong",
    n.Strike: "strike",
    n.Superscript: "sup",
    n.Subscript: "sub",
    n.Highlight: "mark",
}


def outline(reading: Reading) -> str:
    """Return the tree of a reading and its diagnostics, one line each."""
    lines = [line for block in reading.note.blocks for line in block_lines(block)]
    return "\n".join([*_head(reading), *lines, *(f"! {one.line} {one.code}" for one in reading.diagnostics)])


def _head(reading: Reading) -> Iterator[str]:
    """Yield the lines above the text: title, video and front matter."""
    note = reading.note
    if note.title != "note" and note.title not in (heading.text for heading in reading.facts.headings[:1]):
        yield f"title {note.title}"
    if note.video:
        yield f"video {note.video.provider}/{note.video.id}"
    yield from (f"meta {key}={value}" for key, value in note.meta.items())
    yield from (f"alias {name}" for name in note.aliases)
    if note.origin:
        yield f"from {run([note.origin])}"


def block_lines(block: n.Block) -> Iterator[str]:
    """Yield a block and the blocks in it, indented by two spaces a level; a name follows the kind (`p^name`)."""
    lines = _lines(block)
    if name := getattr(block, "name", ""):
        kind, blank, rest = next(lines).partition(" ")
        yield f"{kind}^{name}{blank}{rest}"
    yield from lines


def _lines(block: n.Block) -> Iterator[str]:
    match block:
        case n.Paragraph(children):
            yield f"p {run(children)}"
        case n.Section(id, level, title, children):
            yield f"h{level} {id} {run(title)}".rstrip()
            yield from _inside(children)
        case n.List(items, start=start, tight=tight):
            yield ("list" if start is None else f"list {start}") + ("" if tight else " loose")
            for item in items:
                yield "  item" + ("" if item.checked is None else " done" if item.checked else " to do")
                yield from _inside(item.children, "    ")
        case n.Quote(children):
            yield "quote"
            yield from _inside(children)
        case n.Callout(kind, title, children, fold=fold):
            yield " ".join(filter(None, ("callout", kind, fold, run(title))))
            yield from _inside(children)
        case n.Group(kind, title, children):
            yield f"{kind} {run(title)}".rstrip()
            yield from _inside(children)
        case n.CodeBlock(text, language=language):
            yield f"code {language}".rstrip()
            yield from (f"  | {line}".rstrip() for line in text.split("\n"))
        case n.Table(alignments, head, rows):
            yield "table " + ",".join(alignment or "-" for alignment in alignments)
            for row in (head, *rows):
                yield "  " + " | ".join(run(cell) or "-" for cell in row.cells)
        case n.Footnote(label, children):
            yield f"footnote {label}"
            yield from _inside(children)
        case n.Rule():
            yield "rule"
        case n.EmbedBlock(embed):
            yield run([embed])


def _inside(blocks: Iterable[n.Block], by: str = "  ") -> Iterator[str]:
    for block in blocks:
        for line in block_lines(block):
            yield by + line


def run(inlines: Iterable[n.Inline]) -> str:
    """Return inline nodes on one line."""
    return " ".join(_inline(node) for node in inlines)


def _inline(node: n.Inline) -> str:
    match node:
        case n.Text(text):
            return json.dumps(text, ensure_ascii=False)
        case n.Code(text):
            return "code" + json.dumps(text, ensure_ascii=False)
        case n.Math(tex, display):
            return ("display" if display else "math") + json.dumps(tex, ensure_ascii=False)
        case n.LineBreak():
            return "br"
        case n.Element(name, children, full):
            return f"{name}{full and json.dumps(full, ensure_ascii=False)}({run(children)})"
        case n.Link(url, children):
            return f"link<{url}>({run(children)})"
        case n.WikiLink(target, children, fragment, to):
            leads = f" -> {to.note}#{to.section}".rstrip("#") if to else ""
            return f"wiki<{_target(target, fragment)}{leads}>({run(children)})"
        case n.Embed(target, fragment, label):
            return f"embed<{_target(target, fragment)}{label and '|' + label}>"
        case n.Image(url, alt, width):
            return f"image<{url}{(width and f'|{width}') or ''}>{json.dumps(alt, ensure_ascii=False)}"
        case n.Stamp(raw, start_ms):
            return f"?{raw}" if start_ms is None else f"@{clock(start_ms)}"
        case n.FootnoteMark(label):
            return f"^{label}"
        case _:
            return f"{_NAMES[type(node)]}({run(node.children)})"


def _target(target: str, fragment: str) -> str:
    return f"{target}#{fragment}" if fragment else target
