"""Podlove Simple Chapters 1.2 (https://podlove.org/simple-chapters/)."""

from __future__ import annotations

from convert.extract.timeline import Timeline
from convert.render.chapters.spelling import clock_ms


def render(timeline: Timeline, media: str = "") -> str:
    """An element for a feed's item, in a document of its own."""
    from xml.sax.saxutils import quoteattr  # which loads what speaks HTTP

    rows = "".join(
        f'  <psc:chapter start="{clock_ms(marker.start_ms)}" title={quoteattr(marker.title)}/>\n'
        for marker in timeline.markers
    )
    head = '<psc:chapters version="1.2" xmlns:psc="http://podlove.org/simple-chapters">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{rows}</psc:chapters>\n'
