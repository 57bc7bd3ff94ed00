"""A playlist of one video with bookmarks as VLC keeps them (https://wiki.videolan.org/XSPF/)."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from convert.extract.timeline import Timeline

# VLC splits its list of bookmarks at these.
_SPECIAL = str.maketrans({",": "\N{FULLWIDTH COMMA}", "{": "(", "}": ")"})


def render(timeline: Timeline, media: str = "") -> str:
    """The playlist; `media` is the file's path relative to it."""
    bookmarks = ",".join(
        f"{{name={marker.title.translate(_SPECIAL)},time={_seconds(marker.start_ms)}}}" for marker in timeline.markers
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<playlist xmlns="http://xspf.org/ns/0/" xmlns:vlc="http://www.videolan.org/vlc/playlist/ns/0/" version="1">
  <trackList>
    <track>
      <location>{escape(quote(media), quote=False)}</location>
      <title>{escape(timeline.title, quote=False)}</title>
      <extension application="http://www.videolan.org/vlc/playlist/0">
        <vlc:id>0</vlc:id>
        <vlc:option>bookmarks={escape(bookmarks, quote=False)}</vlc:option>
      </extension>
    </track>
  </trackList>
</playlist>
"""


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}"
