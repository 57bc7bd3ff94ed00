"""SubRip, as a subtitle track that shows the section's title while the video plays: no player takes it for chapters."""

from __future__ import annotations

from io import StringIO

from convert.extract.timeline import Timeline


def render(timeline: Timeline, media: str = "") -> str:
    """Return one subtitle for each marker."""
    return subtitles([(marker.start_ms, marker.end_ms, marker.title) for marker in timeline.markers])


def subtitles(rows: list[tuple[int, int, str]]) -> str:
    """Return the SubRip of (start, end, text) rows; a blank line in `text` would end its subtitle."""
    import pysrt

    items = [
        pysrt.SubRipItem(number, pysrt.SubRipTime.from_ordinal(start), pysrt.SubRipTime.from_ordinal(end), text)
        for number, (start, end, text) in enumerate(rows, 1)
    ]
    out = StringIO()
    pysrt.SubRipFile(items, eol="\n").write_into(out)
    return out.getvalue()
