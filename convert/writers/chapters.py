"""Writes chapter markers: files for each video, in the formats that players, editors and web pages read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import msgspec

from convert.document.book import Book, VideoNotes
from convert.document.note import Note
from convert.errors import unknown
from convert.extract.subtitles import Cue, Subtitle, note_cues, read_subtitles, subtitles_of
from convert.extract.timeline import Timeline, timeline
from convert.render.chapters import DEFAULT, FORMATS, Format, editors, find_format, matroska, srt, vtt
from convert.report import diagnostic
from convert.writers.base import Artifact, Download, Job, Writer, option


@dataclass(frozen=True)
class ChapterOptions:
    """Options of the chapter files."""

    chapters_formats: str = option(DEFAULT, f"Chapter formats, separated by commas: {', '.join(FORMATS)}, or all.")
    chapters_depth: int = option(2, "How many levels of headings become chapter markers.", within=(1, 6))
    chapters_rate: Literal["23.976", "24", "25", "29.97", "30", "50", "59.94", "60"] = option(
        "25", "Frames in a second of the timeline that `edl` markers are for."
    )
    chapters_nested: bool = option(False, "Nest the markers of deeper headings in the Matroska XML.")
    cues: bool = option(
        False, "Also write a subtitle track: the transcript beside a note, else its timestamped sentences."
    )

    def __post_init__(self) -> None:
        """Raise UsageError for unknown formats."""
        chosen_formats(self)


class ChaptersWriter(Writer[ChapterOptions]):
    """The writer of `<book>.chapters/`."""

    name = "chapters"
    summary = "Chapter markers of each video: SRT, FFmpeg, WebVTT, Matroska, YouTube and more."
    default_rank = 3
    options = ChapterOptions
    keeps_state = False
    folders = ("*.chapters",)
    downloads = tuple(
        [Download(f".chapters/{{video}}{kind.suffix}", kind.suffix.lstrip(".")) for kind in FORMATS.values()]
    )

    def wants_transcripts(self, options: ChapterOptions) -> bool:
        """Return whether subtitles are wanted: transcripts are better than the notes' sentences."""
        return options.cues

    def part(self, note: Note, job: Job[ChapterOptions]) -> bytes:
        """Return the note's subtitles if they are wanted; the markers need no text."""
        return msgspec.msgpack.encode(note_cues(note)) if job.options.cues else b""

    def assemble(self, parts: Sequence[bytes], job: Job[ChapterOptions]) -> list[Artifact]:
        """Return the files of every video, and of every note without one."""
        formats = chosen_formats(job.options)
        cues = dict(zip(job.book.by_id, parts, strict=True)) if job.options.cues else {}
        artifacts = []
        for stem, part, line in _timelines(job.book, job.options.chapters_depth):
            for remark in line.diagnostics:
                job.warn(remark)
            base = f"{job.book.name}.chapters/{stem}"
            if line.markers:
                artifacts += _marker_files(base, line, part, formats, job)
            if job.options.cues and (rows := _transcript(part, job) or _sentences(part, cues)):
                artifacts.append(Artifact(f"{base}.cues.srt", srt.subtitles(rows).encode()))
                artifacts.append(Artifact(f"{base}.cues.vtt", vtt.cues(rows).encode()))
        return artifacts


def chosen_formats(options: ChapterOptions) -> list[Format]:
    """Return the formats of the options, each once; raises UsageError for an unknown name."""
    formats: dict[str, Format] = {}
    for name in filter(None, map(str.strip, options.chapters_formats.split(","))):
        found = find_format(name)
        if found is None and name != "all":
            raise unknown("--chapters-formats", name, (*FORMATS, "all"))
        for kind in (found,) if found else FORMATS.values():
            formats[kind.name] = _with_options(kind, options)
    return list(formats.values())


def _with_options(kind: Format, options: ChapterOptions) -> Format:
    if kind.name == "edl":
        return replace(kind, render=partial(editors.render_edl, rate=options.chapters_rate))
    if kind.name == "xml" and options.chapters_nested:
        return replace(kind, render=matroska.render_nested)
    return kind


def _timelines(book: Book, depth: int) -> Iterator[tuple[str, VideoNotes, Timeline]]:
    """Yield (stem of the file names, part, timeline) of each video, and of each note without one."""
    for part in (*book.parts, *book.others):
        if part.video:
            yield book.stems[part.video], part, timeline(part, depth)
            continue
        for summary in part.notes:
            alone = VideoNotes(video=None, title=summary.title, notes=(summary,), duration_ms=part.duration_ms)
            yield book.stems[summary.id], alone, timeline(alone, depth)


def _marker_files(
    base: str, line: Timeline, part: VideoNotes, formats: Iterable[Format], job: Job[ChapterOptions]
) -> list[Artifact]:
    stem = base.rpartition("/")[2]
    artifacts = []
    for kind in formats:
        if kind.refusal and (reason := kind.refusal(line)):
            message = f"no {kind.name} chapters of {stem}: {reason}"
            job.warn(diagnostic("chapters-refused", part.notes[0].path, 0, message))
        else:
            artifacts.append(Artifact(base + kind.suffix, kind.data(line, f"{stem}.mp4")))
    return artifacts


def _transcript(part: VideoNotes, job: Job[ChapterOptions]) -> list[Subtitle]:
    """Return the cues of the first readable transcript beside a note of the video; [] if there is none."""
    for summary in part.notes:
        found = job.transcript(summary.id)
        if found and (rows := read_subtitles(found[1], part.duration_ms)):
            return rows
        if found:
            name = found[0].replace("\\", "/").rpartition("/")[2]
            message = f"{name} holds no cues: subtitles are made of the note"
            job.warn(diagnostic("transcript-unreadable", summary.path, 0, message))
    return []


def _sentences(part: VideoNotes, cues: dict[str, bytes]) -> list[Subtitle]:
    """Return the cues made from the notes of the video."""
    decoded = [msgspec.msgpack.decode(cues[summary.id], type=list[Cue]) for summary in part.notes]
    return subtitles_of([cue for one in decoded for cue in one], part.duration_ms)


WRITER = ChaptersWriter()
