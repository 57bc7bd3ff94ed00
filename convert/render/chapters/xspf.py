"""A playlist of one video with bookmarks as VLC keeps them (https://wiki.videolan.org/XSPF/)."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from convert.extract.timeline import Timeline

# VLC splits its list of bookmarks at these characters.
_SPECIAL = str.maketrans({",": "\N{FULLWIDTH COMMA}", "{": "(", "}": ")"})


def render(timeline: Timeline, media: str = "") -> str:
    """Return the playlist; `media` is the path of the media file relative to it."""
    times = [f"{marker.start_ms // 1000}.{marker.start_ms % 1000:03}" for marker in timeline.markers]
    names = [marker.title.translate(_SPECIAL) for marker in timeline.markers]
    bookmarks = ",".join([f"{{name={name},time={time}}}" for name, time in zip(names, times, strict=True)])
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
