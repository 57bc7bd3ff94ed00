"""Podlove Simple Chapters 1.2 (https://podlove.org/simple-chapters/)."""

from __future__ import annotations

from convert.document.timecode import clock_ms
from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return the element of a feed's item, in a document of its own."""
    from xml.sax.saxutils import quoteattr  # slow to import: it loads modules for HTTP

    rows = "".join(
        [
            f'  <psc:chapter start="{clock_ms(marker.start_ms)}" title={quoteattr(marker.title)}/>\n'
            for marker in timeline.markers
        ]
    )
    head = '<psc:chapters version="1.2" xmlns:psc="http://podlove.org/simple-chapters">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{rows}</psc:chapters>\n'
