"""Reads chapter files and embedded chapters with real programs, as exact (start, title) lists."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pycmx
import pytest
import srt

from convert.extract.timeline import Timeline
from convert.mux import mux
from convert.render.chapters import FORMATS
from tests.support.media import make_media
from tests.support.needs import needs, program
from tests.support.timelines import LOSSES, TORTURE, a_line, read_matroska

Rows = list[tuple[int, str]]

STEP_MS = 4_500
LINE = a_line(step_ms=STEP_MS)
SECONDS = STEP_MS * len(TORTURE) // 1000


def rows(line: Timeline, name: str = "") -> Rows:
    return [(marker.start_ms, marker.title.translate(LOSSES.get(name, {}))) for marker in line.markers]


def run(*command: str | Path) -> str:
    """Run a program and return its output; raise AssertionError with its messages when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
    return done.stdout.decode()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_media(tmp_path_factory.mktemp("film") / "film.mkv", seconds=SECONDS)


@pytest.fixture
def sidecars(tmp_path: Path) -> dict[str, Path]:
    """Write every format to a file."""
    made = {}
    for kind in FORMATS.values():
        made[kind.name] = tmp_path / f"film{kind.suffix}"
        made[kind.name].write_bytes(kind.data(LINE, "film.mkv"))
    return made


def probed(path: Path) -> Rows:
    found = json.loads(run("ffprobe", "-v", "error", "-show_chapters", "-of", "json", path))["chapters"]
    return [(round(float(c["start_time"]) * 1000), c.get("tags", {}).get("title", "")) for c in found]


MPV_LIST = """
mp.register_event("file-loaded", function()
  local file = io.open(os.getenv("NOTEBIND_CHAPTERS"), "w")
  for _, chapter in ipairs(mp.get_property_native("chapter-list")) do
    file:write(string.format("%d\\t%s\\n", math.floor(chapter.time * 1000 + 0.5), chapter.title))
  end
  file:close()
  mp.command("quit")
end)
"""


def played(folder: Path, film: Path, *options: str) -> Rows:
    """Return the chapters that mpv shows."""
    script, found = folder / "list.lua", folder / "chapters.txt"
    script.write_text(MPV_LIST)
    subprocess.run(
        ["mpv", "--no-config", "--vo=null", "--ao=null", f"--script={script}", *options, str(film)],
        env={"NOTEBIND_CHAPTERS": str(found), "PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    pairs = (line.split("\t", 1) for line in found.read_text("utf-8").splitlines())
    return [(int(start), title) for start, title in pairs]


@needs("ffprobe")
def test_ffprobe_reads_ffmeta(sidecars: dict[str, Path]) -> None:
    assert probed(sidecars["ffmeta"]) == rows(LINE)


@needs("ffprobe")
def test_ffprobe_reads_srt_as_subtitles_not_chapters(sidecars: dict[str, Path]) -> None:
    assert probed(sidecars["srt"]) == []
    packets = json.loads(run("ffprobe", "-v", "error", "-show_packets", "-of", "json", sidecars["srt"]))["packets"]
    assert [round(float(packet["pts_time"]) * 1000) for packet in packets] == [start for start, _ in rows(LINE)]


@needs("mpv")
@pytest.mark.parametrize("name", ["ffmeta", "cue"])
def test_mpv_loads_a_chapters_file(name: str, sidecars: dict[str, Path], film: Path, tmp_path: Path) -> None:
    found = played(tmp_path, film, f"--chapters-file={sidecars[name]}")
    exact = rows(LINE, name)
    assert [title for _, title in found] == [title for _, title in exact]
    # A cue sheet counts in 75ths of a second.
    assert all(abs(a - b) < 14 for (a, _), (b, _) in zip(found, exact, strict=True))
    assert name == "cue" or found == exact


@needs("mpv")
def test_the_mpv_script_finds_the_file_by_itself(sidecars: dict[str, Path], film: Path, tmp_path: Path) -> None:
    beside = tmp_path / "film.mkv"
    beside.write_bytes(film.read_bytes())
    script = Path(__file__).parents[2] / "docs" / "mpv" / "notebind-chapters.lua"
    assert sidecars["ffmeta"].with_suffix("") == beside.with_suffix("")
    assert played(tmp_path, beside, f"--script={script}") == rows(LINE)


@needs("mkvmerge", "mkvextract")
@pytest.mark.parametrize("name", ["xml", "ogm"])
def test_mkvmerge_takes_chapters(name: str, sidecars: dict[str, Path], film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    run("mkvmerge", "-q", "--chapter-charset", "UTF-8", "-o", out, "--chapters", sidecars[name], film)
    assert read_matroska(run("mkvextract", out, "chapters", "-")) == rows(LINE)


@needs("mkvpropedit", "mkvextract")
def test_mkvpropedit_takes_nested_chapters(film: Path, tmp_path: Path) -> None:
    from convert.render.chapters.matroska import render_nested

    copy, file = tmp_path / "out.mkv", tmp_path / "nested.xml"
    copy.write_bytes(film.read_bytes())
    file.write_text(render_nested(LINE), encoding="utf-8")
    run("mkvpropedit", "-q", copy, "--chapters", file)
    assert read_matroska(run("mkvextract", copy, "chapters", "-")) == rows(LINE)


@needs("yt-dlp")
def test_yt_dlp_reads_the_list_for_descriptions() -> None:
    from yt_dlp.extractor.common import InfoExtractor

    # The parser drops characters that are not letters from the start of a title.
    short = a_line(tuple(title for title in TORTURE if title[0].isalpha()), step_ms=13_000)
    text = FORMATS["youtube"].render(short, "")
    found = InfoExtractor()._extract_chapters_from_description(f"A film.\n\n{text}\nBye.", 13 * len(TORTURE))
    exact = [(start, title.replace("<", "‹").replace(">", "›")) for start, title in rows(short)]
    assert [(round(c["start_time"] * 1000), c["title"]) for c in found] == exact


@needs("podcastparser")
def test_podcastparser_reads_podlove_chapters(tmp_path: Path) -> None:
    import podcastparser

    whole_seconds = a_line(step_ms=13_000)
    text = FORMATS["psc"].render(whole_seconds, "")
    chapters = text[text.index("<psc:chapters") :]
    feed = tmp_path / "feed.xml"
    media = '<enclosure url="http://a/b.mp3" type="audio/mpeg" length="1"/>'
    item = f"<item><title>x</title><guid>1</guid>{media}{chapters}</item>"
    feed.write_text(f'<rss version="2.0"><channel><title>x</title>{item}</channel></rss>', encoding="utf-8")
    with feed.open("rb") as stream:
        parsed = podcastparser.parse("http://a/feed.xml", stream)
    assert [(round(c["start"] * 1000), c["title"]) for c in parsed["episodes"][0]["chapters"]] == rows(whole_seconds)


PAGE = """<!doctype html><meta charset=utf-8><video muted></video><pre id=out>waiting</pre><script>
const video = document.querySelector("video"), out = document.getElementById("out");
const track = document.createElement("track");
track.kind = "chapters"; track.default = true;
track.src = "data:text/vtt;charset=utf-8," + encodeURIComponent(VTT);
track.onload = () => out.textContent = JSON.stringify(
  [...track.track.cues].map(cue => [Math.round(cue.startTime * 1000), cue.getCueAsHTML().textContent]));
track.onerror = () => out.textContent = "error";
video.append(track); track.track.mode = "hidden";
</script>"""


def shown(folder: Path, text: str) -> str:
    """Return the chapters that Chromium reads from a file."""
    page = folder / "page.html"
    page.write_text(PAGE.replace("VTT", json.dumps(text).replace("</", "<\\/")), encoding="utf-8")
    chromium = program("chromium") or ""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", f"--user-data-dir={folder}/c"]
    dom = run(chromium, *flags, "--dump-dom", page.as_uri())
    found = dom[dom.index("<pre") : dom.index("</pre>")].partition(">")[2]
    return found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@needs("chromium")
def test_chromium_reads_webvtt_chapters(tmp_path: Path) -> None:
    found = json.loads(shown(tmp_path, FORMATS["vtt"].render(LINE, "")))
    assert [tuple(row) for row in found] == rows(LINE)


@needs("chromium")
def test_chromium_refuses_srt_chapters(tmp_path: Path) -> None:
    assert shown(tmp_path, FORMATS["srt"].render(LINE, "")) == "error"


def test_srt_is_read_back_exactly() -> None:
    found = list(srt.parse(FORMATS["srt"].render(LINE, "")))
    assert [(round(s.start.total_seconds() * 1000), s.content) for s in found] == rows(LINE)


EMBEDDED = (".mp4", ".m4v", ".mkv", ".webm", ".m4a", ".mp3", ".opus", ".ogg")


@needs("ffprobe")
@pytest.mark.parametrize("kind", EMBEDDED)
def test_ffprobe_reads_embedded_chapters(kind: str, tmp_path: Path) -> None:
    file = make_media(tmp_path / f"film{kind}", seconds=SECONDS)
    mux(file, file, LINE)
    assert probed(file) == rows(LINE)


@needs("mpv")
@pytest.mark.parametrize("kind", [".mp4", ".mkv", ".webm", ".m4a", ".mp3", ".opus"])
def test_mpv_shows_embedded_chapters(kind: str, tmp_path: Path) -> None:
    file = make_media(tmp_path / f"film{kind}", seconds=SECONDS)
    mux(file, file, LINE)
    found = played(tmp_path, file)
    assert [title for _, title in found] == [title for _, title in rows(LINE)]
    # mpv counts from the first audible sample; an MP3 begins with a silent frame.
    slack = 30 if kind == ".mp3" else 0
    assert all(abs(a - b) <= slack for (a, _), (b, _) in zip(found, rows(LINE), strict=True))


VLC = """
import json, sys, time, vlc
player = vlc.Instance("--vout=dummy", "--aout=dummy", "--quiet").media_player_new(sys.argv[1])
player.play()
found = None
for _ in range(100):
    time.sleep(0.1)
    chapters = list(player.get_full_chapter_descriptions(-1) or ())
    if len(chapters) >= int(sys.argv[2]):
        found = [[chapter.time_offset, chapter.name.decode()] for chapter in chapters]
        break
player.stop()
print(json.dumps(found))
"""


@needs("vlc")
@pytest.mark.parametrize("kind", [".mp4", ".mkv", ".m4a"])
def test_vlc_shows_embedded_chapters(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("vlc")
    file = make_media(tmp_path / f"film{kind}", seconds=SECONDS)
    mux(file, file, LINE)
    found = json.loads(run(sys.executable, "-c", VLC, file, str(len(TORTURE))).splitlines()[-1])
    # VLC puts a space before the names of Matroska chapters.
    assert [(start, title.strip()) for start, title in found] == rows(LINE)


def test_a_reader_of_edit_decision_lists_finds_every_event(sidecars: dict[str, Path]) -> None:
    with sidecars["edl"].open(encoding="utf-8") as file:
        read = pycmx.parse_cmx3600(file)
    assert read.title == LINE.title
    starts = [edit.record_in for event in read.events for edit in event.edits]
    frames = [round(marker.start_ms * 25 / 1000) for marker in LINE.markers]
    assert starts == [f"01:00:{frame // 25:02}:{frame % 25:02}" for frame in frames]
    remarks = [line.content for line in read.unrecognized_statements if line.content]
    assert remarks == [f"|C:ResolveColorBlue |M:{title} |D:1" for _, title in rows(LINE, "edl")]
