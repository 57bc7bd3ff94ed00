"""Text and the inline nodes that refer to something: stamps, links, images, and links in place of players."""

from __future__ import annotations

import re
from itertools import accumulate
from urllib.parse import unquote

from msgspec import UNSET

from convert.document import nodes as n
from convert.document.note import ImageFact, LinkFact, StampFact
from convert.document.timecode import BARE_STAMP, STAMP, is_impossible, parse_timestamp, sure_raw
from convert.document.walk import plain_text
from convert.reader.node_stack import NodeStack, OpenNode, highlight, strip_blanks
from convert.reader.resolve import default_label
from convert.reader.video_address import WEB_ADDRESS, media_file, player_link, second_of, video_of, youtube_video

_ANCHOR = re.compile(
    r"""(?<![ \t])[ \t]*+<a\s(?:(?:(?!data-t\s*+=)[^<>\n])*+data-t\s*+=)++"""  # up to the last data-t of the tag
    r"""\s*+["']?([^"'<>\n]*+)[^<>\n]*+>[^<>\n]*+</a>"""
)

# Text and stamps


def add_text(stack: NodeStack, text: str) -> None:
    """Add text, the bare stamps in it, and links for its bare addresses."""
    if not stack.takes_text:
        stack.nodes[-1].children.append(text)
        return
    stack.words += len(text.split())
    if "://" in text or "@" in text or "www." in text:
        text = _add_addresses(stack, text)
    children, end = stack.nodes[-1].children, 0
    for found in BARE_STAMP.finditer(text) if ":" in text else ():
        written = found[0][1:-1]
        if is_impossible(written):
            stack.say("stamp-unreadable", stack.line, f"{written!r} is no time: kept as text; hours have 59 minutes")
            continue
        if found.start() > end:
            children.append(n.Text(text[end : found.start()]))
        end = found.end()
        # A list (`a, b`) is several stamps, a range (`a - b`) one that starts at its first time.
        times = STAMP.findall(written) if "," in written or ";" in written else [written.strip()]
        for i, raw in enumerate(times):
            if i:
                children.append(n.Text(" "))
            children.append(new_stamp(stack, raw, parse_timestamp(raw)))
    if end < len(text):
        children.append(n.Text(text[end:]))


def _add_addresses(stack: NodeStack, text: str) -> str:
    """Add a text up to its last bare address, each as a link, and return the rest; its words are counted."""
    end = 0
    for start, stop, url in _addresses(stack, text):
        stack.words -= len(text[end:start].split())
        add_text(stack, text[end:start])
        stack.nodes[-1].children.append(n.Link(url, (n.Text(text[start:stop]),)))
        end = stop
    return text[end:]


_ADDRESS = re.compile(
    r"(?<![\w/.@:=&?#%+-])(?:https?://|(?-i:www)\.)[^\s<>\[\]{}\"`|\\^“”„«»、。，．；：！？（）「」『』【】《》〈〉…]{4,2000}+"
    r"|(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])(?:https?://|(?-i:www)\.)[!#-;=?-Z_a-z~]{4,2000}+",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?<![\w/.@:=&?#%+-])(?<!\w['’])(?:mailto:)?+[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}+"
    r"@(?![0-9]x\.)(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?!\.?[\w@-]|:\S)"
)
"""An address of mail, but no picture (`sea@2x.png`), version (`tides@1.2.3`) or place for Git (`git@host.org:sea`)."""
_HOST = re.compile(r"(?:https?://|www\.)(?:[\w-]{1,63}\.){1,20}[\w-]{2,63}(?::[0-9]{1,5})?(?:[/?#]|\Z)", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[\x21-\x7e])(?<![/=_%-])[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""What is written without blanks (Chinese, Japanese, Korean) right behind a word is no part of an address."""


def _addresses(stack: NodeStack, text: str) -> list[tuple[int, int, str]]:
    """Return where the bare addresses of a text begin and end, and where they lead; none within a link."""
    if any(node.kind in ("Link", "Image") or (node.kind == "Tag" and node.data[0] == "a") for node in stack.nodes):
        return []
    found = [(one.start(), _without_tail(one[0])) for one in _ADDRESS.finditer(text)]
    named = [
        (start, start + len(address), address if "://" in address[:8] else f"http://{address}")
        for start, address in found
        if _HOST.match(address)
    ]
    for one in _MAIL.finditer(text) if "@" in text else ():
        named.append((one.start(), one.end(), f"mailto:{one[0].removeprefix('mailto:')}"))
    named.sort()
    ends = accumulate([stop for _, stop, _ in named], max, initial=0)
    return [one for one, end in zip(named, ends, strict=False) if one[0] >= end]  # none of mail within one of the web


def _without_tail(address: str) -> str:
    """Return an address without what belongs to the sentence: punctuation at its end, and brackets around it."""
    if not address.isascii() and (glued := _GLUED.search(address, 8)):
        address = address[: glued.start()]
    more = address.count(")") - address.count("(")
    while address and (address[-1] in ".,;:!?*_~'’" or (address[-1] == ")" and more > 0)):
        more -= address[-1] == ")"
        address = address[:-1]
    return address


def new_stamp(stack: NodeStack, raw: str, literal_ms: int | None, video: n.Video | None = None) -> n.Stamp:
    """Return the node of a stamp and add its fact; without a `video` it is of the one that its line is about."""
    fact = len(stack.stamps)
    if stack.places:
        video = video or stack.places.at(stack.line)
        video = None if video == stack.video else video
    stack.stamps.append(StampFact(raw, literal_ms, stack.line, stack.section, stack.in_heading, video))
    if literal_ms is None:
        stack.say("stamp-unreadable", stack.line, f"{raw[:40]!r} is no time: kept as text")
    return n.UnresolvedStamp(raw, literal_ms, video or UNSET, fact=fact)


def close_stamp(stack: NodeStack) -> None:
    """Add the anchored stamp that is open; its time is in its tag, else in its label."""
    assert stack.stamp is not None
    (data, pieces), stack.stamp = stack.stamp, None
    label, ms, children = "".join(pieces), parse_timestamp(data), stack.nodes[-1].children
    if ms is not None and label == f"[{data}]":
        children.append(new_stamp(stack, data, ms))
        return
    raw = data
    if ms is None and (ms := parse_timestamp(label)) is not None:
        raw = label.strip("[]() ")
    words = "" if STAMP.search(label) else label.strip("[] ")
    if ms is None and not STAMP.search(data + label):
        words = label
        message = f"anchor with {data[:40]!r}, which is no time: its text is kept"
        stack.say("stamp-unreadable", stack.line, message)
    else:
        children.append(new_stamp(stack, raw or label, ms))
    if words:
        children.append(n.Text(words))


def split_stamps(stack: NodeStack, code: str) -> tuple[str, list[n.Stamp]]:
    """Return code without stamp anchors, and the stamps."""
    stamps: list[n.Stamp] = []
    if "data-t" not in code:
        return code, stamps

    def take(found: re.Match[str]) -> str:
        raw = found[1].strip()
        ms = parse_timestamp(raw)
        if ms is None:
            return found[0]
        stamps.append(new_stamp(stack, raw, ms))
        return ""

    return _ANCHOR.sub(take, code), stamps


_NOTHING = re.compile(r"\[\s*+\]|\(\s*+\)")
_JOINTS = " \t-\u2010\u2011\u2012\u2013\u2014\u2015:|@\u00b7\u2022\u2192"


def without_joints(title: tuple[n.Inline, ...], text: str) -> str:
    """Return the text of a heading without what joined its words to a stamp at its start or end: ` - `, `: `, `[]`."""
    at = [i for i, node in enumerate(title) if isinstance(node, n.Stamp)]
    if not at:
        return text
    text = _NOTHING.sub("", text).strip()
    if not plain_text(title[: at[0]]).strip(" [("):
        text = text.lstrip(_JOINTS)
    return text if plain_text(title[at[-1] + 1 :]).strip(" ]):") else text.rstrip(_JOINTS)


# Links

_NOTE_PATH = re.compile(r"(?:\.{0,2}/)?(?:[^/.?#]++/)*+[^/.?#]*+(?:\.(?:md|markdown|txt))?(?:#[^?#]*+)?", re.IGNORECASE)
_YOUTUBE = re.compile(r"(?:https?:)?//(?:[a-z]+\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)(?:/|$)")
_SECOND = re.compile(r"[?&#](?:t|start|time_continue)=[0-9]")
_EXTERNAL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:(?://)?[^\s|]+")
_BRACKETED_TIME = re.compile(r"\[[0-9:.,\s-]{3,40}\]")


def close_link(stack: NodeStack, node: OpenNode) -> None:
    """Add a link or wikilink; `[[...]]` that only looks like one is text."""
    kind, address, children = node.data["link_type"], node.data["dest_url"], stack.nodes[-1].children
    if "WikiLink" not in kind:
        children += link_nodes(stack, f"mailto:{address}" if kind == "Email" else address, node.children)
    elif _is_literal(address):
        children += [n.Text("[["), *strip_blanks(node.children), n.Text("]]")]
    else:
        # Without a bar the parser's label is the target, a slug; show words instead.
        named = kind["WikiLink"]["has_pothole"] or not ("_" in address or "#" in address)
        children += _wikilink_nodes(stack, address.strip().rstrip("\\"), strip_blanks(node.children) if named else [])


def _is_literal(target: str) -> bool:
    """Return whether `[[target]]` only looks like a wikilink: nested lists, or an empty target."""
    name, _, heading = target.partition("#")
    in_heading = "[" in heading and "[" in _BRACKETED_TIME.sub("", heading)
    return in_heading or "[" in name or "]" in name or not target.strip()


def link_nodes(stack: NodeStack, address: str, children: list[n.Inline]) -> list[n.Inline]:
    """Return the nodes of a link to an address; if its text is a time of this note's video, they are that stamp."""
    if stack.places and (raw := _only_time(children)) and (video := stack.places.named(unquote(address))):
        return [new_stamp(stack, *_time_of(raw, address), video)]
    if _is_own(stack, address):
        if len(children) == 1 and isinstance(only := children[0], n.Stamp) and stack.stamps:
            stack.stamps.pop()  # that of the text: its time is in the address
            return [new_stamp(stack, *_time_of(only.raw, address))]
        if children and all(isinstance(child, n.Stamp) for child in children):
            return children
        if raw := _only_time(children):
            return [new_stamp(stack, *_time_of(raw.strip(), address))]
    # `[a](note.md#heading)` leads to a note.
    if address and ":" not in address and not address.startswith(("//", "#t=")) and _NOTE_PATH.fullmatch(address):
        return [_new_wikilink(stack, *split_target(unquote(address)), children)]
    return [n.Link(address, highlight(children) or (n.Text(address),))]


def _time_of(raw: str, address: str) -> tuple[str, int | None]:
    """Return the time of a link, to be read and in milliseconds: that of its address if that tells another one.

    One that tells the same may have been made of a time that was written wrong: it can still be repaired.
    """
    ms, at = parse_timestamp(raw), second_of(address)
    if at is None or (ms is not None and ms // 1000 == at // 1000):
        return raw, ms
    return sure_raw(at), at


def _only_time(children: list[n.Inline]) -> str:
    """Return the text of the children when it is a time and nothing else, else ""."""
    only = children[0] if len(children) == 1 else None
    return only.text if type(only) is n.Text and STAMP.fullmatch(only.text.strip()) else ""


def _is_own(stack: NodeStack, address: str) -> bool:
    """Return whether a link that reads as a time points to the note's own video, or nowhere.

    Notes contain made-up addresses (`watch?v=example`), so only one with a second of another video counts as that.
    """
    if not address.startswith(("http:", "https:", "//", "mailto:")):
        return True
    if not _YOUTUBE.match(address):
        return False
    video = youtube_video(address)
    return video is None or video == stack.video or not _SECOND.search(address)


def _wikilink_nodes(stack: NodeStack, address: str, children: list[n.Inline]) -> list[n.Inline]:
    """Return the nodes of `[[address|children]]`."""
    if address.startswith(("http://", "https://", "mailto:")) and _EXTERNAL.match(address):
        return [n.Link(address, highlight(children) or (n.Text(address),))]
    target, fragment = split_target(address)
    if not target and not fragment:
        return [n.Text(f"[[{address}]]")]
    if ":" in address and STAMP.fullmatch(address) and (ms := parse_timestamp(address)) is not None:
        return [new_stamp(stack, address, ms)]
    # The stamp has another destination, so it follows the link.
    stamps: list[n.Inline] = []
    if len(children) == 1 and type(only := children[0]) is n.Text:
        if ":" in only.text and STAMP.fullmatch(only.text):
            stamps, children = [new_stamp(stack, only.text, parse_timestamp(only.text))], []
    elif stamps := [child for child in children if isinstance(child, n.Stamp)]:
        children = strip_blanks([child for child in children if not isinstance(child, n.Stamp)])
    link = _new_wikilink(stack, target, fragment, children)
    if not stamps:
        return [link]
    return [link, *[node for stamp in stamps for node in (n.Text(" "), stamp)]]


def _new_wikilink(stack: NodeStack, target: str, fragment: str, children: list[n.Inline]) -> n.WikiLink:
    """Return the node of a link to a note and add its fact; without children its label is made of its target."""
    fact = len(stack.links)
    stack.links.append(LinkFact(target, fragment, stack.line, stack.section))
    label = highlight(children) or (n.Text(default_label(None, target, fragment)),)
    return n.UnresolvedLink(target, label, fragment, fact=fact, labelled=bool(children))


def split_target(written: str) -> tuple[str, str]:
    """Return target and fragment of a wikilink as written: `note#heading`, `note#^block`."""
    target, _, fragment = written.partition("#")
    return target.strip(), fragment.strip()


# Images and embeds

_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|excalidraw(?:\.md)?)\Z", re.IGNORECASE)
"""The suffixes of picture files and drawings."""
_SIZE = re.compile(r"\|[ \t]*([0-9]{1,5})(?:x[0-9]{1,5})?[ \t]*\Z")
"""A width in pixels, optionally with a height, after the text of an image."""


def close_image(stack: NodeStack, node: OpenNode) -> None:
    """Add an image, an embed, or a link in place of an image whose address is that of a video."""
    kind, address, children = node.data["link_type"], node.data["dest_url"], stack.nodes[-1].children
    alt = plain_text(node.children)
    if "WikiLink" not in kind:
        if WEB_ADDRESS.fullmatch(address) and video_of(address):
            to, words = player_link(address)
            children.append(n.Link(to, (n.Text(_SIZE.sub("", alt).strip() or words),)))
        else:
            children.append(new_image(stack, address, alt))
        return
    target, fragment = split_target(address.rstrip("\\"))
    label = alt if kind["WikiLink"]["has_pothole"] else ""
    if _PICTURE.search(target):
        caption = _SIZE.sub("", f"|{label}").strip("| ")
        size = _SIZE.search(f"|{label}")
        children.append(new_image(stack, target, (caption or target) + (size[0] if size else ""), named=True))
        return
    fact = len(stack.links)
    stack.links.append(LinkFact(target, fragment, stack.line, stack.section, True))
    children.append(n.UnresolvedEmbed(target, fragment, label.strip(), fact=fact))


def new_image(stack: NodeStack, address: str, alt: str, named: bool = False) -> n.Image:
    """Return the node of an image and add its fact; `alt` may end in a width, as in Obsidian."""
    fact = len(stack.images)
    stack.images.append(ImageFact(address, stack.line, named))
    size = _SIZE.search(alt)
    text, width = (alt[: size.start()], int(size[1])) if size else (alt, 0)
    return n.UnresolvedImage(address, text, width, fact=fact)


# Players

SRC = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
"""Matches the address of a picture or a player in a tag."""


def attribute_of(pattern: re.Pattern[str], tag: str) -> str:
    """Return the value of an attribute of a tag, "" if the tag lacks it."""
    found = pattern.search(tag)
    return next(filter(None, found.groups()), "") if found else ""


def open_player(stack: NodeStack, name: str, tag: str) -> tuple[str, str] | None:
    """Return address and words of the link in place of an opening tag, None when there is nothing to show.

    A player with several sources is one link.
    """
    if name != "source":
        stack.players[name] = stack.players.get(name, 0) + 1
        stack.player_shown = False
    written = attribute_of(SRC, tag).strip().replace("&amp;", "&")
    if stack.player_shown or not (written or name == "iframe"):
        return None
    address = f"https:{written}" if written.startswith("//") else written
    if not WEB_ADDRESS.fullmatch(address):
        file = media_file(unquote(address))
        if file and stack.video and file.id.rpartition(".")[0] == stack.video.id.rpartition(".")[0]:
            return None  # the note's own: its times lead to it
        message = f"the player of {written[:40]!r} is left out: only an address on the web is shown, as a link"
        stack.say("html-dropped", stack.line, message)
        return None
    stack.player_shown = True
    return player_link(address)


def close_player(stack: NodeStack, name: str) -> bool:
    """Return whether a closing tag is the partner of a player that is open."""
    count = stack.players.get(name, 0)
    if count:
        stack.players[name] = count - 1
        stack.player_shown = False
    return count > 0
