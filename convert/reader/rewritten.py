"""A text of another kind of note, as the reader knows notes."""

from __future__ import annotations

from dataclasses import dataclass

from convert.document.note import Video


@dataclass(frozen=True)
class Rewritten:
    """What a reader plug-in makes of a text, and what else it found out about the note."""

    text: str
    """Markdown with stamps. Each line stays where it was: diagnostics and time repair name lines."""
    video: Video | None = None
    """The video that the text is about, if its front matter names none."""
    title: str = ""
    """The title, if its front matter gives none; a heading does where this is "" as well."""
