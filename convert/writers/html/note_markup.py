"""Makes the markup of a note, its text for the search, and its subtitles if there is a media file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from html import unescape
from typing import TYPE_CHECKING

import msgspec

from convert.document.book import NoteSummary
from convert.document.note import Note, Video
from convert.document.walk import below_title, formula_lines
from convert.extract.subtitles import Cue, note_cues
from convert.extract.topics import Mention, Mentions
from convert.render.book_pages import PictureFolder, encodable, watch_links, watch_page
from convert.render.typography import book_style
from convert.render.xhtml import Policy, anchor, render_blocks, xml_text
from convert.render.xhtml.code import coloured
from convert.render.xhtml.mathml import Formulas
from convert.writers.base import Job
from convert.writers.html.documents import SitePages

if TYPE_CHECKING:
    from convert.writers.html import HtmlOptions

# All text in the markup is escaped, so these match elements and never text of a note.
_SECTION = re.compile(r'<section id="([^"]+)">\n')
_HEADING = re.compile(r"<h[1-6]>.*?</h[1-6]>\n", re.DOTALL)
_STAMP = re.compile(r'<(?:a|span) class="stamp[^<>]*+>[^<]*+</(?:a|span)>')
_FIRST_TIME = re.compile(r'<a class="stamp(?!-)[^<>]*t=([0-9]++)s?"')
_LABEL = re.compile(r'(<a class="stamp[^<>]* aria-label=")([^"<]*+)">([^<]*+)<')
_TABLE = re.compile(r"<table(?: id=[^<>]*+)?>")
_LONG_FORMULA = re.compile(r'<math alttext="[^"]{24}')
_PRE = re.compile(r"<pre(?= id=|>)")
_APART = re.compile(r"</t[dh]>|<br/>")
_TAG = re.compile(r"<[^<>]++>")


class SearchText(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A searchable section without its subsections; `second` is -1 if unknown."""

    fragment: str
    heading: str
    second: int
    text: str


class NoteMarkup(msgspec.Struct, frozen=True, gc=False):
    """The data from `part` for `assemble`."""

    markup: str
    texts: tuple[SearchText, ...]
    cues: tuple[Cue, ...]
    pictures: tuple[str, ...] = ()
    """The names of the pictures in the markup."""
    topics: tuple[Mention, ...] = ()


def note_markup(note: Note, job: Job[HtmlOptions]) -> bytes:
    """Return a `NoteMarkup` as MessagePack."""
    pages = SitePages(job.book)
    summary = pages.summaries[note.id]
    name, prefix = pages.address(summary)
    pictures, formulas, topics = PictureFolder(), Formulas(), Mentions(note.id)
    policy = Policy(
        link=partial(pages.href, page=name),
        watch=_watch(note.video, note, job),
        watch_other=partial(_watch, note=note, job=job),
        meet=topics.meet,
        image=pictures,
        code=coloured,
        math=formulas,
        heading=2 if pages.page_of(summary).part.shares_title() else 3,
        prefix=prefix,
        style=book_style(job.book, pages.own_language(summary)),
        language=pages.language,
        breaks=summary.breaks,
    )
    blocks = below_title(note, summary.repeated())
    markup = render_blocks(blocks, policy)
    if formulas.plain:
        job.warn_of_formulas(note.path, formula_lines(note.blocks), formulas.plain, "the site")
    cues = note_cues(note) if note.video in job.media else []
    # The search finds the text of embedded notes in those notes, with their own times.
    own = render_blocks(blocks, replace(policy, watch_other=None)) if "<figure" in markup else markup
    part = NoteMarkup(
        markup=_reachable(markup, pages),
        texts=tuple(_search_texts(own, summary, prefix)),
        cues=tuple([(start_ms, xml_text(text)) for start_ms, text in cues]),
        pictures=tuple(sorted(pictures.names)),
        topics=encodable(topics.all()),
    )
    return msgspec.msgpack.encode(part)


def _watch(video: Video | None, note: Note, job: Job[HtmlOptions]) -> Callable[[int], str | None]:
    """Return the function that returns the address of a moment: a fragment if only the media file can show it."""
    if video is not None and video == note.video and video in job.media and watch_page(video) is None:
        return lambda ms: f"#t={ms // 1000}"
    return watch_links(video)


def _reachable(markup: str, pages: SitePages) -> str:
    """Return the markup with scrollable boxes around wide content, and stamps that can be called by voice."""
    if "<table" in markup:
        box = rf'<div class="wide" role="group" aria-label="{pages.say("Table")}" tabindex="0">\g<0>'
        markup = _TABLE.sub(box, markup).replace("</table>", "</table></div>")
    if "<math" in markup:
        markup = "</math>".join(_boxed(markup.split("</math>"), pages.say("Formula")))
    # WCAG 2.5.3: the name of a link begins with its visible text.
    markup = _LABEL.sub(r'\1\3, \2">\3<', markup)
    return _PRE.sub('<pre tabindex="0"', markup)


def _boxed(ended: Sequence[str], named: str) -> Iterator[str]:
    """Yield what ends with each formula, long ones in boxes: they are scrolled alone, never the page."""
    after = ""
    for piece in ended:
        found = _LONG_FORMULA.search(piece)
        box = f'<span class="formula" role="group" aria-label="{named}">' if found else ""
        yield after + (piece[: found.start()] + box + piece[found.start() :] if found else piece)
        after = "</span>" if found else ""


def _search_texts(markup: str, summary: NoteSummary, prefix: str) -> list[SearchText]:
    headings = {prefix + anchor(heading.id): xml_text(heading.text) for heading in summary.headings}
    before, *rest = _SECTION.split(markup)
    texts = [_search_text(prefix[:-1], "", before)] if _text(before) else []
    for fragment, inner in zip(rest[::2], rest[1::2], strict=True):
        heading = _HEADING.match(inner)
        inner = inner[heading.end() :] if heading else inner
        texts.append(_search_text(fragment, headings.get(fragment, ""), inner))
    return texts


def _search_text(fragment: str, heading: str, markup: str) -> SearchText:
    found = _FIRST_TIME.search(markup)
    return SearchText(fragment, heading, int(found[1]) if found else -1, _text(markup))


def _text(markup: str) -> str:
    *before, last = _STAMP.split(markup)
    without_stamps = "".join([*map(str.rstrip, before), last])
    return unescape(" ".join(_TAG.sub("", _APART.sub(" ", without_stamps)).split()))
