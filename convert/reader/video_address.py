"""Which video an address names, and which addresses a text holds.

Each provider has one spelling as an identity, however its addresses are written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import PurePath
from urllib.parse import unquote

from convert.document import nodes as n
from convert.document.note import Video
from convert.document.timecode import parse_timestamp
from convert.document.video import site_of, watch_url
from convert.document.walk import all_blocks, descend, own_inlines
from convert.reader.source import code_spans

YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
WEB_ADDRESS = re.compile(r"(?i)https?://[^\s<>\"]{1,2000}")
_YOUTUBE_URL = re.compile(
    r"(?:https?:)?//(?:[a-z]+\.)?(?:youtube(?:-nocookie)?\.com/(?:watch\?(?:[^\s#]{0,2000}&)?v=|shorts/|embed/|live/|v/)|youtu\.be/)"
    r"([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])"
)
# Few notes hold other addresses: these are compiled at the first one, which takes as long as reading a note.
_VIMEO_URL = (
    r"(?:https?:)?//(?:www\.|player\.)?vimeo\.com/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?"
    r"([0-9]{5,12})(?:(?:/|\?h=)([0-9a-f]{8,12}))?(?=[/?#&]|\Z)"
)
_PEERTUBE_URL = (
    r"https?://([A-Za-z0-9.-]+(?::[0-9]{1,5})?)/(?:w|videos/watch|videos/embed)/"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22})(?=[/?#]|\Z)"
)
"""A UUID, or its short form in base 58: https://docs.joinpeertube.org/use/watch-video"""
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SITE_URL = (
    r"(?:https?:)?//(?:(?:www\.|m\.)?(?:"
    r"(?:geo\.)?dailymotion\.com/(?:embed/)?video/(?P<dailymotion>[A-Za-z0-9]{5,12})"
    r"|dai\.ly/(?P<daily>[A-Za-z0-9]{5,12})"
    r"|twitch\.tv/(?:videos|[A-Za-z0-9_]{2,30}/v(?:ideo)?)/(?P<twitch>[0-9]{6,12})"
    r"|bilibili\.com/video/(?P<bilibili>BV[A-Za-z0-9]{10}|av[0-9]{1,12})/?(?:\?(?:[^\s#]{0,300}&)?p=(?P<part>[0-9]{1,4}))?"
    r"|loom\.com/(?:share|embed)/(?:[\w-]{0,200}-)?(?P<loom>[0-9a-f]{32}))"
    r"|(?P<wistia>[a-z0-9-]{1,60}\.wistia\.(?:com/medias|net/embed/iframe)/[a-z0-9]{8,12})"
    r"|(?P<host>[a-z0-9.-]{1,200})/Panopto/Pages/(?:Viewer|Embed)\.aspx\?(?:[^\s#]{0,300}&)?(?i:id)="
    rf"(?P<panopto>{_UUID}))(?![A-Za-z0-9])"
)
_MEDIA = r"[^\s?#]{1,400}\.(?:mp4|m4v|webm|mov|mkv|avi|ogv|m4a|m4b|aac|mp3|opus|ogg|oga|flac|wav)"
_MEDIA_URL = rf"(?i)(https?://{_MEDIA}(?:\?[^\s#]{{0,400}})?)(?:#\S*)?"
_MEDIA_FILE = r"(?i)(?:file://)?(?!\w{1,400}+://)([^\n?#]{1,400}\.[a-z0-9]{3,4})"
_ADDRESS = re.compile(
    r"https?://[^\s<>()\[\]\"']{1,2000}|(?<![\w./@-])(?:www\.|m\.)?(?:youtube\.com|youtu\.be)/[^\s<>()\[\]\"']{1,2000}"
)
_NO_WORD = r"[0-9]|[a-z][A-Z]"
_NUMBERED = r"[A-Za-z]+[-_]?[0-9]+|[0-9_-]+"
"""`episode-001` and `20231204-01` have the form of an id, but are names; `Lecture-one` is words."""
_START = re.compile(r"[?&#](?:start|w?t(?:ime)?)=([0-9hms]{1,12})(?=[&#]|\Z)")
_SECOND = re.compile(
    r"[?&#](?:t|start|time_continue|wtime)=(?:npt:)?(?P<start>[0-9:.hms]{0,20})(?:(?:,|%2C)[0-9:.e]{0,20})?(?=[&#]|$)",
    re.I,
)
_SECONDS = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,9}))?s?")
_FILE = _MEDIA.replace(r"\s", r"\[\]()|\n")
_FILE_IN_TAG = rf"(?!https?:){_MEDIA}".replace(r"\s", r"<>\"'\n")
_NAMED_FILE = re.compile(
    rf"(?i)!?\[\[({_FILE})(?:\|[^\[\]\n]{{0,300}})?\]\]|!\[[^\[\]\n]{{0,300}}\]\(({_FILE})\)"
    rf"|\bsrc[ ]?=[ ]?[\"']?({_FILE_IN_TAG})(?:#[^\s\"'<>]{{0,100}})?[\"'\s>]"
)
_LINKED = re.compile(
    r"\[!\[[^\[\]\n]{0,300}+\]\([^()\s]{1,2000}+\)\]\([^()\s]{1,2000}+\)|"
    r"!?\[(?![0-9:.]+\])[^\[\]\n]{0,300}+\]\([^()\s]{1,2000}+\)|<?(?:https?://|(?:www\.|m\.)?youtu(?:be\.com|\.be)/)[^\s<>]{1,2000}+>?"
)
_LONGEST_LABEL = 60
_MOST_VIDEOS = 100
"""Videos that a note may be about; each of them looks at all of its times."""
_HEADING = re.compile(r"[ \t>]{0,9}(?:[-*+][ \t]+)?#{1,6}[ \t]")
"""A heading, also in a quote or an item: it may name a video beside other words."""
_SECTION = re.compile(r" {0,3}#{1,6} ")
"""A heading that begins a section of the note: none in a quote or an item."""
_TAG = re.compile(r"(?i)</?(?:iframe|video|audio|source)\b|^[ \t]*+src[ ]?=")
"""A tag of a player, or a line of one that goes over several."""
_SHORTCODE = re.compile(
    r"(?:\{\{[<%]|\{%|<)[ \t]{0,3}+(?:include[ \t]{1,3}+)?(?:lite-)?"
    r"(?P<site>(?i:youtube|vimeo))(?P<rest>[^\n{}<>]{1,300}+)"
)
"""A player of Hugo (`{{< youtube ID >}}`), Jekyll (`{% youtube ID %}`) or MDX (`<YouTube id="ID" />`)."""
_PLAYER = re.compile(r"!\[|[^\s:/]::?[*_]{0,3}[ \t]|[^\s:/][*_]{0,3}\uff1a")


def youtube_video(address: str) -> Video | None:
    """Return the video that a YouTube address names, None for other addresses."""
    found = _YOUTUBE_URL.match(address)
    return Video("youtube", found[1]) if found else None


def video_of(address: str) -> Video | None:
    """Return the video at an address of a known site, or a media file on the web; None for others."""
    if video := youtube_video(address):
        return video
    if found := re.match(_VIMEO_URL, address):
        return Video("vimeo", "/".join(filter(None, found.groups())))
    if found := re.match(_PEERTUBE_URL, address):
        return Video("peertube", f"{found[1].lower()}/w/{found[2]}")
    if found := re.match(_SITE_URL, address):
        return _of_site(found)
    found = re.fullmatch(_MEDIA_URL, address)
    return Video("file", found[1]) if found else None


def _of_site(found: re.Match[str]) -> Video:
    """Return the video of an address of one of the smaller sites."""
    if found["bilibili"]:
        return Video("bilibili", f"{found['bilibili']}?p={found['part'] or 1}")
    if found["panopto"]:
        return Video("panopto", f"{found['host']}/Panopto/Pages/Viewer.aspx?id={found['panopto'].lower()}")
    if found["daily"]:
        return Video("dailymotion", found["daily"])
    return next(Video(site, found[site]) for site in ("dailymotion", "twitch", "loom", "wistia") if found[site])


def medium(written: str, may_be_id: bool = False) -> Video | None:
    """Return the video that a property names: by an address, a link, the name of a file, or a YouTube id."""
    written = written.strip()
    if video := (None if " " in written else video_of(written)) or only_video(addresses(written)):
        return video
    link = re.search(r"\]\(<?([^()<>\n]{1,1000})>?\)\Z", written)
    found = media_file(unquote(link[1]) if link else written)
    return found or (Video("youtube", written) if may_be_id and looks_like_id(written) else None)


def looks_like_id(word: str) -> bool:
    """Return whether a word is rather the id of a YouTube video than a word or number of eleven characters."""
    return bool(YOUTUBE_ID.fullmatch(word) and re.search(_NO_WORD, word) and not re.fullmatch(_NUMBERED, word))


def media_file(written: str) -> Video | None:
    """Return the video in a media file of this machine, by the path or `[[link]]` as written; None for other names."""
    path = written.strip().removeprefix("!").removeprefix("[[").removesuffix("]]")
    path = path.partition("|")[0].partition("#")[0].strip()
    found = re.fullmatch(_MEDIA_FILE, path)
    return Video("file", found[1]) if found and re.fullmatch(_MEDIA.replace("\\s", "\\n"), found[1], re.I) else None


def player_link(address: str) -> tuple[str, str]:
    """Return address and words of the link in place of a player: the page of a video, else the address as it is."""
    video = video_of(address)
    site = site_of(video) if video else ""
    if not video or not site:
        return address, address
    start = _START.search(address)
    seconds = start[1] if start else ""
    ms = int(seconds) * 1000 if seconds.isdigit() else parse_timestamp(seconds)
    return watch_url(video, ms or None), f"Watch the video on {site}"


def second_of(address: str) -> int | None:
    """Return the millisecond that an address names; a range (`#t=10,20`) names its start."""
    found = _SECOND.search(address)
    if not found:
        return None
    start = found["start"]
    if not start:
        return 0 if "," in found[0] else None
    seconds = _SECONDS.fullmatch(start)
    if seconds:
        return int(seconds[1]) * 1000 + int((seconds[2] or "")[:3].ljust(3, "0"))
    return parse_timestamp(start)


def addresses(text: str) -> Iterator[str]:
    """Yield the addresses in a text; YouTube's also where they are written without `https://`."""
    for found in _ADDRESS.findall(text):
        address = found.rstrip(".,;:!?*")
        yield address if "://" in address else f"https://{address}"


def only_video(found: Iterable[str]) -> Video | None:
    """Return the video of the addresses if they name one only; there may be other addresses among them."""
    videos = {video for address in found if (video := video_of(address))}
    return videos.pop() if len(videos) == 1 else None


def video_lines(text: str, start: int = 0, players: bool = False) -> list[tuple[int, Video]]:
    """Return the lines after an offset that name a video by standing for it, and that video, in order.

    Such a line is a heading with an address in it, an address or media file alone or behind a label, or a shortcode.
    With `players` only headings count, and lines that show the video or say with a label that it is the one meant. Of
    several sources of one player the first counts; lines of code do not.
    """
    found: list[tuple[int, Video]] = []
    first, source = text.count("\n", 0, start), -1
    has_codes = _SHORTCODE.search(text) is not None
    for number, line in enumerate(text.split("\n"), 1):
        if has_codes and number > first and (coded := shortcode_video(line)):
            found.append((number, coded))
            continue
        if number <= first or not ("://" in line or "youtu" in line or _may_name_file(line)):
            continue
        shown = not players or _PLAYER.search(line) or _TAG.search(line) or _HEADING.match(line)
        if shown and (video := _stands_for(line)):
            if not ("<source" in line and source == number - 1):
                found.append((number, video))
            source = number if "<source" in line else -1
    return _without_code(found, text)


def shortcode_video(line: str) -> Video | None:
    """Return the video that a shortcode in a line shows, None if it names none for sure."""
    found = _SHORTCODE.search(line) if ("{" in line or "<" in line) and "`" not in line else None
    if not found:
        return None
    if "://" in found["rest"]:
        return only_video(addresses(found["rest"]))
    words = re.findall(r"[A-Za-z0-9_-]+", found["rest"])
    if found["site"].lower() == "youtube":
        return next((Video("youtube", word) for word in words if looks_like_id(word)), None)
    return next((Video("vimeo", word) for word in words if re.fullmatch("[0-9]{5,12}", word)), None)


def _without_code(found: list[tuple[int, Video]], text: str) -> list[tuple[int, Video]]:
    """Return the lines that are not in code between fences."""
    if not (found and ("```" in text or "~~~" in text)):
        return found
    code = code_spans(text)
    offsets = list(accumulate([len(line) + 1 for line in text.split("\n")], initial=0))
    return [(number, video) for number, video in found if not code.covers(offsets[number - 1])]


def _may_name_file(line: str) -> bool:
    return ("[" in line or "src" in line or "SRC" in line) and bool(_NAMED_FILE.search(line))


def _stands_for(line: str) -> Video | None:
    """Return the video that a line stands for, None if it has other words or leads to a second."""
    player = _TAG.search(line) if ("<" in line or "src" in line) and "`<" not in line else None
    if not ("://" in line or "youtu" in line or "[" in line or player) or (player and "<!--" in line[: player.start()]):
        return None
    if ("://" not in line or player) and (file := _NAMED_FILE.search(line)) and (player or not file[3]):
        rest, video = _NAMED_FILE.sub("", line), media_file(file[1] or unquote(file[2] or file[3]))
    else:
        whole = line.replace('src="//', 'src="https://')
        rest, video = _LINKED.sub("", line), only_video(addresses(whole))
    if not video or (_START.search(line.rstrip(")>]} ")) and not player):
        return None
    return video if player or _HEADING.match(line) or _is_label(rest) else None


def _is_label(rest: str) -> bool:
    """Return whether the rest of a line with an address is nothing but a label: `Video: `, `- Talk 1 \u2013 `."""
    words = rest.strip(" \t>*_+.,()")
    if rest.strip(" \t>-+").startswith("**") and rest.rstrip().endswith("**"):
        return len(words) <= _LONGEST_LABEL and "**" not in words
    return not words.strip("-0123456789") or (len(words) <= _LONGEST_LABEL and words[-1] in ":-\u2013\u2014\uff1a")


def video_of_text(blocks: Iterable[n.Block]) -> tuple[Video, int] | None:
    """Return the only video that a note names outside of code and comments, and the line where it does so first.

    A link to a media file counts if there is no address of a video.
    """
    lines: dict[Video, int] = {}
    films: dict[Video, int] = {}
    for block in all_blocks(blocks):
        embedded = (block.embed,) if isinstance(block, n.EmbedBlock) else ()
        for node in (*embedded, *descend(own_inlines(block))):
            written = (node.url,) if isinstance(node, n.Link | n.Image) else ()
            for address in addresses(node.text) if isinstance(node, n.Text) else written:
                if video := video_of(address):
                    lines.setdefault(video, block.line)
            target = node.target if isinstance(node, n.WikiLink | n.Embed) else unquote("".join(written))
            if "." in target and (video := media_file(target)):
                films.setdefault(video, block.line)
    found = lines or films
    return next(iter(found.items())) if len(found) == 1 else None


@dataclass(frozen=True)
class Places:
    """The videos of a text about several, and which of them each line is about."""

    videos: tuple[Video, ...]
    starts: tuple[tuple[int, Video | None], ...]
    """The lines from which on another video is meant; None if no video is named yet."""

    def at(self, line: int) -> Video | None:
        """Return the video that a line is about, None if none is named yet: the note's own is meant, if it has one."""
        at = bisect_right(self.starts, line, key=lambda start: start[0])
        return self.starts[at - 1][1] if at else None

    def named(self, address: str) -> Video | None:
        """Return the one of the videos that an address or the path of a file names, None for others."""
        video = video_of(address) or media_file(address)
        if video is None or video in self.videos:
            return video
        name = PurePath(video.id).name
        return next((one for one in self.videos if one.provider == "file" and PurePath(one.id).name == name), None)


def places_of(text: str, start: int, main: Video | None, others: Iterable[Video] = ()) -> Places | None:
    """Return the places of a text if it names several videos in lines of their own or as `others`, else None.

    A section is about the video that its heading names, or the only one that its lines do, or the last one above in it
    or in the section that holds it. Beside a `main` video only headings and `others` count.
    """
    if main:
        lines = text.split("\n")
        headed = [(number, line) for number, line in enumerate(lines, 1) if "#" in line and _HEADING.match(line)]
        first = text.count("\n", 0, start)
        named = [(number, video) for number, line in headed if number > first and (video := _stands_for(line))]
    else:
        named = video_lines(text, start)
    videos = tuple(dict.fromkeys([*([main] if main else ()), *(video for _, video in named), *others]))
    if not 2 <= len(videos) <= _MOST_VIDEOS:
        return None
    return Places(videos, tuple(_starts(text, start, main, dict(named))))


def _starts(text: str, start: int, main: Video | None, named: dict[int, Video]) -> Iterator[tuple[int, Video | None]]:
    """Yield the lines from which on another video is meant."""
    lines = text.split("\n")
    first = text.count("\n", 0, start) + 1
    heads = [number for number, line in enumerate(lines, 1) if number >= first and _SECTION.match(line)]
    open_sections: list[tuple[int, Video | None]] = [(0, main)]
    last: Video | None = None
    for head, end in pairwise(dict.fromkeys((first, *heads, len(lines) + 1))):
        level = len(lines[head - 1].split()[0]) if _SECTION.match(lines[head - 1]) else 0
        while level and open_sections[-1][0] >= level:
            open_sections.pop()
        own = [(number, named[number]) for number in range(head, end) if number in named]
        only = own[0][1] if len({video for _, video in own}) == 1 or (own and own[0][0] == head) else None
        yield head, only or open_sections[-1][1] or last
        yield from own
        last = own[-1][1] if own else last
        open_sections.append((level, last if own else open_sections[-1][1]))
