"""The front matter of a note: YAML between two `---` lines at its start, TOML between `+++` lines, or a JSON object.

Plain lines `key: value` are read without YAML. So are `title` and the keys that name the video, if they have one line:
YAML would turn some of their values into something else (`a # b`) and fails on others (`A: b`). All else is YAML whose
scalars remain strings, and so do numbers and dates of TOML and JSON. What is no YAML is read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from convert.document.note import Video
from convert.reader.source import Say, say_nothing
from convert.reader.video_address import YOUTUBE_ID, addresses, medium, only_video, video_of

_OPENING = re.compile(r"\A\s*+(?:(---|\+\+\+)(?:(?<=---)[ ]?(?i:ya?ml))?[ \t]*+\n|(?=\{\s*+\"))")
_TITLE_LINE = re.compile(
    r"\A\s*+(?i:#\+title|title):[ \t]++(\S[^\n]{0,500})\n(?=(?:#\+)?[A-Za-z][\w ]{0,30}:(?:[ \t][^\n]*)?\n)"
)
"""A title in the first of several lines `Key: value` or `#+KEY: value` that no marks set apart."""
_PROPERTIES = re.compile(
    r"\A\s*+((?:[-*][ \t]{1,4})?[A-Za-z][\w./-]{0,40}::[ \t][^\n]*+\n"
    r"(?:[ \t]{0,9}[A-Za-z][\w./-]{0,40}::(?:[ \t][^\n]*+)?\n)*+)(?=[^ \t]|\Z)"
)
"""The properties of a page of Logseq: its first block, each in a line `key:: value`."""
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*+(?:\n|\Z)", re.MULTILINE)
_CLOSING_TOML = r"(?m)^\+\+\+[ \t]*+(?:\n|\Z)"
_OWN_LINE = re.compile(r"(title|video(?:[ _-]?id)?|url|source)[ \t]*+:[ \t]*+(.*)$", re.IGNORECASE)
_OWN_KEY = re.compile(r"title|video[ _.-]?id|url|source|video(?:\.url)?", re.IGNORECASE)
_ADDRESSES = ("url", "source", "video", "video.url")
_PLAIN_LINE = re.compile(r"([A-Za-z_][\w-]{0,99}+) ?:(?: ++(?:\"([^\"\\]*+)\"|'([^']*+)'|(\w.*))?)?$")
_NO_PLAIN_VALUE = re.compile(r":(?:\s|$)|\s#")
_QUOTED = re.compile(r"(\"[^\"\\]*+\"|'[^']*+')[ \t]++#.*")
_ENTRY = re.compile(r"(?![-#\s])([^:=\n]{1,100})[:=](?:[ \t]|$)")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]{0,2}+")
_TOML_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\[\s\S]|"(?!""))*+"{0,5}+|'{3}(?:[^']|'(?!''))*+'{0,5}+'''
    r"""|"(?:[^"\\\n]|\\[^\n])*+"?|'[^'\n]*+'?|\#[^\n]*+"""
    r"|((?<![\w.+-])[+-]?[0-9][\w.:+-]*+(?: [0-9]{2}:[\w.:+-]++)?)",
    re.ASCII,
)
"""A string or comment of TOML, or a number, date or time, which is to stay as it is written."""
_MOST = 64_000
"""Characters that are parsed, at most: hostile ones take a parser long."""
_DEEPEST = 32
"""Lists and mappings in each other; those of real notes are two levels deep."""
_LONGEST_KEY = 200

_FIRST_KEYS = ("media", "video", "source", "url", "link", "youtube")
_MEDIA_KEY = (
    r"(?:media|video|youtube|yt|vimeo|peertube|audio|podcast|episode|recording|film|movie|lecture|talk|mp3|mp4|m4a|"
    r"source|web|webpage|watch|original|share|stream|local)?(?:url|uri|link|file|path|src|source|page|audio|video)?s?"
)
"""Keys of other programs without their signs; what is not about a medium has another kind of value."""
_OF_OTHERS = re.compile(r"(?i)related|next|prev|see|ref|cover|image|thumb|trailer|playlist|channel|author|comment")
"""Keys of videos that a note is not about."""
_ID_KEYS = ("videoid", "youtubeid", "ytid", "youtubevideoid", "video", "youtube", "yt")

_Loaded = tuple[Mapping[str, object], str]
"""What a block holds, and what is wrong with it or ""."""


class FrontMatter(msgspec.Struct):
    """The values of the front matter, and where the text starts."""

    title: str = ""
    video: Video | None = None
    meta: dict[str, str] = {}
    aliases: tuple[str, ...] = ()
    body_start: int = 0
    """Offset of the text in the source, in characters."""


def read_front_matter(text: str, say: Say = say_nothing) -> FrontMatter:
    """Return the front matter of a note; without a closing line the whole file is text."""
    opening = _OPENING.match(text)
    if not opening:
        return _read_unmarked(text, say)
    mark = opening[1]
    if not mark:
        return _read_json(text, opening.end(), say)
    closing = (_CLOSING if mark == "---" else re.compile(_CLOSING_TOML)).search(text, opening.end())
    if not closing:
        say("front-matter-unclosed", 1, f"no closing {mark} line: the whole file is read as text")
        return FrontMatter()
    found = FrontMatter(body_start=closing.end())
    lines = text[opening.end() : closing.start()].split("\n")
    others = _read_own_lines(lines, found, say) if mark == "---" else lines
    if others:
        loaded = _plain(others) if mark == "---" else None
        if loaded is None:
            loaded = _parsed(others, load_yaml if mark == "---" else load_toml, lines, say)
        _take(loaded, found, lines, say)
        if (
            not loaded
            and found == FrontMatter(body_start=closing.end())
            and any(one.strip() and one[0] != "#" for one in others)
        ):
            return FrontMatter()  # a rule above the text, and one below its first lines
    return found


def _read_unmarked(text: str, say: Say) -> FrontMatter:
    """Return the title in the first of the lines that open a text, or the properties of a page of Logseq."""
    if headed := _TITLE_LINE.match(text):
        return FrontMatter(_unquoted(headed[1].rstrip()), body_start=headed.end())
    block = _PROPERTIES.match(text)
    return _read_properties(block, say) if block else FrontMatter()


def _read_own_lines(lines: Sequence[str], found: FrontMatter, say: Say) -> list[str]:
    """Read title and video into `found` from lines that hold all of them, and return the lines of all other keys."""
    others: list[str] = []
    for at, line in enumerate(lines):
        own = _OWN_LINE.match(line)
        if own and _is_whole(own[1], own[2], lines[at + 1 : at + 2]):
            _take_own(own[1], _unquoted(own[2].rstrip(" \t")), at + 2, found, say)
        elif line or others:
            others.append(line)
    return others


def _is_whole(key: str, value: str, below: Sequence[str]) -> bool:
    """Return whether a value ends on its line and is no list, no map and no head of a text in the lines below."""
    if below and below[0].startswith((" ", "\t") if value else (" ", "\t", "-")) and not below[0].isspace():
        return False
    if not value:
        return key.lower() not in _ADDRESSES
    is_list = value[0] in "[{" and value[-1] in "]}" and not value.startswith("[[") and key.lower() != "title"
    return not (is_list or _BLOCK_SCALAR.fullmatch(value))


def _take_own(key: str, value: str, line: int, found: FrontMatter, say: Say) -> None:
    """Read a title, or what names the video."""
    if key.lower() == "title":
        found.title = value
    elif value:
        if key.lower() in _ADDRESSES:
            found.meta[key] = value
        video = _named_video(key.lower(), value, line, say)
        if not found.video:
            found.video = video
        elif video and video != found.video:
            say("video-id-duplicate", line, f"a second video, {value[:40]}: the first counts")


def _named_video(key: str, value: str, line: int, say: Say) -> Video | None:
    if key in _ADDRESSES and ((video := video_of(value)) or not key.startswith("video")):
        return video or only_video(addresses(value))
    value = value.partition(" #")[0].rstrip()
    if value in ("null", "~"):
        return None
    if key not in _ADDRESSES and YOUTUBE_ID.fullmatch(value):
        return Video("youtube", value)
    video = medium(value, True)
    if not video and key not in _ADDRESSES:
        say("video-id-invalid", line, f"{value[:40]!r} is no YouTube id of 11 characters: its stamps get no links")
    return video


def medium_of(meta: Mapping[str, str]) -> Video | None:
    """Return the first medium that a key of another program names, in any spelling (`media_link`, `Episode URL`).

    Without such a key it is the only video whose address is the value of a key, in whatever language (`lien`).
    """
    values: dict[str, str] = {}
    for key, value in meta.items():
        for name in (key, key.rpartition(".")[2]):
            values.setdefault(re.sub(r"[\s_.-]", "", name).lower(), value)
    if values.get("vimeo", "").isdecimal():
        return Video("vimeo", values["vimeo"])
    keys = [*_ID_KEYS[:4], *_FIRST_KEYS, *[key for key in values if re.fullmatch(_MEDIA_KEY, key)]]
    written = [(one, key in _ID_KEYS) for key in keys if key in values for one in _listed(values[key])]
    found = next(filter(None, (medium(one, may_be_id) for one, may_be_id in written)), None)
    whole = (key for key, value in meta.items() if "://" in value and " " not in value)
    return found or only_video(meta[key] for key in whole if not _OF_OTHERS.search(key))


def _listed(value: str) -> Sequence[str]:
    return (value, *value.split(", ")) if ", " in value else (value,)


def _unquoted(value: str) -> str:
    """Return a value without its YAML quotes, and without a comment behind them."""
    if value[:1] in ('"', "'") and (quoted := _QUOTED.fullmatch(value)):
        value = quoted[1]
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value


def _plain(lines: Sequence[str]) -> Mapping[str, object] | None:
    """Return the values of lines that mean the same without YAML, None if one may not."""
    found: dict[str, object] = {}
    for line in lines:
        if not line or line[0] == "#":
            continue
        plain = _PLAIN_LINE.match(line.rstrip(" "))
        value = plain and (plain[4] or "")
        if not plain or not line.isprintable() or _NO_PLAIN_VALUE.search(value or ""):
            return None
        found[plain[1]] = value or plain[2] or plain[3] or ""
    return found


# Parsers


def _parsed(
    lines: Sequence[str], load: Callable[[str], _Loaded], all_lines: Sequence[str], say: Say
) -> Mapping[str, object]:
    """Return what lines hold, entry by entry if they cannot be parsed as a whole, with one remark."""
    block = "\n".join(lines)
    if len(block) <= _MOST:
        loaded, problem = load(block)
        if not problem:
            return loaded
    else:
        load, problem = _nothing, f"more than {_MOST:,} characters"
    found: dict[str, object] = {}
    broken = ""
    for entry in _entries(lines):
        loaded, fault = load("\n".join(entry))
        broken = broken or (entry[0] if fault else "")
        found |= _as_it_stands(entry) if fault else loaded
    line = all_lines.index(broken) + 2 if broken else 2
    say("front-matter-invalid", line, f"{problem}: read as it stands; put the value in quotes")
    return found


def _nothing(block: str) -> _Loaded:
    return {}, "too long"


def _entries(lines: Sequence[str]) -> list[list[str]]:
    """Return the lines in groups that begin with a key."""
    entries: list[list[str]] = [[]]
    for line in lines:
        if _ENTRY.match(line):
            entries.append([])
        entries[-1].append(line)
    return [entry for entry in entries if any(map(str.strip, entry))]


def _as_it_stands(entry: Sequence[str]) -> dict[str, object]:
    """Return the key and the text of an entry that cannot be parsed; nothing for lines without a key."""
    head = _ENTRY.match(entry[0])
    if not head:
        return {}
    first, key = entry[0][head.end() :].strip(), head[1].strip()
    rest = [line.strip() for line in entry[1:] if line.strip()]
    if not first and rest and all(line.startswith("-") for line in rest):
        return {key: [_unquoted(line[1:].strip()) for line in rest]}
    parts = rest if _BLOCK_SCALAR.fullmatch(first) else [first, *rest]
    return {key: _unquoted(" ".join(parts).strip())}


@lru_cache(maxsize=1)
def load_yaml(block: str) -> _Loaded:
    """Return what a block of YAML holds; kept, as a note of another kind asks several times."""
    import yaml

    try:
        loaded = _built(yaml.parse(block, getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        return {}, getattr(error, "problem", None) or str(error) or "no YAML"
    return (loaded, "") if isinstance(loaded, dict) else ({}, "")


def _built(events: Iterator[object]) -> object:
    """Return the strings, lists and dicts of a document, from the events of a parser.

    Raises ValueError for aliases (`*x` can grow without bound), a second document, and what is nested too deeply.
    """
    opened: list[list[object]] = [[]]
    for event in events:
        match type(event).__name__:
            case "ScalarEvent":
                opened[-1].append(event.value)  # type: ignore[attr-defined]
            case "SequenceStartEvent" | "MappingStartEvent":
                if len(opened) > _DEEPEST:
                    raise ValueError("nested too deeply")
                opened.append([])
            case "SequenceEndEvent":
                done = opened.pop()
                opened[-1].append(done)
            case "MappingEndEvent":
                done = opened.pop()
                if not all(isinstance(key, str) for key in done[::2]):
                    raise ValueError("a key that is no text")
                opened[-1].append(dict(zip(done[::2], done[1::2], strict=True)))
            case "AliasEvent":
                raise ValueError("a YAML alias")
    if len(opened[0]) > 1:
        raise ValueError("more than one document")
    return opened[0][0] if opened[0] else None


def load_toml(block: str) -> _Loaded:
    """Return what a block of TOML holds, numbers and times as they are written."""
    import tomllib

    block = _TOML_TOKEN.sub(lambda token: f'"{token[1]}"' if token[1] else token[0], block)
    try:
        return tomllib.loads(block, parse_float=str), ""
    except (ValueError, RecursionError) as error:
        return {}, str(error)


def _read_properties(block: re.Match[str], say: Say) -> FrontMatter:
    """Return the properties of a page of Logseq; none if no title and no medium is among them: they may be cards."""
    lines = block[1].split("\n")[:-1]
    pairs = [(key.strip(" \t-*"), value.strip()) for key, _, value in (line.partition("::") for line in lines)]
    loaded: dict[str, object] = dict(pairs)
    if "title" not in loaded and not any(medium(value) for _, value in pairs):
        return FrontMatter()
    for key in loaded.keys() & {"alias", "aliases", "tags"}:
        plain = str(loaded[key]).replace("[[", "").replace("]]", "")
        loaded[key] = [one.strip() for one in plain.split(",")]
    found = FrontMatter(body_start=block.end(1))
    _take(loaded, found, ("", *lines), say)
    return found


def _read_json(text: str, start: int, say: Say) -> FrontMatter:
    """Return the front matter of a note that opens with a JSON object; none if it is no such object."""
    import json

    try:
        as_written = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
        loaded, length = as_written.raw_decode(text[start : start + _MOST])
    except (ValueError, RecursionError):
        return FrontMatter()
    found = FrontMatter(body_start=start + length)
    _take(loaded, found, (), say)
    return found


# What the values are


def _take(loaded: Mapping[str, object], found: FrontMatter, lines: Sequence[str], say: Say) -> None:
    """Add what was parsed; `lines` are those of the front matter, for diagnostics."""
    names = loaded.get("aliases") or loaded.get("alias") or ()
    found.aliases = tuple([_whole(one) for one in _items(names) if isinstance(one, str) and one])
    for outer, value in loaded.items():
        for key, texts in _flat(_whole(outer), value):
            text = ", ".join(texts)
            is_own = _OWN_KEY.fullmatch(key)
            if text and is_own:
                line = next((at for at, one in enumerate(lines, 2) if one.startswith(outer)), 1)
                for one in [text] if key.lower() == "title" else texts:
                    _take_own(key, " ".join(one.split()), line, found, say)
            if not is_own or key.lower() in _ADDRESSES:
                found.meta[key] = text.strip() if is_own else text


def _flat(key: str, value: object) -> Iterator[tuple[str, list[str]]]:
    """Yield keys and the texts of their values; a key within another is `outer.inner`."""
    items = _items(value)
    inner: dict[str, list[str]] = {}
    for one in items:
        for name, own in one.items() if isinstance(one, dict) else ():
            for flat, texts in _flat(f"{key}.{_whole(name)}", own) if len(key) <= _LONGEST_KEY else ():
                inner.setdefault(flat, []).extend(texts)
    texts = [text for one in items if (text := _text(one)) is not None]
    if texts or not any(isinstance(one, dict) for one in items):
        yield key, texts
    yield from inner.items()


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) and _text(value) is None else (value,)


def _text(value: object) -> str | None:
    """Return a value as text, None for lists and maps; `[[a link]]` without quotes is a list in a list."""
    match value:
        case str():
            return _whole(value)
        case [[str() as target]]:
            return f"[[{_whole(target)}]]"
        case list() | dict():
            return None
        case _:
            return "" if value is None else str(value).lower()


def _whole(text: str) -> str:
    """Return the text without the lone surrogates that escapes can write: no file can hold them."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text
