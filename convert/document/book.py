"""A book as writers see it: summaries of its resolved notes, in order, without trees."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cached_property
from itertools import chain
from operator import attrgetter

import msgspec

from convert.document.names import apart, file_stem, safe_stem, unique_name
from convert.document.note import HeadingFact, NoteHead, Video, normalized

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


LATIN = "und-Latn"
"""The tag of a text in Latin letters whose language is not known."""
_LONGEST_SAMPLE = 20_000
_NO_WORDS = re.compile(r"https?://[^\s<>]+|<[^<>]*>|`[^`\n]*`")
_LETTER = re.compile("[A-Za-z]")
_OTHER_SCRIPT = re.compile("[^\0-\u036f\u2000-\u2bff\ue000-\uf8ff\ufe00-\ufe0f\ufffd\U0001f000-\U0001ffff]")
"""A letter that is not Latin: no sign of punctuation, symbol or emoji."""
_HEAD = 4_000
"""Characters in which a text in another script has a letter of it; a text is searched for one in each build."""
_OF_SCRIPT = dict(
    re.findall(
        r"(?<![A-Z])([A-Z]++):([a-z]++)",
        "HEBREW:he ARABIC:ar SYRIAC:syr THAANA:dv CYRILLIC:ru GREEK:el ARMENIAN:hy GEORGIAN:ka ETHIOPIC:am BENGALI:bn "
        "DEVANAGARI:hi GURMUKHI:pa GUJARATI:gu ORIYA:or TAMIL:ta TELUGU:te KANNADA:kn MALAYALAM:ml SINHALA:si THAI:th "
        "LAO:lo TIBETAN:bo MYANMAR:my KHMER:km CJK:zh BOPOMOFO:zh HIRAGANA:ja KATAKANA:ja HANGUL:ko",
    )
)
"""The most frequent language of a script, by the first word of the names of its letters."""
_BY_LETTERS = {
    "ar": {"ur": "\u0679\u0688\u0691\u06d2", "fa": "\u067e\u0686\u0698\u06af\u06cc"},
    "ru": {"be": "ў", "mk": "ѓќѕ", "sr": "јљњћђ", "kk": "қғұ", "uk": "іїєґ"},
    "zh": {"zh-Hant": "這個們說時會國學對為來後與過還沒點"},
}
"""Letters that other languages of a script have and its most frequent one has not."""
_COUSINS = {
    **dict.fromkeys(("fa", "ur", "ps", "sd", "ug", "ckb", "ks"), "ar"),
    **dict.fromkeys(("uk", "be", "bg", "mk", "sr", "kk", "ky", "tg", "mn", "tt"), "ru"),
    **dict.fromkeys(("mr", "ne", "sa"), "hi"),
    **dict.fromkeys(("yi",), "he"),
}
"""The most frequent language of the script of each other language."""


def script_language(text: str) -> str:
    """Return the language that the script of most letters of a text tells, `LATIN` for Latin ones, "" without any."""
    if text.isascii() or not _OTHER_SCRIPT.search(text, 0, _HEAD):
        return LATIN if _LETTER.search(text) else ""
    letters = Counter(filter(str.isalpha, _NO_WORDS.sub("", text[:_LONGEST_SAMPLE])))
    found: Counter[str] = Counter()
    for letter, number in letters.items():
        word = re.split("[ -]", unicodedata.name(letter, ""), maxsplit=1)[0]
        found[_OF_SCRIPT.get(word, LATIN)] += number
    if 20 * found["ja"] >= found["zh"] and found["ja"]:
        found["ja"] += found.pop("zh", 0)
    # A character of Chinese, Japanese or Korean stands for several letters.
    weighed = {code: number * (3 if code in ("zh", "ja", "ko") else 1) for code, number in found.items()}
    best = max(weighed, key=weighed.__getitem__, default=LATIN)
    if best != LATIN and 2 * weighed[best] < sum(weighed.values()):
        return LATIN
    several = (code for code, own in _BY_LETTERS.get(best, {}).items() if 100 * _sum(letters, own) >= found[best])
    return next(several, best)


def _sum(letters: Counter[str], own: str) -> int:
    return sum(letters[letter] for letter in own)


def same_script(language: str, other: str) -> bool:
    """Return whether languages are written in one script, as far as `script_language` can tell them apart."""
    one, two = [language.split("-")[0].lower() for language in (language, other)]
    one, two = [_COUSINS.get(code, code if code in _OF_SCRIPT.values() else "") for code in (one, two)]
    return one == two


def language_tag(tag: str) -> str:
    """Return `tag` if it has the form of BCP 47, else "und"."""
    tag = tag.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else "und"


def _folded(title: str) -> str:
    return " ".join(normalized("NFC", title).casefold().split())


class Moment(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A stamp's repaired time; `section` indexes the note's headings, -1 before the first.

    `video` is that of the stamp if it is another one than the note's.
    """

    section: int
    start_ms: int
    video: Video | None = None


class Listed(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A chapter that a list or table names, without a heading of its own: its repaired time, title and line."""

    start_ms: int
    title: str
    line: int
    video: Video | None = None


class NoteSummary(NoteHead, frozen=True, gc=False, array_like=True, kw_only=True):
    """A note without its tree, for contents, timelines and back-links."""

    headings: tuple[HeadingFact, ...] = ()
    blocks: tuple[str, ...] = ()
    """The names of its named blocks, in text order."""
    moments: tuple[Moment, ...] = ()
    """The stamps that have a time, in text order."""
    listed: tuple[Listed, ...] = ()
    """The chapters that its lists and tables of times name."""
    links: tuple[tuple[str, str], ...] = ()
    """(note id, fragment) of every resolved link, in text order."""
    linked_from: tuple[str, ...] = ()
    """Ids of the notes of this book that link here, in book order, each once."""
    words: int = 0
    cover: str = ""
    """The name of the picture given as cover in the front matter (`nodes.Picture`)."""
    breaks: bool = False
    """Whether its Obsidian vault shows ends of lines within paragraphs as such."""

    def fragments(self) -> frozenset[str]:
        """Return every fragment that a link may point to in a book, as in `Destination.section`."""
        return frozenset([heading.id for heading in self.shown_headings()] + [f"^{name}" for name in self.blocks])

    def repeated(self) -> str:
        """Return the id of the first heading if it is of level 1 and only repeats the title, else ""."""
        first = self.headings[0] if self.headings else None
        return first.id if first and first.level == 1 and _folded(first.text) == _folded(self.title) else ""

    def shown_headings(self) -> tuple[HeadingFact, ...]:
        """Return the headings below the title, without one that repeats it."""
        return self.headings[1:] if self.repeated() else self.headings

    def about(self, video: Video | None) -> NoteSummary:
        """Return what a note about several videos says about one: its moments and their headings; else the note."""
        if not self.videos:
            return self
        other = None if video == self.video else video
        moments = [moment for moment in self.moments if moment.video == other]
        headings = [heading.level for heading in self.headings]
        kept: set[int] = set()
        for section in {moment.section for moment in moments if moment.section >= 0}:
            level = 7
            for number in range(section, -1, -1):
                if headings[number] < level:
                    kept.add(number)
                    level = headings[number]
        numbers = {old: new for new, old in enumerate(sorted(kept))}
        return msgspec.structs.replace(
            self,
            headings=tuple([self.headings[old] for old in numbers]),
            moments=tuple([Moment(numbers.get(one.section, -1), one.start_ms) for one in moments]),
            listed=tuple([one for one in self.listed if one.video == other]),
        )

    def title_about(self, video: Video | None) -> str:
        """Return the title of one of several videos: the heading above its first moments, if they are all its own."""
        other = None if video == self.video else video
        first = next((moment.section for moment in self.moments if moment.video == other), -1)
        above = self.headings[first - 1] if first > 0 else None
        named = above and above.text and (above.level > 1 or above.text != self.title)
        if above and named and all(moment.section != first - 1 for moment in self.moments):
            return above.text
        mixed = first < 0 or any(moment.video != other for moment in self.moments if moment.section == first)
        return self.title if mixed else self.headings[first].text or self.title

    def other_videos(self) -> tuple[tuple[Video, str], ...]:
        """Return the videos of a note about several after its first, each with its title."""
        return tuple([(one, self.title_about(one)) for one in self.videos if one != self.video])


class VideoNotes(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A video of a book and its notes in order; `video` is None for the notes without one."""

    video: Video | None
    title: str
    notes: tuple[NoteSummary, ...]
    siblings: tuple[NoteSummary, ...] = ()
    """Notes of the same video in other books; they add to its timeline, not to the text of this book."""
    duration_ms: int | None = None
    """The length of the video in milliseconds, if known."""
    listed: tuple[Listed, ...] = ()
    """The chapters that files beside the notes give it; they count if the notes have none."""

    def shares_title(self) -> bool:
        """Return whether the title of each note suffices: there is no video, or its only note has the title of it."""
        return not self.video or (len(self.notes) == 1 and self.notes[0].title == self.title)


class Book(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The unit of output: the notes of a channel folder, of one file, or of all inputs."""

    name: str
    """The file name of its artifacts without suffix, safe on every system."""
    title: str
    parts: tuple[VideoNotes, ...]
    others: tuple[VideoNotes, ...] = ()
    """Videos that are only in notes about several: they have chapters of their own, but no text."""
    language: str = "und"
    """A BCP 47 tag; "und" if unknown."""
    author: str = ""
    typography: bool = True
    """Whether quotes, dashes and ellipses are shown as the language has them."""

    def cover(self) -> str:
        """Return the name of the first cover of the notes, "" if there is none or the book has several videos."""
        covers = [summary.cover for summary in self.summaries() if summary.cover] if len(self.parts) == 1 else []
        return covers[0] if covers else ""

    def summaries(self) -> tuple[NoteSummary, ...]:
        """Return all notes of the book, in order."""
        return tuple(chain.from_iterable(map(attrgetter("notes"), self.parts)))

    @cached_property
    def by_id(self) -> dict[str, NoteSummary]:
        """The notes by id, in order."""
        return {summary.id: summary for part in self.parts for summary in part.notes}

    @cached_property
    def part_of(self) -> dict[str, VideoNotes]:
        """The part of each note, by the note's id."""
        return {summary.id: part for part in self.parts for summary in part.notes}

    @cached_property
    def stems(self) -> dict[Video | str, str]:
        """The name, without suffix, of files about each video and about each note without one (by its id)."""
        taken: set[str] = set()
        stems: dict[Video | str, str] = {}
        for part in (*self.parts, *self.others):
            if part.video:
                stems[part.video] = unique_name(apart(file_stem(part.video)), taken)
                continue
            for summary in part.notes:
                stems[summary.id] = unique_name(apart(safe_stem(summary.slug, "video")), taken)
        return stems

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The position of each note in the book, from 0, by the note's id."""
        return {id: number for number, id in enumerate(self.by_id)}
