"""Shared by EPUB and site: titles, file names, links between the notes of a book, and the topics that they name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from html import escape
from itertools import groupby
from operator import attrgetter

import msgspec

from convert.document.book import Book, NoteSummary, language_tag, same_script
from convert.document.nodes import Destination, Image
from convert.document.note import Video
from convert.document.video import watch_url
from convert.extract.topics import Mention
from convert.render.furniture import all_words, say, speaks
from convert.render.typography import Style, book_style, typeset
from convert.render.xhtml import anchor, attribute, no_target, web_address, xml_text

PICTURES = "images/"
"""The folder of the notes' pictures in an EPUB and in a site."""

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"})


_LONGEST_TITLE = 300
_GROUPS = "\u202f"


@lru_cache(maxsize=1 << 14)
def one_line(title: str, otherwise: str = "Untitled") -> str:
    """Return a title on one line, without characters that XML forbids; `otherwise` if nothing is left."""
    return " ".join((title if title.isprintable() else xml_text(title)).split()) or otherwise


@lru_cache(maxsize=1 << 14)
def shortened(title: str, style: Style | None = None) -> str:
    """Return `one_line(title)` as it is shown, cut to a length that suits a table of contents."""
    return cut(typeset(one_line(title), style), _LONGEST_TITLE)


@lru_cache(maxsize=1 << 14)
def title_html(title: str, style: Style | None = None) -> str:
    """Return `one_line(title)` as it is shown, as the content of an element."""
    return escape(typeset(one_line(title), style), quote=False)


@lru_cache(maxsize=1 << 14)
def short_html(title: str, style: Style | None = None) -> str:
    """Return `shortened(title)` as the content of an element."""
    return escape(shortened(title, style), quote=False)


class PictureFolder(msgspec.Struct):
    """Renders images whose files are in the folder `PICTURES`, and records which ones."""

    names: set[str] = set()
    undescribed: bool = False
    """Whether one of them has no alt text."""

    def __call__(self, image: Image) -> str | None:
        if image.picture is None:
            return None
        self.names.add(image.picture.name)
        self.undescribed |= not image.alt.strip()
        return PICTURES + image.picture.name


class BookPages:
    """The pages of a book and the links between its notes; subclasses say which page a note is on.

    Instances are cheap to create: every note has its own.
    """

    ENGLISH = ' lang="en" dir="ltr"'
    """Attributes of the program's own words in a book whose language they are not known in: they are English then."""
    list_html: Callable[[str, Style | None], str] = staticmethod(title_html)
    """Returns a title as it appears in lists, as markup."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.summaries = book.by_id
        self.language = language_tag(book.language)
        self.direction = direction_of(self.language)
        self.english = "" if speaks(self.language) else self.ENGLISH
        self.style = book_style(book)
        self._fragments: dict[str, frozenset[str]] = {}

    def title(self, title: str) -> str:
        """Return a title as the content of an element."""
        return title_html(title, self.style)

    def short(self, title: str) -> str:
        """Return a title as the content of an element, cut to a length that suits a list."""
        return short_html(title, self.style)

    def line(self, title: str) -> str:
        """Return a title as text on one line."""
        return typeset(one_line(title), self.style)

    def say(self, words: str, *values: object) -> str:
        """Return words of the program in the language of the book, with values in their places."""
        return say(self.language, words, *values)

    def own_language(self, summary: NoteSummary) -> str:
        """Return the language of a note as its front matter says or its script tells, "und" if it is the book's."""
        if written := summary.meta.get("language") or summary.meta.get("lang"):
            return language_tag(written)
        return "und" if not summary.language or same_script(summary.language, self.language) else summary.language

    def address(self, summary: NoteSummary) -> tuple[str, str]:
        """Return the file of a note's page and the prefix of the note's ids there: "" if it has the page to itself."""
        raise NotImplementedError

    def href(self, to: Destination, page: str = "") -> str | None:
        """Return the address of a link on `page`: the whole note if the section is missing, None outside the book.

        Files and fragments are ASCII without quotes and brackets, so they need no escaping in an attribute.
        """
        summary = self.summaries.get(to.note)
        if summary is None:
            return None
        name, prefix = self.address(summary)
        fragment = prefix[:-1]
        if to.section:
            if summary.id not in self._fragments:
                self._fragments[summary.id] = summary.fragments()
            if to.section in self._fragments[summary.id]:
                fragment = prefix + anchor(to.section)
        return f"{'' if name == page else name}#{fragment}" if fragment else name

    def items(self, summaries: Iterable[NoteSummary]) -> str:
        """Return the items of a list of links to notes."""
        items = ""
        for summary in summaries:
            name, prefix = self.address(summary)
            fragment = f"#{prefix[:-1]}" if prefix else ""
            items += f'<li><a href="{name}{fragment}">{self.list_html(summary.title, self.style)}</a></li>\n'
        return items

    def linking_to(self, summary: NoteSummary) -> list[NoteSummary]:
        """Return the other notes of the book that link to a note."""
        return [self.summaries[name] for name in summary.linked_from if name in self.summaries and name != summary.id]

    def channels(self) -> tuple[str, ...]:
        """Return the channels that the notes come from, in order."""
        return tuple(dict.fromkeys(map(attrgetter("channel"), self.summaries.values())))


class Topic(msgspec.Struct, frozen=True, gc=False):
    """A headword of the index: key, title, and (address, title as markup) of the notes or sections that name it."""

    key: str
    title: str
    references: tuple[tuple[str, str], ...]


def encodable(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Return the mentions as MessagePack can encode them: without lone surrogates."""
    if "".join([one.key + one.title + one.section for one in mentions]).isprintable():
        return mentions
    return tuple([Mention(xml_text(one.key), xml_text(one.title), xml_text(one.section)) for one in mentions])


def topics(pages: BookPages, mentions: Iterable[tuple[Mention, ...]]) -> list[Topic]:
    """Return the topics that the notes name, by title, with a reference to each note.

    In a book of one note the references are its sections.
    """
    single = len(pages.summaries) == 1
    found: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {}
    for summary, named in zip(pages.summaries.values(), mentions, strict=True):
        headings = {heading.id: heading.text for heading in summary.shown_headings()} if named else {}
        for mention in named:
            _, references = found.setdefault(mention.key, (shortened(mention.title), {}))
            unit = mention.section if single else summary.id
            if unit not in references:
                name, prefix = pages.address(summary)
                fragment = prefix + anchor(mention.section) if mention.section in headings else prefix[:-1]
                title = headings.get(mention.section, "").strip() if single else ""
                address = f"{name}#{fragment}" if fragment else name
                references[unit] = (address, pages.short(title or summary.title))
    listed = [Topic(key, title, tuple(references.values())) for key, (title, references) in found.items()]
    return sorted(listed, key=lambda topic: (bare_letters(topic.title), topic.key))


@lru_cache(maxsize=1 << 14)
def bare_letters(title: str) -> str:
    """Return the letters, digits and blanks of a title, without accents and case."""
    folded = unicodedata.normalize("NFKD", title).casefold()
    return "".join([char for char in folded if char.isalnum() or char == " "])


def _initial(topic: Topic) -> str:
    """Return the letter under which the index lists a topic, "#" if its title begins with another character."""
    letters = bare_letters(topic.title).strip()
    return letters[0].upper() if letters and letters[0].isalpha() else "#"


def by_initial(found: list[Topic]) -> list[tuple[str, list[Topic]]]:
    """Return sorted topics by their initials, "#" last."""
    letters = [(letter, list(group)) for letter, group in groupby(found, _initial)]
    return sorted(letters, key=lambda letter: letter[0] == "#")


def topic_head(topic: Topic, pages: BookPages) -> str:
    """Return the line with the title of a topic, which leads to the note of that name if there is one."""
    title, href = pages.short(topic.title), pages.href(Destination(topic.key))
    head = f'<a class="term" href="{href}">{title}</a>' if href else title
    return f'<p class="term">{head}</p>\n'


def topic_places(topic: Topic) -> str:
    """Return the list of the notes or sections that name a topic."""
    places = [f'<li><a href="{href}">{text}</a></li>\n' for href, text in topic.references]
    return f'<ul class="places">\n{"".join(places)}</ul>'


@lru_cache(maxsize=1 << 12)
def watch_page(video: Video | None) -> str | None:
    """Return the address of a video; None without a video, or if its id makes no valid address."""
    address = watch_url(video) if video is not None else ""
    return address if address and web_address(address) == address else None


@lru_cache(maxsize=1 << 12)
def watch_href(video: Video | None) -> str | None:
    """Return `watch_page(video)` as the value of an attribute."""
    address = watch_page(video)
    return attribute(address) if address else None


def watch_others(summaries: Iterable[NoteSummary], style: Style | None = None) -> list[str]:
    """Return links to the other videos of notes about several, each once: its title, or its address if it has none."""
    links: dict[str, str] = {}
    for summary in summaries:
        for video, title in summary.other_videos():
            if address := watch_href(video):
                words = short_html(title, style) if title != summary.title else address.partition("//")[2]
                links.setdefault(address, f'<a class="watch" href="{address}">{words}</a>')
    return list(links.values())


def watch_links(video: Video | None) -> Callable[[int], str | None]:
    """Return a function that returns the address of a moment in milliseconds, as the value of an attribute.

    It returns None if there is no address.
    """
    if video is None or watch_href(video) is None:
        return no_target
    if "?" in video.id:  # what is added to such an address begins with "&"
        return lambda ms: attribute(watch_url(video, ms))
    return partial(watch_url, Video(video.provider, attribute(video.id)))


def page_stem(text: str, identity: str, longest: int) -> str:
    """Return a file name without suffix: readable ASCII in lower case up to `longest`, then a hash of the identity."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    stem = _NOT_IN_NAMES.sub("-", folded)[:longest].strip("-")
    digest = hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{stem}-{digest}" if stem else digest


def cut(text: str, longest: int) -> str:
    """Return the text with an ellipsis at its end if it is longer than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def direction_of(language: str) -> str:
    """Return the direction in which a language is read: "rtl" or "ltr"."""
    return "rtl" if language.split("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def counted(number: int, unit: str) -> str:
    """Return `1 note`, `1,117 notes`."""
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def counts(language: str, *numbers: tuple[str, int]) -> str:
    """Return labels of the furniture with numbers, `Notizen: 1 117 · Videos: 3`: languages differ in plurals."""
    return " · ".join([f"{say(language, label)}: {f'{number:,}'.replace(',', _GROUPS)}" for label, number in numbers])


def extent(book: Book) -> str:
    """Return the size of a book: `12 notes on 3 videos`."""
    videos = len([*filter(attrgetter("video"), book.parts)])
    if all_words(book.language):
        return counts(book.language, ("Notes", len(book.by_id)), *([("Videos", videos)] if videos else []))
    notes = counted(len(book.by_id), "note")
    return f"{notes} on {counted(videos, 'video')}" if videos else notes
