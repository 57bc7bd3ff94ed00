"""The front matter of a note: a block between two `---` lines at its start.

`title` and `videoId` are read line by line, because YAML would turn some of their values into something else
(`yes`, `2023`, `0x12345678901`, `a # b`) and fails on others; all other keys are YAML whose values remain strings.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from convert.document.note import Video
from convert.reader.source import Say, say_nothing
from convert.reader.video_address import YOUTUBE_ID, media_file, video_of

_OPENING = re.compile(r"\A\s*+---[ \t]*+\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*+(?:\n|\Z)", re.MULTILINE)
_OWN_KEY = re.compile(r"^(title|videoId|video_id|(?:url|source|video)(?=[ \t]*+:[ \t]*+\S))[ \t]*+:[ \t]*+(.*)$")
_MOST_YAML = 64_000
"""Characters of the other keys, at most: a megabyte of small lists takes the parser a minute and 450 MB."""
_DEEPEST = 32
"""Lists and mappings in each other; those of real notes are two levels deep."""
_ADDRESSES = ("url", "source", "video")


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
        return FrontMatter()
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        say("front-matter-unclosed", 1, "no closing --- line: the whole file is read as text")
        return FrontMatter()
    found = FrontMatter(body_start=closing.end())
    others = _read_own_keys(text[opening.end() : closing.start()], found, say)
    if others:
        _read_yaml(others, found, say)
    return found


def _read_own_keys(block: str, found: FrontMatter, say: Say) -> str:
    """Read title and video into `found` and return the lines of all other keys."""
    others = []
    for number, line in enumerate(block.split("\n"), 2):
        own = _OWN_KEY.match(line)
        value = own[2].rstrip(" \t") if own else ""
        if not own:
            others.append(line)
        elif own[1] == "title":
            found.title = _unquoted(value)
        elif value:
            _read_video(own[1], _unquoted(value), number, found, say)
    remaining = "\n".join(others)
    return remaining if remaining.strip() else ""


def _read_video(key: str, value: str, line: int, found: FrontMatter, say: Say) -> None:
    if key in _ADDRESSES:
        found.meta[key] = value
    video = _video(key, value, line, say)
    if not found.video:
        found.video = video
    elif video and video != found.video:
        say("video-id-duplicate", line, f"a second video, {value[:40]}: the first counts")


def _unquoted(value: str) -> str:
    """Return a value without its YAML quotes."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value


def _video(key: str, value: str, line: int, say: Say) -> Video | None:
    if key not in _ADDRESSES and YOUTUBE_ID.fullmatch(value):
        return Video("youtube", value)
    if video := video_of(value):
        return video
    if key in _ADDRESSES:
        return media_file(value) if key == "video" else None
    say("video-id-invalid", line, f"{value[:40]!r} is no YouTube id of 11 characters: its stamps get no links")
    return None


def _read_yaml(block: str, found: FrontMatter, say: Say) -> None:
    """Add the other keys; lists are joined by commas, mappings are left out."""
    loaded, problem = _loaded(block) if len(block) <= _MOST_YAML else (None, f"more than {_MOST_YAML:,} characters")
    if problem:
        say("front-matter-invalid", 2, f"{problem}: only title and videoId are read")
    if not isinstance(loaded, dict):
        return
    found.meta |= {_whole(str(key)): text for key, value in loaded.items() if (text := _as_text(value)) is not None}
    aliases = loaded.get("aliases") or loaded.get("alias") or ()
    names = aliases if isinstance(aliases, list) else [aliases]
    found.aliases = tuple(_whole(name) for name in names if isinstance(name, str) and name)


@lru_cache(maxsize=1)
def _loaded(block: str) -> tuple[object, str]:
    """Return what the YAML holds, or what is wrong with it; kept, as a note of another kind asks several times."""
    import yaml

    try:
        return yaml.load(block, _strings_only()), ""
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        return None, getattr(error, "problem", None) or "no YAML"


def _as_text(value: object) -> str | None:
    if isinstance(value, list):
        return _whole(", ".join(item for item in value if isinstance(item, str)))
    return _whole(value) if isinstance(value, str) else None


def _whole(text: str) -> str:
    """Return the text without the lone surrogates that YAML's escapes can write: no file can hold them."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _strings_only() -> type:
    """Return a YAML loader without aliases (`*x` can grow without bound) whose scalars are all strings.

    It is the one in Python: that in C takes other texts (`[a:]`, tabs), and not every wheel has it.
    """
    import yaml

    class Strings(yaml.BaseLoader):
        depth = 0

        def compose_node(self, parent, index):  # type: ignore[no-untyped-def]
            if self.check_event(yaml.events.AliasEvent):
                raise yaml.YAMLError("a YAML alias")
            if self.depth > _DEEPEST:
                raise yaml.YAMLError("nested too deeply")
            self.depth += 1
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    return Strings
