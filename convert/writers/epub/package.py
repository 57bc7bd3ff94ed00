"""Collects the files of the book in reading order, and writes the archive.

EbookLib has manifest, spine and metadata; everything else is finished bytes. EbookLib 0.20 changes, drops and dates
content when it writes pages, contents and archives, so its writer makes only the container and the package document.
This uses private methods, hence the exact pin.

The metadata follow the rules of catalogues and reading systems.

Kept apart because it wraps EbookLib and works around its defects.
"""

from __future__ import annotations

import datetime
import io
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from ebooklib import epub  # type: ignore[import-untyped]

from convert.document.names import channel_title
from convert.document.note import slug, tags_of
from convert.errors import WriterError
from convert.files import read_text
from convert.render.book_pages import PICTURES, Topic, extent, one_line, shortened, topics, watch_page
from convert.render.furniture import all_words
from convert.report import diagnostic
from convert.tools import package_data
from convert.tools.reproducible_zip import Deflated, make_zip
from convert.writers.base import Job
from convert.writers.epub import front_and_back as matter
from convert.writers.epub.cover import cover
from convert.writers.epub.documents import STYLE_SHEET, EpubPages, page_name, part_name
from convert.writers.epub.front_and_back import ContentsLine, Landmark, book_lines, contents_page, nav_page, ncx
from convert.writers.epub.note_page import NotePage

if TYPE_CHECKING:
    from convert.writers.epub import EpubOptions

XHTML = "application/xhtml+xml"
_PICTURES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "svg": "image/svg+xml"}
_GUIDE_TYPES = {"cover": "cover", "titlepage": "title-page", "toc": "toc", "bodymatter": "text", "index": "index"}
_LARGEST_STYLE_SHEET = 2_000_000
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# What a style sheet may load from elsewhere; EPUB 3.3, 3.6 forbids it except for fonts, sound and video.
_FETCHED = re.compile(r"@(?:import|charset|namespace)\b[^;]*+;?|url\(\s*+(?![\"']?data:)[^)]*+\)?", re.IGNORECASE)
"""What is not closed lasts to the end of the sheet, as CSS has it."""


class BookFile(msgspec.Struct, frozen=True, gc=False):
    """A file of the book: its manifest entry and its bytes. `linear` files are in the reading order."""

    id: str
    name: str
    data: bytes | Deflated
    media_type: str = XHTML
    properties: tuple[str, ...] = ()
    linear: bool = True


def archive(parts: Sequence[bytes], job: Job[EpubOptions]) -> bytes:
    """Return the bytes of the EPUB file; raises WriterError if an option names a file that cannot be used."""
    pages = EpubPages(job.book)
    note_pages = [msgspec.msgpack.decode(part, type=NotePage) for part in parts]
    about = "Notes on a video" if any(map(attrgetter("video"), pages.book.parts)) else "Notes"
    details = BookDetails(
        about=extent(pages.book) if len(pages.summaries) > 1 or all_words(pages.language) else about,
        topics=topics(pages, [page.topics for page in note_pages]),
        mathml=any(map(attrgetter("mathml"), note_pages)),
        pictures=sorted({name for page in note_pages for name in page.pictures}),
        undescribed=any(map(attrgetter("undescribed"), note_pages)),
    )
    job.warn_of_language()
    files, landmarks = _all_files(note_pages, details, pages, job)
    book = epub.EpubBook()
    describe(book, pages, details)
    for file in files:
        # EbookLib's own classes of pages would rewrite their bytes.
        item = epub.EpubItem(uid=file.id, file_name=file.name, media_type=file.media_type)
        item.properties = file.properties
        book.add_item(item)
        if file.linear:
            book.spine.append(item)
    book.guide = [
        {"type": _GUIDE_TYPES[one.kind], "title": one.title, "href": one.href}  # OPF 2.0.1, 2.6
        for one in landmarks
        if one.kind in _GUIDE_TYPES
    ]
    entries: list[tuple[str, bytes | Deflated]] = [("mimetype", b"application/epub+zip")]
    entries += _PackageWriter(book, job.epoch, pages.language).written()
    entries += [(f"{book.FOLDER_NAME}/{file.name}", file.data) for file in files]
    pictures = [one.name for one in files if one.media_type.startswith("image/") and one.media_type != _PICTURES["svg"]]
    stored = frozenset(["mimetype", *[f"{book.FOLDER_NAME}/{name}" for name in pictures]])
    data = make_zip(entries, job.epoch, stored)
    if job.options.device:
        _warn_of_devices(data, job)
    return data


def _warn_of_devices(data: bytes, job: Job[EpubOptions]) -> None:
    """Report what devices refuse or spoil of a book."""
    from convert.writers.epub.devices import device_faults, named_devices  # its patterns take longer than a small book

    for fault in device_faults(io.BytesIO(data), f"{job.book.name}.epub", named_devices(job.options.device)):
        job.warn(fault)


def _all_files(
    note_pages: Sequence[NotePage], details: BookDetails, pages: EpubPages, job: Job[EpubOptions]
) -> tuple[list[BookFile], list[Landmark]]:
    """Return all files except the container and the package document, and the landmarks."""
    split = job.options.split
    urn = identifier(pages)
    by = ", ".join(authors(pages))
    picture, picture_data = cover(pages, by, details.about, job)
    notes = _notes(note_pages, pages, split)
    landmarks = _landmarks(notes, details, pages)
    ending = _ending(details, pages, split)
    lines = (
        *book_lines(pages, split),
        *[ContentsLine(title, file.name, is_ours=True) for title, file in ending],
    )
    nav = nav_page(lines, landmarks, pages)
    ncx_data = ncx(lines, urn, pages.title(pages.book.title))
    files = [
        BookFile("cover-image", picture, picture_data, _PICTURES[picture.rpartition(".")[2]], ("cover-image",), False),
        BookFile("style", STYLE_SHEET, style_sheet(job), "text/css", linear=False),
        BookFile("nav", "nav.xhtml", nav, XHTML, ("nav",), False),
        BookFile("ncx", "toc.ncx", ncx_data, "application/x-dtbncx+xml", linear=False),
        BookFile("cover", "cover.xhtml", matter.cover_page(picture, pages)),
        BookFile("title-page", "title.xhtml", matter.title_page(pages, by, details.about)),
        BookFile("contents", "contents.xhtml", contents_page(lines, pages)),
        *notes,
        *[file for _, file in ending],
    ]
    for number, name in enumerate(details.pictures, 1):
        kind = _PICTURES[name.rpartition(".")[2]]
        files.append(BookFile(f"picture-{number}", PICTURES + name, job.picture(name), kind, linear=False))
    return files, landmarks


def _notes(note_pages: Sequence[NotePage], pages: EpubPages, split: str) -> list[BookFile]:
    """Return the pages of parts, each followed by the pages of its notes."""
    remaining = iter(note_pages)
    files: list[BookFile] = []
    videos = 0
    for part in pages.book.parts:
        videos += part.video is not None
        if split == "video" and pages.has_page(part):
            data = matter.part_page(part, videos, pages)
            files.append(BookFile(f"p{len(files) + 1}", part_name(part), data))
        for summary in part.notes:
            note_page = next(remaining)
            properties = ("mathml",) if note_page.mathml else ()
            name = page_name(summary.id)
            files.append(BookFile(f"p{len(files) + 1}", name, note_page.page, properties=properties))
    return files


def _ending(details: BookDetails, pages: EpubPages, split: str) -> list[tuple[str, BookFile]]:
    """Return (title, file) of the pages after the notes."""
    index = matter.index_pages(details.topics, pages)
    ending = [(title, BookFile(f"topics-{at}", name, data)) for at, (name, title, data) in enumerate(index, 1)]
    if (videos := matter.videos_page(pages, split)) is not None:
        ending.append((pages.say("Videos"), BookFile("videos", "videos.xhtml", videos)))
    return [*ending, (pages.say("Colophon"), BookFile("colophon", "colophon.xhtml", matter.colophon_page(pages)))]


def _landmarks(notes: Sequence[BookFile], details: BookDetails, pages: EpubPages) -> list[Landmark]:
    return [
        Landmark("cover", pages.say("Cover"), "cover.xhtml"),
        Landmark("titlepage", pages.say("Title page"), "title.xhtml"),
        Landmark("toc", pages.say("Contents"), "contents.xhtml"),
        *([Landmark("bodymatter", pages.say("Beginning"), notes[0].name)] if notes else []),
        *([Landmark("index", pages.say("Topics"), "topics.xhtml")] if details.topics else []),
        Landmark("colophon", pages.say("Colophon"), "colophon.xhtml"),
    ]


def style_sheet(job: Job[EpubOptions]) -> bytes:
    """Return the style sheet of the book, then that of the options; raises WriterError if it cannot be read."""
    own = package_data("convert.render", "css/book.css")
    if not job.options.css:
        return own
    path = Path(job.options.css)
    try:
        text = read_text(path, _LARGEST_STYLE_SHEET)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WriterError(f"{path}: the style sheet cannot be read ({reason}); name a CSS file in UTF-8") from error
    kept, dropped = _FETCHED.subn("", text)
    if dropped:
        message = f"{dropped} references to other files dropped: a book holds no files that style sheets ask for"
        job.warn(diagnostic("css-reference-dropped", str(path), 0, message))
    return own + f"\n{kept}".encode()


class _PackageWriter(epub.EpubWriter):  # type: ignore[misc]
    """Returns the container and the package document instead of writing an archive."""

    def __init__(self, book: Any, epoch: int, language: str) -> None:
        modified = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
        super().__init__("", book, {"mtime": modified, "epub3_pages": False, "epub3_landmark": False})
        self.out = self
        self._entries: list[tuple[str, bytes | Deflated]] = []
        self._language = language

    def written(self) -> list[tuple[str, bytes | Deflated]]:
        """Return (name, bytes) of the container and the package document."""
        self._write_container()
        self._write_opf()
        return self._entries

    def writestr(self, name: str, data: str | bytes) -> None:
        """Collect a file that EbookLib would write into the archive (`zipfile.ZipFile.writestr`)."""
        self._entries.append((name, data.encode() if isinstance(data, str) else data))

    def _write_opf_file(self, root: Any) -> None:
        root.set(_XML_LANG, self._language)
        super()._write_opf_file(root)


MOST_AUTHORS = 10
MOST_SUBJECTS = 12
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "notebind.epub")


class BookDetails(msgspec.Struct, frozen=True, gc=False):
    """Details of the pages for the metadata."""

    about: str
    """The size of the book in a few words."""
    topics: list[Topic]
    mathml: bool
    pictures: list[str]
    """The names of the pictures, sorted."""
    undescribed: bool
    """Whether a picture lacks a description."""


def identifier(pages: EpubPages) -> str:
    """Return a URN that stays the same while the book has the same notes."""
    names = sorted([note_id.encode("utf-8", "surrogatepass").hex() for note_id in pages.summaries])
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, ' '.join([pages.book.name, *names]))}"


def authors(pages: EpubPages) -> tuple[str, ...]:
    """Return the author of the book, else its channels, without one that only repeats the title."""
    makers = [pages.book.author] if pages.book.author.strip() else map(channel_title, pages.channels())
    names = [one_line(one, "") for one in makers]
    return tuple([name for name in names[:MOST_AUTHORS] if name and slug(name) != slug(pages.book.title)])


def describe(book: Any, pages: EpubPages, details: BookDetails) -> None:
    """Write the metadata into an `EpubBook`."""
    book.set_identifier(identifier(pages))
    book.set_title(pages.line(pages.book.title))
    book.set_language(pages.language)
    book.set_direction("rtl" if pages.direction == "rtl" else None)
    book.metadata.pop("http://www.idpf.org/2007/opf", None)
    _add_people(book, pages)
    addresses = [address for part in (*pages.book.parts, *pages.book.others) if (address := watch_page(part.video))]
    for address in dict.fromkeys(addresses):
        book.add_metadata("DC", "source", address)
    for subject in _subjects(pages):
        book.add_metadata("DC", "subject", subject)
    titles = [shortened(part.title or part.notes[0].title, pages.style) for part in pages.book.parts[:5]]
    left = len(pages.book.parts) - len(titles)
    others = f" {pages.say('and {} more', left)}" if all_words(pages.language) else " and others"
    more = others if left else ""
    book.add_metadata("DC", "description", f"{details.about}: {'; '.join(titles)}{more}.")
    book.add_metadata(None, "meta", "", {"name": "cover", "content": "cover-image"})
    _add_access(book, pages, details)


def _add_people(book: Any, pages: EpubPages) -> None:
    for number, name in enumerate(authors(pages), 1):
        book.add_author(name, uid=f"creator-{number}")
        _add(book, "role", "aut", refines=f"#creator-{number}", scheme="marc:relators")
    channels = pages.channels()
    if len(channels) == 1 and (name := one_line(channel_title(channels[0]), "")):
        _add(book, "belongs-to-collection", name, id="collection-1")
        _add(book, "collection-type", "series", refines="#collection-1")


def _add(book: Any, name: str, value: str, **others: str) -> None:
    book.add_metadata(None, "meta", value, {"property": name, **others})


def _subjects(pages: EpubPages) -> list[str]:
    """Return the tags of the notes, the most frequent first; what notes link to need not be a subject of the book."""
    counts = Counter([one_line(tag, "") for summary in pages.summaries.values() for tag in tags_of(summary.meta)])
    return [tag for tag, _ in counts.most_common(MOST_SUBJECTS) if tag]


def _add_access(book: Any, pages: EpubPages, details: BookDetails) -> None:
    """Add the accessibility metadata (EPUB Accessibility 1.1, 2.2)."""
    features = ["tableOfContents", "structuralNavigation", "readingOrder", "displayTransformability"]
    if not details.undescribed:
        features.append("alternativeText")
    if details.topics:
        features.append("index")
    if details.mathml:
        features += ["MathML", "latex"]
    for mode in ["textual", "visual"] if details.pictures else ["textual"]:
        _add(book, "schema:accessMode", mode)
    _add(book, "schema:accessModeSufficient", "textual,visual" if details.undescribed else "textual")
    for feature in features:
        _add(book, "schema:accessibilityFeature", feature)
    _add(book, "schema:accessibilityHazard", "none")
    if pages.language != "und":
        _add(book, "dcterms:conformsTo", "EPUB Accessibility 1.1 - WCAG 2.1 Level AA", id="conformance")
        _add(book, "a11y:certifiedBy", "notebind", refines="#conformance")
    summary = (
        f"{'The' if details.pictures else 'All of the'} book is text with headings, lists and tables marked as such. "
        "Links to moments of the videos carry the time in words."
    )
    if details.undescribed:
        summary += " Some pictures have no description."
    elif details.pictures:
        summary += " Pictures are described in words."
    _add(book, "schema:accessibilitySummary", summary)
