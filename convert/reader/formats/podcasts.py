"""Highlights of podcasts, as Snipd, PodNotes, Readwise, Airr and other apps export them.

`🎧 03:12 - 05:18`, `([Time 0:11:42](address))`, `[1:34](obsidian://podnotes?...&time=94)`, `[AirrQuote](address) 3:12`,
`https://overcast.fm/+x/12:34`: each becomes a stamp. So do times with hours in a note that a property or a line says to
be about an episode, or that lists chapters and speaks of one. A link to an app stays, because a stamp without a video
has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from urllib.parse import SplitResult, unquote, urlsplit

from convert.document.timecode import parse_timestamp
from convert.reader.formats.base import FEW_STAMPS, Offered, Rewritten, front_matter, named_video, splice, stamp
from convert.reader.frontmatter import FrontMatter
from convert.reader.times import DASH, LineTime
from convert.reader.video_address import second_of, video_of

_TIME = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9](?![0-9]|:[0-9])"
_RANGE = rf"(?P<time>{_TIME})(?:[ ]?(?:-?->|{DASH}|to)[ ]?{_TIME})?"
_APPS = (
    *(
        "snipd.com",
        "airr.io",
        "fountain.fm",
        "overcast.fm",
        "pca.st",
        "pocketcasts.com",
        "castro.fm",
        "podcastaddict.com",
    ),
    *(
        "podcasts.apple.com",
        "open.spotify.com",
        "readwise.io",
        "castbox.fm",
        "podnotes",
        "antennapod.org",
        "goodpods.com",
    ),
    *("podverse.fm", "player.fm", "pod.link", "podchaser.com", "momento.fm", "share.transistor.fm"),
)
"""Hosts of links to moments of podcasts, and what stands in place of one in `obsidian://podnotes`."""
_SIGNS = ("\U0001f3a7", "[Time ", "(Time ", "[Location ", "(Location ", *_APPS)
"""One of them is in every text with marks of an app."""
_WORDS = ("odcast", "episode", "how notes", "how Notes", "hownotes", ".mp3", ".m4", ".aac", ".og", ".opus")
"""One of them is at the start of every other text about an episode."""
_HEAD = 3000
"""Characters at whose start a text says that it is about an episode."""
_LINK = r"(?<!\!)\[(?P<label>[^\[\]\n]{0,300}+)\]\((?P<address>[^()\s]{1,2000}+)\)"
_AFTER = (
    rf"(?P<gap>[*_]{{0,3}}[ \t]{{0,4}}(?:[:|\u00b7]|{DASH})?[ \t]{{0,4}})"
    rf"(?P<after>[*_]{{0,3}}[`\[(]?{_RANGE}[`\])]?[*_]{{0,3}})(?=\s|\Z|[.,;)])"
)
_HEARD = rf"(?P<heard>{_RANGE.replace('time', 'from')})(?=[ \t]{{0,4}}(?:\([0-9:]{{4,8}}\))?[ \t]*$)"
_TO_MOMENT = r"(?=[*_]{0,3}\[[^\[\]\n]{1,100}\]\([^()\s]{1,200}/(?:snip|quote|clip)s?/)"
_BEFORE = rf"(?P<first>[*_]{{0,3}}{_RANGE.replace('time', 'until')}[*_]{{0,3}})[ ]?[|\u00b7:-]?[ ]?\(?{_TO_MOMENT}"
_MARK = re.compile(
    rf"{_LINK}(?:{_AFTER})?|\U0001f3a7\ufe0f?[ \t]{{0,4}}{_HEARD}|\((?:Time|Location) (?P<told>{_TIME})\)"
    rf"|(?<![0-9:]){_BEFORE}"
    r"|(?P<bare>(?:https?|obsidian)://[^\s<>()\[\]\"'`]{1,2000}+)",
    re.MULTILINE,
)
_IN_LABEL = re.compile(rf"(?<![0-9:])(?P<open>[\[(])?{_RANGE}(?(open)[\])])")
_IN_PATH = re.compile(rf"/({_TIME})\Z")
_AT = re.compile(r"[?&](?:time|t|r|startTime|timestamp|start)=([0-9:.hms]{1,20})(?=[&#]|\Z)")
_SECONDS = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,9})?")
_MOMENT = re.compile(r"/(?:snip|quote|clip|moment|highlight)s?/|readwise\.io/(?:read|open)/")
"""The path of an address of a moment, not of an episode: a time beside it is no length."""
_NO_WORDS = ("", "Time", "Location", "\u25b6", "\u25b6\ufe0f", "\U0001f3a7")
_TITLES = ("episode_title", "episode", "title")
_EPISODE = ("podcast", "episode", "episode_title", "episode_url")
_AUDIO = r"\S{1,400}\.(?:mp3|m4a|m4b|aac|ogg|oga|opus)[\"']?"
_HEARD_IN = re.compile(_AUDIO).fullmatch
_NAMES_EPISODE = re.compile(
    r"^[ \t>#*_-]{0,9}+(?:[^\n\[\]:<]{0,60}:[*_]{0,3}[ ])?(?:!?\[[^\[\]\n]{0,200}\]\()?<?"
    r"(?P<address>(?:https?|obsidian)://[^\s<>()]{1,2000})>?\)?[ \t]*$|^[ \t>*_-]{0,9}+Category:[*_]{0,3} #?podcasts?$"
    rf"|^[\w.]{{1,30}}[ ]?[:=][ ]?{_AUDIO}$|^\#{{1,6}}[ ](?i:show ?notes):?[ \t]*$",
    re.MULTILINE,
)
"""A line that names the episode that a note is about, or that it is about one."""
_LONGEST_MS = 10 * 3_600_000
_LATEST_MS, _FIRST_MS, _LEAST_TOLD, _SHORT = 6 * 3_600_000, 90 * 60_000, 3, 60
_OF_EPISODE = (
    r"\b(?:podcasts?|episode|show ?notes|(?:ep\.?|folge) ?\#?[0-9]{1,4}|\u00e9pisode|episodio|epis\u00f3dio|aflevering"
    r"|odcinek|avsnitt|\u043f\u043e\u0434\u043a\u0430\u0441\u0442\w{0,3}|\u044d\u043f\u0438\u0437\u043e\u0434\w{0,2})\b"
    r"|\u64ad\u5ba2|\u672c\u671f|\u7b2c[0-9]{1,4}[\u671f\u96c6\u56de]|\u30dd\u30c3\u30c9\u30ad\u30e3\u30b9\u30c8"
    r"|\u30a8\u30d4\u30bd\u30fc\u30c9|\ud31f\uce90\uc2a4\ud2b8|\uc5d0\ud53c\uc18c\ub4dc"
    r"|\u0628\u0648\u062f\u0643\u0627\u0633\u062a|\u05e4\u05d5\u05d3\u05e7\u05d0\u05e1\u05d8"
)
_TELLS = re.compile(rf"(?i){_OF_EPISODE}|\b(?:guests?|\u0433\u043e\u0441\u0442[\u0438\u044c])\b|\.(?:mp3|m4a|opus)\b")
_HEADS = re.compile(rf"(?i){_OF_EPISODE}|\b(?:\u0432[\u044b\u0438]\u043f\u0443\u0441\u043a|\u044d\u0444\u0438\u0440)")
_LISTS = re.compile(
    r"(?i)^\W{0,9}(?:the |video )?(?:time ?(?:stamp|code)s?|chapters?(?: markers?)?|zeitmarken|zeitstempel|sprungmarken"
    r"|kapitel(?:marken)?|chapitres?|minutage|horodatage|cap\u00edtulos|minutaje|marcas de tiempo|capitoli|minutaggio"
    r"|hoofdstukken|tijdstempels|kapitoly|\u0442\u0430\u0439\u043c-?\u043a\u043e\u0434\u044b|\u0433\u043b\u0430\u0432\u044b"
    r"|\u76ee\u6b21|\u30c1\u30e3\u30d7\u30bf\u30fc|\u30bf\u30a4\u30e0(?:\u30b9\u30bf\u30f3\u30d7|\u30b3\u30fc\u30c9)"
    r"|\u65f6\u95f4[\u8f74\u6233]|\u6642\u9593\u8ef8|\u7ae0[\u8282\u7bc0]|\ud0c0\uc784(?:\uc2a4\ud0ec\ud504|\ub77c\uc778)|\ucc55\ud130"
    r"|\ubaa9\ucc28|\u05e4\u05e8\u05e7\u05d9\u05dd|\u0627\u0644\u0641\u0635\u0648\u0644)\W{0,9}$"
)
"""The heading of a list of chapters."""
_OF_OTHERS = re.compile(
    r"(?i)\b(?:races?|racing|run|runners?|marathon|triathlon|cycl(?:ing|ists?)|rally|regatta|laps?|splits?|results?|ranking|finish(?:ers)?|"
    r"logs?|logged|server|machine|backup|deploy(?:ment)?|incident|outage|sleep|seizures?|flights?|take-?off|launch|countdown|"
    r"recipe|cook(?:ing)?|bak(?:e|ing)|oven|roast|brew(?:ing)?|workout|training|rennen|lauf|ergebnisse?|rezept|flug|protokoll|"
    r"course|carrera|vol|receta|gara|\u0437\u0430\u0431\u0435\u0433|\u0433\u043e\u043d\u043a\u0430|\u043b\u043e\u0433|\u0440\u0435\u0446\u0435\u043f\u0442)\b"
)
"""What other times with hours are of: races, logs, flights, cooking."""
_NAME = re.compile(r"\W{0,3}[^\W\d_a-z]\w{1,20} [^\W\d_a-z]\w{1,20}\W{0,2}")
_WORD = re.compile(r"[^\W\d_]{2}|[\u3000-\uffff]")
_MEASURED = re.compile(
    r"(?i)[0-9] ?(?:km|mi|miles?|laps?|bpm|\u00b0|kg|ft|watts?|min/km|km/h|mph)\b|\A\W{0,3}(?:[0-9]{4}-[0-9]|DNF|DNS)"
)
_OPENING_TITLE = re.compile(
    r"(?i)\b(?:podcast|episode|guests?) (?:intro|opening|overview)|\bintro(?:duction)?\b.{1,9}\bguest"
)
"""The title of a first chapter."""


class Podcasts:
    """The reader."""

    name = "podcasts"
    summary = "Highlights of podcasts: Snipd, PodNotes, Readwise, Airr, Fountain, Overcast."

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        """Return the text with a stamp for each highlight, None if it has none with a time."""
        marked = any(sign in text for sign in _SIGNS)
        if not marked and not any(word in text[:_HEAD] for word in _WORDS):
            return None
        front = front_matter(text)
        if not marked and not is_about_episode(text, front):
            return None
        code = Offered.of(text).code
        marks = [mark for mark in _MARK.finditer(text, front.body_start) if not code.covers(mark.start())]
        pieces = [piece for mark in marks for piece in _pieces(mark)]
        pieces += _opening(text, front, {at for start, end, _ in pieces for at in (start, end)})
        if not pieces:
            return None
        title = next(filter(None, (front.meta.get(key, "").strip() for key in _TITLES)), "")
        return Rewritten(splice(text, sorted(pieces)), named_video(front, path), title)


def _opening(text: str, front: FrontMatter, taken: set[int]) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in the one or two times with hours that open lines of a note about an episode.

    Where there are more, `chapter_list` reads them, as in a note that names its video.
    """
    if not is_about_episode(text, front):
        return
    times = [time for time in Offered.of(text).times if time.place == "opens" and not time.heading]
    with_hours = all(time.fields == 3 and time.ms < _LONGEST_MS and not time.of_day for time in times)
    if with_hours and len(times) <= FEW_STAMPS:
        plain = [
            time for time in times if not (time.is_stamp or time.address) and taken.isdisjoint((time.start, time.end))
        ]
        yield from ((time.start, time.end, stamp(time.ms)) for time in plain)


def is_about_episode(text: str, front: FrontMatter, times: Sequence[LineTime] = ()) -> bool:
    """Return whether a property or a line of its own names an episode, or the file in which it is heard.

    `times` with hours may tell that they are of one, beside words that speak of it.
    """
    said = {key.lower(): value.strip() for key, value in front.meta.items() if value.strip()}
    if any(key in said for key in _EPISODE) or any(_is_of_app(value) or _HEARD_IN(value) for value in said.values()):
        return True
    lines = _NAMES_EPISODE.finditer(text, front.body_start, front.body_start + _HEAD)
    if any(not line["address"] or _is_of_app(line["address"]) for line in lines):
        return True
    return _are_of_recording(times) and _speaks_of_episode(text, front, times)


def _are_of_recording(times: Sequence[LineTime]) -> bool:
    """Return whether times look like late chapters: with hours, growing, seconds and titles that vary."""
    own = [time for time in times if time.place != "link"]
    if len(own) < _LEAST_TOLD or own[0].ms >= _FIRST_MS or own[-1].ms >= _LATEST_MS:
        return False
    opening = all(time.place == "opens" and time.fields == 3 and not time.of_day for time in own)
    worded = all(_WORD.search(time.title) and not _MEASURED.search(time.title) for time in own)
    seconds, titles = {time.ms % 60_000 for time in own}, {time.title.lower().strip(" 0123456789") for time in own}
    odd = sum(one % 5000 > 0 for one in seconds)
    vary = len(titles) == len(own) < 2 * len(seconds) <= 4 * odd
    return opening and worded and vary and all(one.ms < two.ms for one, two in pairwise(own))


def _speaks_of_episode(text: str, front: FrontMatter, times: Sequence[LineTime]) -> bool:
    """Return whether a text beside its times speaks of an episode: in headings, or anywhere if of no race or log."""
    listed = {time.line for time in times}
    every = enumerate(text[: front.body_start + _HEAD].split("\n"), 1)
    lines = [front.title, *(line for number, line in every if number not in listed)]
    heads = [line for line in lines if line.startswith("#") or (len(line) < _SHORT and "|" in line)]
    if any(map(_HEADS.search, (front.title, *heads))) or _OPENING_TITLE.search(times[0].title):
        return True
    if any(map(_OF_OTHERS.search, lines)):
        return False
    named = all(_NAME.fullmatch(time.title) for time in times)
    return any(map(_LISTS.search, lines)) or (not named and any(map(_TELLS.search, lines)))


def _pieces(mark: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in a mark of a time, nothing if it is none."""
    if mark["heard"]:
        yield (*mark.span("heard"), _stamped(mark["from"]))
    elif mark["told"] or mark["first"]:
        yield (*mark.span("told" if mark["told"] else "first"), _stamped(mark["told"] or mark["until"]))
    elif mark["bare"] and mark.string[mark.start("bare") - 1 : mark.start("bare")] in ('"', "'"):
        return  # of a tag
    elif mark["bare"]:
        address = mark["bare"].rstrip(".,;:!?")
        ms = _second(address) if _is_of_app(address) else None
        if ms is not None:
            end = mark.start("bare") + len(address)
            yield end, end, f" {stamp(ms)}"
    elif _is_of_app(mark["address"]) or mark["label"].startswith(("Time ", "Location ")):
        yield from _linked(mark)


def _linked(mark: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in a link to an app: the time in its label, behind it, or that of its address."""
    label, address = mark["label"], mark["address"]
    start, end = mark.start(), mark.start("gap") if mark["gap"] is not None else mark.end()
    found = _IN_LABEL.search(label)
    words = f"{label[: found.start()].rstrip()} {label[found.end() :].lstrip()}".strip(" -:|") if found else label
    is_moment = _MOMENT.search(address) is not None
    if found and (is_moment or words in _NO_WORDS or _second(address) is not None):
        yield start, end, f"{_stamped(found['time'])}{_link(words, address)}"
    elif mark["after"] and is_moment:
        yield (*mark.span("after"), _stamped(mark["time"]))
    elif (ms := _second(address)) is not None:
        yield end, end, f" {stamp(ms)}"


def _stamped(raw: str) -> str:
    return stamp(parse_timestamp(raw) or 0)


def _link(words: str, address: str) -> str:
    """Return what is left of a link whose label had a time: its words, or its host, still lead to the app."""
    words = "" if words in _NO_WORDS else words
    if video_of(address) or not address.startswith("http"):
        return f" {words}" if words else ""
    return f" [{words or _parts(address).hostname}]({address})"


def _is_of_app(address: str) -> bool:
    """Return whether an address is one of an app for podcasts."""
    host = _parts(address).hostname or ""
    return any(host == app or host.endswith(f".{app}") for app in _APPS)


def _parts(address: str) -> SplitResult:
    """Return the parts of an address, of "" for one that cannot be split."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _second(address: str) -> int | None:
    """Return the millisecond that the address of a moment names."""
    path = _parts(address).path
    if found := _IN_PATH.search(path):
        return parse_timestamp(found[1])
    if found := _AT.search(unquote(address)):
        return round(float(found[1]) * 1000) if _SECONDS.fullmatch(found[1]) else parse_timestamp(found[1])
    return second_of(address)


READER = Podcasts()
