"""Makes the cards of a note as Anki stores them, with fields that Anki shows exactly as written.

Anki inserts fields into its templates without escaping: field braces, cloze deletions, LaTeX, sound and speech
commands are active inside a field, and MathJax reads the page after entities are decoded.

A card also has the address that opens its note in Obsidian, at the heading above it.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from typing import Any
from urllib.parse import quote

import msgspec

from convert.document import nodes as n
from convert.document.book import LATIN, language_tag, same_script, script_language
from convert.document.note import Home, Note, NoteHead, Video, normalized, tags_of
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.document.walk import all_blocks, descend, inlines, plain_text, video_at
from convert.extract.cards import Card, Gap
from convert.extract.cards.model import shortened
from convert.render.book_pages import direction_of
from convert.render.furniture import say
from convert.render.tex import unknown_commands
from convert.render.typography import Style, as_lines, typeset, typeset_line
from convert.render.xhtml import Policy, render_blocks, render_inlines, tex_as_code

MOST_TAGS = 100
"""Tags of a note, the first ones: each of its cards carries them all."""
LONGEST_TAG = 200
LONGEST_TAGS = 4000
"""Characters of a tag, and of all together."""
LONGEST_TITLE = 300
LONGEST_CONTEXT = 1000
"""Characters of the note's title and of the headings on each card."""
WORDS = 80
"""Characters of a front that are kept for comparison."""

PICTURES = "notebind-"
"""Prefix of picture names, because Anki keeps the pictures of all decks in one folder."""
PICTURE = re.compile(rf'<img src="{PICTURES}([0-9a-f]++\.[a-z]++)"')
"""Matches a picture in our fields; text of a note cannot contain tags."""

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")
_ACTIVE = re.compile(r"\{\{|\}\}|::|\[(?=latex\]|/latex\]|\$|/\$|sound:|anki:)|\\(?=[(\[)\]])", re.IGNORECASE)
_ENTITIES = {"{{": "&#123;&#123;", "}}": "&#125;&#125;", "::": "&#58;&#58;", "[": "&#91;"}
_TAG = re.compile(r"(<[^<>]*+>)")
_NOT_IN_TAGS = re.compile(r"""[\s"'*\\:(){}\[\]<>&,;]++""")
_HYPHENS = re.compile(r"-{2,}+")
_COLONS = re.compile(r":{2,}+")
_BLANKS = re.compile(r"\s++")
_RUBY = re.compile(r"&lt;ruby&gt;([^<>\n]{1,2000}?)&lt;/ruby&gt;")
_RUBY_TAG = re.compile(r"&lt;(/?)(rt|rp|rb)&gt;")
# Noncharacters replace the delimiters of MathJax until the rest is inert; text of a note cannot contain them.
_MATH = {"\ufdd0": "\\(", "\ufdd1": "\\)", "\ufdd2": "\\[", "\ufdd3": "\\]"}


class DeckCard(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A card as Anki stores it, without its identity in the deck."""

    kind: str
    rule: str
    owner: str
    """The video, else the note; the identity depends on this and on `anchor`."""
    anchor: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    words: str
    """The front as plain text, to recognise the card if its anchor vanishes."""
    start_ms: int | None
    path: str
    line: int


CARDS = msgspec.msgpack.Decoder(list[DeckCard])


def deck_cards(
    cards: Iterable[Card],
    note: Note | NoteHead,
    links: ObsidianLinks | None = None,
    style: Style | None = None,
    language: str = "en",
    breaks: bool = False,
) -> list[DeckCard]:
    """Return the cards of a note with finished fields; `links` lead to the note in Obsidian.

    `style` has the quotes of the fields; without it, signs stay as they are written. `language` is that of labels.
    `breaks` tells whether ends of lines are shown as such.
    """
    owner, path = field_text(owner_of(note.video, note.id)), field_text(note.path)
    tags = _own_tags(note) | {f"channel::{tag(note.channel)}", f"note::{tag(note.slug)}"}
    tags |= {video_tag(note.video)} if note.video else set()
    finished = []
    for card in cards:
        front = face_html(as_lines(card.front, breaks), style)
        back = blocks_html(card.back, style, language, breaks) + _still(card, note)
        if isinstance(note, Note):
            video = video_at(note, card.line, card.start_ms)
        else:
            video = None if note.videos else note.video
        shown: tuple[str, ...] = (front, back, _context(card, style), _source(card, note.title, style))
        if spoken := _spoken(front + back, note):
            shown = tuple([f"<div{spoken}>{one}</div>" if one else "" for one in shown])
        fields = (*shown[:3], _watch(card, video, links, language), shown[3])
        words = "".join(["[…]" if isinstance(node, Gap) else plain_text((node,)) or " " for node in card.front])
        finished.append(
            DeckCard(
                kind=card.kind,
                rule=card.rule,
                owner=owner,
                anchor=field_text(card.anchor),
                fields=fields,
                tags=tuple(sorted([*tags, f"rule::{card.rule}"])),
                words=field_text(" ".join(words.split()))[:WORDS],
                start_ms=card.start_ms,
                path=path,
                line=card.line,
            )
        )
    return finished


def _still(card: Card, note: Note | NoteHead) -> str:
    """Return the picture of the film at the time of the card, unless its back shows pictures."""
    if not isinstance(note, Note) or not note.stills or card.start_ms is None:
        return ""
    if any(isinstance(node, n.Image) for node in inlines(card.back)):
        return ""
    found = next((one.picture for one in note.stills if one.ms == card.start_ms), None)
    return f'<p><img src="{PICTURES}{found.name}" alt="{clock(card.start_ms)}"/></p>' if found else ""


def _context(card: Card, style: Style | None) -> str:
    """Return the line on top in two parts: on a narrow card the first ends early."""
    title, arrow, heading = escaped(typeset(card.context[:LONGEST_CONTEXT], style)).rpartition(" › ")
    parts = [f'<span class="nb-place">{part}</span>' for part in (title, f"› {heading}")]
    return " ".join(parts) if arrow else heading


def _source(card: Card, title: str, style: Style | None) -> str:
    """Return the sentence as written, and the title, which the style sheet hides if the line on top has said it."""
    cite = f"<cite>{escaped(shortened(typeset(title, style), LONGEST_TITLE))}</cite>"
    if card.context and not title.startswith(card.context.partition(" › ")[0].rstrip("…")):
        cite = f'<span class="nb-title">{cite}</span>'
    if card.kind == "cloze" or not card.sentence:
        return cite
    quoted = face_html(card.quoted, style) if card.quoted else escaped(typeset(card.sentence, style))
    return f"{quoted}<br>{cite}"


def _spoken(html: str, note: Note | NoteHead) -> str:
    """Return the attributes of a card that is not in Latin letters: its language, and its direction from the right."""
    told = script_language(html)
    written = language_tag(note.meta.get("language") or note.meta.get("lang") or "")
    if told in ("", LATIN):
        return ""
    language = written if same_script(written, told) else told
    return f' lang="{language}"' + (' dir="rtl" style="text-align: right"' if direction_of(language) == "rtl" else "")


def video_tag(video: Video) -> str:
    """Return the tag of the cards about a video, with its whole id: it may begin with a hyphen, or have two."""
    return f"video::{_NOT_IN_TAGS.sub('-', field_text(video.id))}"


def _own_tags(note: Note | NoteHead) -> set[str]:
    """Return the tags of the front matter as those of a card: the first ones, as each card has them all."""
    named = [name[:LONGEST_TAG].split("/") for name in tags_of(note.meta)[:MOST_TAGS]]
    tags = [f"tag::{'::'.join(map(tag, levels))}" for levels in named]
    return {one for one, end in zip(tags, accumulate(map(len, tags)), strict=True) if end <= LONGEST_TAGS}


def owner_of(video: Video | None, note_id: str) -> str:
    """Return the owner of a note's cards: its video, else the note."""
    return f"{video.provider}:{video.id}" if video else note_id


def _watch(card: Card, video: Video | None, links: ObsidianLinks | None, language: str) -> str:
    """Return the links to the second of the video and to the heading of the note."""
    words = ("Watch the video",) if card.start_ms is None else ("Watch at {}", clock(card.start_ms))
    video_url, note_url = watch_url(video, card.start_ms) if video else "", links.address(card.line) if links else ""
    named = ((video_url, say(language, *words)), (note_url, say(language, "Open in {}", "Obsidian")))
    return " ".join([f'<a href="{escaped(address)}">{text}</a>' for address, text in named if address])


def field_text(text: str) -> str:
    """Return the text in NFC without control characters and lone surrogates; U+001F would end a field."""
    if text.isascii() and text.isprintable():
        return text
    return normalized("NFC", _UNSAFE.sub("", text))


def escaped(text: str) -> str:
    """Return plain text as the HTML of a field in which nothing is active."""
    text = text if text.isascii() and text.isprintable() else field_text(text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return _inert(text) if _ACTIVE.search(text) else text


def _inert(html: str) -> str:
    """Return well-formed HTML in which no markup of Anki or MathJax is active, neither in text nor in attributes."""
    parts = _TAG.split(html)
    parts[0::2] = [_ACTIVE.sub(lambda found: _ENTITIES.get(found[0], "\\<span></span>"), part) for part in parts[0::2]]
    parts[1::2] = [_ACTIVE.sub(lambda found: _ENTITIES.get(found[0], found[0]), part) for part in parts[1::2]]
    return "".join(parts)


def tag(text: str) -> str:
    """Return the text as part of a tag: without blanks, `::` levels, quotes, wildcards and brackets."""
    return _HYPHENS.sub("-", _NOT_IN_TAGS.sub("-", field_text(text))).strip("-") or "none"


def deck_level(text: str) -> str:
    """Return the text as one level of a deck name: without `::`, and without quotes, which would break searches."""
    return _BLANKS.sub(" ", _COLONS.sub(":", field_text(text)).replace('"', "'")).strip(" :") or "Notes"


def blocks_html(
    blocks: tuple[n.Block, ...], style: Style | None = None, language: str = "en", breaks: bool = False
) -> str:
    """Return the HTML of blocks in which nothing is active; `language` is that of words that are not of the note."""
    return _finished(render_blocks(blocks, _policy(style, language, breaks))).strip() if blocks else ""


def _with_ruby(found: re.Match[str]) -> str:
    """Return the escaped text of a `<ruby>` element as that element, unless the tags in it are not in pairs."""
    tags = _RUBY_TAG.findall(found[1])
    pairs = zip(tags[::2], tags[1::2], strict=False)
    if len(tags) % 2 or "&lt;ruby&gt;" in found[1] or any(a != ("", name) or end != "/" for a, (end, name) in pairs):
        return found[0]
    inside = _RUBY_TAG.sub(r"<\1\2>", found[1])
    return f"<ruby>{inside}</ruby>"


def inlines_html(inlines: Sequence[n.Inline]) -> str:
    """Return the HTML of inline nodes in which nothing is active."""
    texts = [node.text for node in inlines if type(node) is n.Text]
    if len(texts) == len(inlines) and "<ruby>" not in texts:
        return escaped("".join(texts))
    return _finished(render_inlines(inlines, _policy())).strip("\n")


def face_html(face: Sequence[n.Inline | Gap], style: Style | None = None) -> str:
    """Return the HTML of a front; its gaps become Anki's cloze deletions."""
    if style:
        line = [inline for node in face for inline in (node.children if isinstance(node, Gap) else (node,))]
        face = _with_texts(face, typeset_line(line, style))
    html = []
    run: list[n.Inline] = []
    for node in face:
        if not isinstance(node, Gap):
            run.append(node)
            continue
        hint = f"::{escaped(node.hint)}" if node.hint else ""
        html += [inlines_html(run), f"{{{{c{node.number}::{inlines_html(node.children)}{hint}}}}}"]
        run = []
    return "".join([*html, inlines_html(run)])


def _with_texts(face: Iterable[Any], texts: dict[int, str]) -> tuple[Any, ...]:
    """Return nodes with other texts, by `id` of the node."""
    done = []
    for node in face if texts else ():
        if id(node) in texts:
            node = n.Text(texts[id(node)])
        elif isinstance(node, n.Parent | Gap):
            node = msgspec.structs.replace(node, children=_with_texts(node.children, texts))
        done.append(node)
    return tuple(done) if texts else tuple(face)


@cache
def _policy(style: Style | None = None, language: str = "en", breaks: bool = False) -> Policy:
    shown: dict[str, Any] = {"style": style, "language": language, "breaks": breaks}
    return Policy(math=_math, heading=3, image=_picture, anchors=False, **shown)


def _picture(image: n.Image) -> str | None:
    return PICTURES + image.picture.name if image.picture else None


def _math(node: n.Math) -> str:
    """Return the formula for MathJax, as code if it has commands that are no maths: some load files or run scripts."""
    if any(command.startswith("\\") for command in unknown_commands(node.tex)):
        return tex_as_code(node)
    left, right = ("\ufdd2", "\ufdd3") if node.display else ("\ufdd0", "\ufdd1")
    return left + tex(node.tex) + right


def tex(source: str) -> str:
    """Return TeX source for MathJax, without double braces, double colons and delimiters."""
    safe = field_text(source).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    while "{{" in safe or "}}" in safe:
        safe = safe.replace("{{", "{ {").replace("}}", "} }")
    safe = safe.replace("::", ":{}:").replace("\\(", "(").replace("\\)", ")").replace("\\]", "]").replace("[", "&#91;")
    return safe + " " if safe.endswith(("\\", "}")) else safe


def _finished(html: str) -> str:
    """Return the HTML made inert, with MathJax delimiters around its formulas, and with its ruby as elements."""
    html = _inert(html) if _ACTIVE.search(html) else html
    html = _RUBY.sub(_with_ruby, html) if "&lt;ruby&gt;" in html else html
    if "\ufdd0" in html or "\ufdd2" in html:
        for stand_in, delimiter in _MATH.items():
            html = html.replace(stand_in, delimiter)
    return html


_NOT_IN_LINKS = re.compile(r"[\[\]#|^:\\%]")
"""Characters that Obsidian replaces by blanks in links to headings."""


class ObsidianLinks:
    """The addresses of the headings of a note."""

    def __init__(self, note: Note, vault: str = "") -> None:
        """Collect the headings; `vault` is the name of the vault if the user gave one."""
        name = os.path.splitext(os.path.basename(note.path.replace("\\", "/")))[0]
        home = note.home if isinstance(note.home, Home) else Home("", name)
        self._vault, self._file = vault or home.vault, home.file
        headings = [block for block in all_blocks(note.blocks) if isinstance(block, n.Section)] if self._vault else []
        self._lines = [section.line for section in headings]
        self._headings = [_as_written(section) for section in headings]

    def address(self, line: int) -> str:
        """Return the address that opens the note at the heading above a line, "" outside Obsidian vaults."""
        if not self._vault:
            return ""
        index = bisect_right(self._lines, line) - 1
        heading = self._headings[index] if index >= 0 else ""
        target = f"{self._file}#{heading}" if heading else self._file
        return f"obsidian://open?vault={_quoted(self._vault)}&file={_quoted(target)}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _as_written(section: n.Section) -> str:
    """Return a heading as a link to it names it: with its stamps, without characters that links cannot hold."""
    parts = []
    for node in descend(section.title):
        if isinstance(node, n.Stamp):
            parts.append(f" {node.raw} ")
        elif isinstance(node, n.Text | n.Code):
            parts.append(node.text)
        elif isinstance(node, n.Math):
            parts.append(f"${node.tex}$")
    return " ".join(_NOT_IN_LINKS.sub(" ", "".join(parts)).split())[:500]
