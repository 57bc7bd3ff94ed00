"""Which video an address names. Each provider has one spelling as an identity, however its addresses are written."""

from __future__ import annotations

import re

from convert.document.note import Video

_YOUTUBE_URL = re.compile(
    r"(?:https?:)?//(?:[a-z]+\.)?(?:youtube(?:-nocookie)?\.com/(?:watch\?(?:[^\s#]*&)?v=|shorts/|embed/|live/|v/)|youtu\.be/)"
    r"([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])"
)
# Few notes hold other addresses: these are compiled where the first one stands, which takes as long as reading a note.
_VIMEO_URL = (
    r"(?:https?:)?//(?:www\.|player\.)?vimeo\.com/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?"
    r"([0-9]{5,12})(?:(?:/|\?h=)([0-9a-f]{8,12}))?(?=[/?#&]|\Z)"
)
_PEERTUBE_URL = (
    r"https?://([A-Za-z0-9.-]+(?::[0-9]{1,5})?)/(?:w|videos/watch|videos/embed)/"
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22})(?=[/?#]|\Z)"
)
"""A UUID, or its short form in base 58: https://docs.joinpeertube.org/use/watch-video"""
_MEDIA = r"[^\s?#]{1,400}\.(?:mp4|m4v|webm|mov|mkv|ogv|m4a|mp3|opus|ogg|flac|wav)"
_MEDIA_URL = rf"(?i)(https?://{_MEDIA}(?:\?[^\s#]{{0,400}})?)(?:#\S*)?"
_MEDIA_FILE = r"(?i)(?:file://)?(?!\w+://)([^\n?#]{1,400}\.[a-z0-9]{3,4})"


def youtube_video(address: str) -> Video | None:
    """The video that a YouTube address names, None when it names none."""
    found = _YOUTUBE_URL.match(address)
    return Video("youtube", found[1]) if found else None


def video_of(address: str) -> Video | None:
    """The video at an address of YouTube, Vimeo or a PeerTube, or a media file on the web; None for other addresses."""
    if video := youtube_video(address):
        return video
    if found := re.match(_VIMEO_URL, address):
        return Video("vimeo", "/".join(filter(None, found.groups())))
    if found := re.match(_PEERTUBE_URL, address):
        return Video("peertube", f"{found[1].lower()}/w/{found[2]}")
    found = re.fullmatch(_MEDIA_URL, address)
    return Video("file", found[1]) if found else None


def media_file(written: str) -> Video | None:
    """The video in a media file of this machine, by the path or `[[link]]` as written; None for other names."""
    path = written.strip().removeprefix("!").removeprefix("[[").removesuffix("]]").partition("|")[0].strip()
    found = re.fullmatch(_MEDIA_FILE, path)
    return Video("file", found[1]) if found and re.fullmatch(_MEDIA.replace("\\s", "\\n"), found[1], re.I) else None
