"""Chapter markers: a set of files for each video, in the formats that players, editors and web pages read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from convert.document.book import VideoNotes
from convert.document.note import Note
from convert.document.video import file_stem
from convert.errors import UsageError
from convert.extract.cues import Cue, note_cues, timed_rows
from convert.extract.timeline import Timeline, timeline
from convert.extract.transcript import Row, transcript_rows
from convert.render.chapters import DEFAULT, FORMATS, Format, find_format, matroska, srt, vtt
from convert.report import diagnostic
from convert.writers.base import Artifact, Download, Job, Writer, option


@dataclass(frozen=True)
class Options:
    """What the markers' files are."""

    chapters_formats: str = option(DEFAULT, f"Chapter formats, separated by commas: {', '.join(FORMATS)}, or all.")
    chapters_depth: int = option(2, "How many levels of headings become chapter markers.")
    chapters_nested: bool = option(False, "Nest the markers of deeper headings in the Matroska XML.")
    cues: bool = option(
        False, "Also write a subtitle track: the transcript beside a note, else its timestamped sentences."
    )

    def __post_init__(self) -> None:
        chosen_formats(self)


class Chapters(Writer[Options]):
    """The writer."""

    name = "chapters"
    summary = "Chapter markers of each video: SRT, FFmpeg, WebVTT, Matroska, YouTube and more."
    options = Options
    folders = ("*.chapters",)
    downloads = tuple(
        Download(f".chapters/{{video}}{kind.suffix}", kind.suffix.lstrip(".")) for kind in FORMATS.values()
    )

    def wants_transcripts(self, options: Options) -> bool:
        """Return whether subtitles are asked for: those that lie beside notes are better than those made of notes."""
        return options.cues

    def part(self, note: Note, job: Job[Options]) -> bytes:
        """The note's subtitles when they are asked for; the markers need no text."""
        return msgspec.msgpack.encode(note_cues(note)) if job.options.cues else b""

    def assemble(self, parts: Sequence[bytes], job: Job[Options]) -> Iterator[Artifact]:
        """The files of every video and of every note without one; UsageError for an unknown format."""
        formats = chosen_formats(job.options)
        of_note = {entry.id: data for entry, data in zip(job.book.entries(), parts, strict=True)}
        for stem, part in _stems(job.book.parts):
            line = timeline(part, job.options.chapters_depth)
            for remark in line.diagnostics:
                job.warn(remark)
            base = f"{job.book.name}.chapters/{stem}"
            yield from _marker_files(base, line, part, formats, job)
            rows = _transcript(part, job) or _sentences(part, [of_note[entry.id] for entry in part.notes])
            yield from _cue_files(base, rows)


def chosen_formats(options: Options) -> list[Format]:
    """The formats that the options name, each once; UsageError for an unknown name."""
    names = [name.strip() for name in options.chapters_formats.split(",") if name.strip()]
    formats: dict[str, Format] = {}
    for name in FORMATS if names == ["all"] else names:
        kind = find_format(name)
        if kind is None:
            raise UsageError(f'unknown chapter format "{name}": use {", ".join(FORMATS)} or all')
        if kind.name == "xml" and options.chapters_nested:
            kind = replace(kind, render=matroska.render_nested)
        formats[kind.name] = kind
    return list(formats.values())


def _stems(parts: Iterable[VideoNotes]) -> Iterator[tuple[str, VideoNotes]]:
    """The parts with the start of their file names: the id of the video, else the slug of each note."""
    taken: set[str] = set()
    for part in parts:
        for name, single in [(file_stem(part.video), part)] if part.video else _alone(part):
            stem = base = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "-", name).strip(" .") or "video"
            number = 1
            while stem in taken:
                number += 1
                stem = f"{base}-{number}"
            taken.add(stem)
            yield stem, single


def _alone(part: VideoNotes) -> Iterator[tuple[str, VideoNotes]]:
    """A part for each note of a part without a video."""
    for entry in part.notes:
        yield entry.slug, VideoNotes(video=None, title=entry.title, notes=(entry,), duration_ms=part.duration_ms)


def _marker_files(
    base: str, line: Timeline, part: VideoNotes, formats: Iterable[Format], job: Job[Options]
) -> Iterator[Artifact]:
    if not line.markers:
        return
    media = f"{base.rpartition('/')[2]}.mp4"
    for kind in formats:
        if reason := kind.refusal(line):
            message = f"no {kind.name} chapters of {base.rpartition('/')[2]}: {reason}"
            job.warn(diagnostic("chapters-refused", part.notes[0].path, 0, message))
        else:
            yield Artifact(f"{base}{kind.suffix}", kind.render(line, media).encode())


def _transcript(part: VideoNotes, job: Job[Options]) -> list[Row]:
    """The cues of the first transcript beside a note of the video; [] when there is none, or not asked for."""
    for entry in part.notes if job.options.cues else ():
        found = job.transcript(entry.id)
        if found and (rows := transcript_rows(found[1], part.duration_ms)):
            return rows
        if found:
            message = (
                f"{found[0].replace(chr(92), '/').rpartition('/')[2]} holds no cues: subtitles are made of the note"
            )
            job.warn(diagnostic("transcript-unreadable", entry.path, 0, message))
    return []


def _sentences(part: VideoNotes, parts: Iterable[bytes]) -> list[Row]:
    cues = [cue for data in parts if data for cue in msgspec.msgpack.decode(data, type=list[Cue])]
    return timed_rows(cues, part.duration_ms)


def _cue_files(base: str, rows: list[Row]) -> Iterator[Artifact]:
    if rows:
        yield Artifact(f"{base}.cues.srt", srt.subtitles(rows).encode())
        yield Artifact(f"{base}.cues.vtt", vtt.cues(rows).encode())


WRITER = Chapters()
