"""The style sheet: the book's own, then the reader's."""

from __future__ import annotations

import re
from pathlib import Path

from convert.errors import WriterError
from convert.report import diagnostic
from convert.tools.own_files import own_file
from convert.writers.base import Job
from convert.writers.epub import Options

# What a style sheet may fetch from elsewhere: EPUB 3.3, 3.6 forbids it for all but fonts, sound and video.
_FETCHED = re.compile(r"@(?:import|charset|namespace)\b[^;]*;|url\(\s*(?![\"']?data:)[^)]*\)", re.IGNORECASE)


def style_sheet(job: Job[Options]) -> bytes:
    """The bytes of the style sheet; raises WriterError when the reader's cannot be read."""
    own = own_file("convert.render", "css/book.css").decode()
    return (f"{own}\n{_added(Path(job.options.css), job)}" if job.options.css else own).encode()


def _added(path: Path, job: Job[Options]) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WriterError(f"{path}: the style sheet cannot be read ({error}); name a CSS file in UTF-8") from error
    kept, dropped = _FETCHED.subn("", text)
    if dropped:
        message = f"{dropped} references to other files dropped: a book holds no files that style sheets ask for"
        job.warn(diagnostic("css-reference-dropped", str(path), 0, message))
    return kept
