"""Renders the tree of a note as Markdown."""

from __future__ import annotations

import re
from functools import cached_property
from typing import assert_never

from convert.document import nodes as n
from convert.document.book import Book
from convert.document.note import Note
from convert.document.timecode import clock
from convert.document.video import watch_url

_MEANS_SOMETHING = re.compile(r"([\\`*_\[\]<>&|~$=^])")
_OPENS_A_BLOCK = re.compile(r"^(\s*)(#|[-+](?=\s)|\d+(?=[.)]\s))", re.MULTILINE)
_ALIGNED = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}


def file_name(note_id: str, book: Book) -> str:
    """Return the file name for a note id `channel/slug`, with the channel if the book has several."""
    channel, _, slug = note_id.rpartition("/")
    several = len({entry.channel for entry in book.summaries()}) > 1
    return f"{channel.replace('/', '-')}-{slug}.md" if several else f"{slug}.md"


class MarkdownPage:
    """Renders one note."""

    def __init__(self, note: Note, book: Book, times: bool) -> None:
        self._note = note
        self._book = book
        self._times = times

    def text(self) -> str:
        """Return the whole file."""
        title = [f"# {escaped(self._note.title)}"]
        if self._note.video and (address := watch_url(self._note.video)):
            title.append(f"<{address}>")
        return "\n\n".join([*title, *self._blocks(self._note.blocks)]) + "\n"

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(entry.id for entry in self._book.summaries())

    def _blocks(self, blocks: tuple[n.Block, ...]) -> list[str]:
        return [self._block(block) for block in blocks]

    def _block(self, block: n.Block) -> str:
        match block:
            case n.Paragraph(children=children):
                return _OPENS_A_BLOCK.sub(r"\1\\\2", self._inlines(children))
            case n.EmbedBlock(embed=embed):
                return self._inlines((embed,))
            case n.Section(level=level, title=title, children=children):
                heading = f"{'#' * min(level + 1, 6)} {' '.join(self._inlines(title).split())}"
                return "\n\n".join([heading, *self._blocks(children)])
            case n.List():
                return self._list(block)
            case n.Quote(children=children):
                return _prefixed("\n\n".join(self._blocks(children)), "> ", "> ")
            case n.Callout(kind=kind, title=title, children=children):
                first = self._inlines(title) or kind.capitalize()
                return _prefixed("\n\n".join([f"**{first}**", *self._blocks(children)]), "> ", "> ")
            case n.Group(title=title, children=children):
                return "\n\n".join([*([f"**{self._inlines(title)}**"] if title else []), *self._blocks(children)])
            case n.CodeBlock(text=text, language=language):
                fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
                return f"{fence}{language}\n{text.rstrip()}\n{fence}"
            case n.Table():
                return self._table(block)
            case n.Footnote(label=label, children=children):
                return _prefixed("\n\n".join(self._blocks(children)), f"[^{label}]: ", "    ")
            case n.Rule():
                return "---"
            case _:
                assert_never(block)

    def _list(self, block: n.List) -> str:
        items = []
        for number, item in enumerate(block.items, block.start or 0):
            lead = "- " if block.start is None else f"{number}. "
            box = "" if item.checked is None else "[x] " if item.checked else "[ ] "
            text = ("\n" if block.tight else "\n\n").join(self._blocks(item.children))
            items.append(_prefixed(text, lead + box, " " * len(lead)))
        return ("\n" if block.tight else "\n\n").join(items)

    def _table(self, table: n.Table) -> str:
        rows = [[" ".join(self._inlines(cell).split()) for cell in row.cells] for row in (table.head, *table.rows)]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        lines.insert(1, f"| {' | '.join(_ALIGNED[one] for one in table.alignments)} |")
        return "\n".join(lines)

    def _inlines(self, inlines: tuple[n.Inline, ...]) -> str:
        return "".join(self._inline(inline) for inline in inlines)

    def _inline(self, inline: n.Inline) -> str:
        match inline:
            case n.Text(text=text):
                return escaped(text)
            case n.Code(text=text):
                mark = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
                return f"{mark}{' ' * (len(mark) > 1)}{text}{' ' * (len(mark) > 1)}{mark}"
            case n.Math(tex=tex, display=display):
                return f"$${tex}$$" if display else f"${tex}$"
            case n.LineBreak():
                return "\\\n"
            case n.Emphasis(children=children):
                return f"*{self._inlines(children)}*"
            case n.Strong(children=children):
                return f"**{self._inlines(children)}**"
            case n.Strike(children=children):
                return f"~~{self._inlines(children)}~~"
            case n.Superscript(children=children):
                return f"<sup>{self._inlines(children)}</sup>"
            case n.Subscript(children=children):
                return f"<sub>{self._inlines(children)}</sub>"
            case n.Highlight(children=children):
                return f"<mark>{self._inlines(children)}</mark>"
            case n.Element(name=name, children=children):
                return f"<{name}>{self._inlines(children)}</{name}>"
            case n.Link(url=url, children=children):
                return f"[{self._inlines(children)}](<{_address(url)}>)"
            case n.WikiLink(children=children, to=to):
                return self._linked(self._inlines(children), to)
            case n.Embed(target=target, label=label, to=to):
                return self._linked(escaped(label or target), to)
            case n.Image(url=url, alt=alt):
                return f"![{escaped(alt)}](<{_address(url)}>)"
            case n.Stamp():
                return self._stamp(inline)
            case n.FootnoteMark(label=label):
                return f"[^{label}]"
            case _:
                assert_never(inline)

    def _linked(self, label: str, to: n.Destination | None) -> str:
        """Return a link to a note of this book, or the label alone for any other note."""
        if to is None or to.note not in self._ids:
            return label
        # Markdown renderers use dashes in the ids of headings.
        section = f"#{to.section.replace('_', '-')}" if to.section and to.section[0] != "^" else ""
        return f"[{label}](<{file_name(to.note, self._book)}{section}>)"

    def _stamp(self, stamp: n.Stamp) -> str:
        if stamp.start_ms is None:
            return escaped(stamp.raw)
        shown = clock(stamp.start_ms)
        address = watch_url(self._note.video, stamp.start_ms) if self._note.video and self._times else ""
        return f"[{shown}](<{address}>)" if address else shown


def escaped(text: str) -> str:
    """Return the text with every character escaped that could be markup."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)


def _address(url: str) -> str:
    return re.sub(r"[<>\s]", lambda found: f"%{ord(found[0]):02X}", url)


def _prefixed(text: str, first: str, rest: str) -> str:
    """Put one prefix before the first line of a text and another before its other lines."""
    return first + text.replace("\n", f"\n{rest}")
