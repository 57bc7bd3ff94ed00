"""Names the XHTML files of a book, links them, and writes the document around each page."""

from __future__ import annotations

import re
from functools import lru_cache

from convert.document.book import NoteSummary, VideoNotes
from convert.render.book_pages import BookPages, direction_of, page_stem, short_html

STYLE_SHEET = "style.css"
_LONGEST_NAME = 48
_CODE = re.compile(r"(<pre[^<>]*+><code[^<>]*+>)((?:[^<]++|<(?!/code></pre>))*+)(</code></pre>|)")
_MARK = re.compile(r"<(/?)(span|b|i)\b[^<>]*+>")
"""A tag of the kinds that mark code."""
_HYPHENATED = re.compile(r"<[^<>]*+>|[\w@./-]++")
_LONGEST_WHOLE = 28
"""Letters of a name with hyphens that is not broken in code."""
_LONGEST_LINE = 32
"""Letters of a line of code that fit any page."""
_DEEPEST_LINE = 12
_SHORTEST_LINE = 8
"""Letters of a line on average; below, the elements would be many times as long as the code."""
_TABLE = re.compile(r"(<table[^<>]*+)>((?:[^<]++|<(?!/table>))*+)(</table>|)")
_LONG_WORD = re.compile(r"<math(?:[^<]++|<(?!/math>))*+(?:</math>)?|<[^<>]*+>|[^\s<>]{15}[^\s<>]*+")
_JOINT = re.compile(r"(?<=[\w/][/._:=,?+-])(?=\w)|(?<=[a-z])(?=[A-Z])")
_PIECE = re.compile(r"(?:&\w+;|[!-%'-;=?-~\u00c0-\u024f]){12}(?=[!-;=?-~\u00c0-\u024f]{4})")
"""Letters of scripts whose words may be broken between any two."""


@lru_cache(maxsize=1 << 14)
def page_name(note_id: str) -> str:
    """Return the file name of a note's page, which depends only on the id."""
    return f"{page_stem(note_id.rpartition('/')[2], note_id, _LONGEST_NAME)}.xhtml"


def part_name(part: VideoNotes) -> str:
    """Return the file name of a part's page, after its video; raises ValueError without one."""
    if part.video is None:
        raise ValueError("notes without a video have no page of a part")
    return f"video-{page_stem(part.video.id, f'{part.video.provider}/{part.video.id}', _LONGEST_NAME)}.xhtml"


class EpubPages(BookPages):
    """The pages of a book, one for each note, and the parts that its contents are divided into."""

    ENGLISH = ' lang="en" xml:lang="en" dir="ltr"'
    list_html = staticmethod(short_html)

    def address(self, summary: NoteSummary) -> tuple[str, str]:
        """Return the page of a note, and no prefix because each note has its own page."""
        return page_name(summary.id), ""

    def has_page(self, part: VideoNotes) -> bool:
        """Return whether a part has a page of its own: a video with several notes, of which none can name it alone."""
        return part.video is not None and len(part.notes) > 1

    def part_start(self, part: VideoNotes) -> str:
        """Return the page where a part begins."""
        return part_name(part) if self.has_page(part) else page_name(part.notes[0].id)


def own_page(title: str, attributes: str, content: str, pages: EpubPages, kind: str) -> bytes:
    """Return a page with an English title and a section with these attributes."""
    heading = f'<h1 id="title"{pages.english}>{title}</h1>\n'
    body = f'<section {attributes} aria-labelledby="title">\n{heading}{content}</section>\n'
    return xhtml_document(title, body, pages, kind=kind)


def narrowed(body: str) -> str:
    """Return the markup of a page whose tables and code are ready for narrow pages, which do not scroll sideways.

    Long words in tables may break. Each line of code is an element, so that its end, if the page breaks the line,
    stands deeper than its beginning.
    """
    if "<table" in body:
        body = _TABLE.sub(_narrow_table, body)
    return _CODE.sub(_hanging_code, body) if "<pre" in body else body


def _narrow_table(match: re.Match[str]) -> str:
    return f"{match[1]}>{_LONG_WORD.sub(_with_breaks, match[2])}{match[3]}"


def _with_breaks(match: re.Match[str]) -> str:
    if match[0].startswith("<"):
        return match[0]
    return "<wbr/>".join([_PIECE.sub(r"\g<0><wbr/>", piece) for piece in _JOINT.sub("\n", match[0]).split("\n")])


def _hanging_code(match: re.Match[str]) -> str:
    lines = match[2].removesuffix("\n").split("\n")
    if max(len(_MARK.sub("", line)) for line in lines) <= _LONGEST_LINE or len(match[2]) < _SHORTEST_LINE * len(lines):
        return match[0]
    out = [match[1]]
    opened: list[re.Match[str]] = []
    for line in lines:
        shown = _HYPHENATED.sub(_unbroken, line) if "-" in line else line
        depth = min(len(line) - len(line.lstrip(" ")), _DEEPEST_LINE) // 2 * 2
        before = "".join([tag[0] for tag in opened])
        for tag in _MARK.finditer(line) if "<" in line else ():  # the marks of a token may go on for lines
            opened[len(opened) - bool(tag[1]) :] = [] if tag[1] else [tag]
        after = "".join([f"</{tag[2]}>" for tag in reversed(opened)])
        out.append(f'<span class="line{f" in{depth}" if depth else ""}">{before}{shown}{after}\n</span>')
    return "".join([*out, match[3]])


def _unbroken(match: re.Match[str]) -> str:
    """Return a name of code so that pages do not break it after its hyphens."""
    name = match[0]
    is_whole = name[0] != "<" and "-" in name.strip("-") and len(name) <= _LONGEST_WHOLE
    return f'<span class="whole">{name}</span>' if is_whole else name


def xhtml_document(title: str, body: str, pages: EpubPages, *, kind: str = "", language: str = "und") -> bytes:
    """Return a whole page around `body`, which is markup like `title`.

    `kind` is the `epub:type` of its body, `language` its own language, "und" for the book's.
    """
    tag = pages.language if language == "und" else language
    direction = pages.direction if language == "und" else direction_of(language)
    turned = f' dir="{direction}"' if direction == "rtl" or pages.direction == "rtl" else ""
    typed = f' epub:type="{kind}"' if kind else ""
    if direction == "rtl":  # style sheets of EPUB may not say so
        body = body.replace("<pre", '<pre dir="ltr"').replace("<code", '<code dir="ltr"')
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{tag}" xml:lang="{tag}"{turned}>\n'
        f'<head>\n<meta charset="utf-8"/>\n<title>{title}</title>\n'
        f'<link rel="stylesheet" type="text/css" href="{STYLE_SHEET}"/>\n</head>\n'
        f"<body{typed}>\n{body}</body>\n</html>\n"
    )
    return text.encode()
