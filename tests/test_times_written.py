"""Tests the grammar of times with the tables in `tests/times`: lists of chapters in many forms, and what is no time.

`forms.txt` has a form of a line in each of its lines: `{t}` is a time, `{x}` a title, `{e}` the end, `{s}` the time in
seconds, `{n}` a number.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from convert import reader
from convert.document.timecode import clock
from convert.extract.timeline import timeline
from convert.pipeline.run import build
from convert.reader import times as grammar
from convert.reader.formats import base
from convert.reader.formats.transcripts import unglued
from convert.request import BareTimes, Request
from convert.storage.location import storage_at
from convert.vault.vault import open_vault
from tests.support.command import Desk
from tests.support.needs import ROOT
from tests.support.vaults import VIDEO, all_diagnostics, lay_out, note, open_files

NATIVE = '<a class="yt-timestamp" data-t="01:02">[01:02]</a>'
TO = "https://youtu.be/aqz-KE-bpKQ?t"
TABLES = ROOT / "tests" / "times"
FORMS = (TABLES / "forms.txt").read_text("utf-8").splitlines()
ROWS = [("0:00", "Hello", 0), ("1:05", "The gauge", 65), ("12:02", "The moon", 722), ("1:30:09", "The table", 5409)]
ENDS = ["1:05", "12:02", "1:30:09", "1:40:00"]
_CASE = re.compile(r"^## ([^\n]+)\n\n````note\n(.*?)````\n(?:\n````chapters\n(.*?)````\n)?", re.MULTILINE | re.DOTALL)


def cases(name: str) -> list[tuple[str, str, str]]:
    """Return (title, note, chapters) of each case of a table."""
    return _CASE.findall((TABLES / f"{name}.md").read_text("utf-8"))


def chapters_of(folder: Path, text: str) -> list[str]:
    """Return the chapters of a note as `0:00 Title`."""
    (part,) = open_files(folder, {"talks/talk.md": text}).book(0).parts
    return [f"{clock(marker.start_ms)} {marker.title}" for marker in timeline(part).markers]


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_lines(form: str, tmp_path: Path) -> None:
    form = form.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    lines = [form.format(t=t, x=x, s=s, e=ENDS[i], n=i + 1) for i, (t, x, s) in enumerate(ROWS)]
    wanted = [f"{time} {title}" for time, title, _ in ROWS]
    assert chapters_of(tmp_path / "with", note("\n".join(lines))) == wanted
    assert chapters_of(tmp_path / "without", "\n".join(lines)) == wanted


@pytest.mark.parametrize(("how", "text", "wanted"), cases("lists"), ids=[case[0] for case in cases("lists")])
def test_lists_of_chapters(how: str, text: str, wanted: str, tmp_path: Path) -> None:
    assert chapters_of(tmp_path, text) == wanted.splitlines()


@pytest.mark.parametrize(("how", "text", "_"), cases("none"), ids=[case[0] for case in cases("none")])
def test_what_is_no_time(how: str, text: str, _: str) -> None:
    alone = text.startswith("---") or how.endswith("without a video")
    for one in {text, text if alone else note(text)}:
        assert [fact.raw for fact in reader.read_bytes(one.encode(), "talk.md", "talks", "talk").facts.stamps] == []


# fmt: off
CLOSINGS = ["**0:00**.", "~~0:00~~", "==0:00==", "<b>0:00</b>,", "0:00;", "1h2m3s", "62s", "{0:00}", "[0:00 - end]",
            f"([0:00](https://example.org/{'x' * 450}))", f"[[{'film ' * 55}.mp4|1:05]]", "[0:00](#t=0:00))."]
# fmt: on


@pytest.mark.parametrize("form", [*FORMS, *(f"words {one}" for one in CLOSINGS)])
def test_times_that_close_long_lines_are_found_where_the_search_begins(form: str) -> None:
    for word, value in {"{t}": "1:30:09", "{x}": "The table", "{s}": "5409", "{e}": "1:40:00", "{n}": "4"}.items():
        form = form.replace(word, value)
    for ending in form.replace("\\n", "\n").replace("\\t", "\t").split("\n"):
        for line in (ending, f"{'word ' * 60}{ending}", f"- [[a | b]] ({'word ' * 400}) {ending}"):
            whole = grammar._CLOSES.search(line)
            part = grammar._CLOSES.search(line, grammar._last_part(line)) if grammar._may_close(line) else None
            assert (part and part.span()) == (whole and whole.span()), line


def test_times_of_a_text_are_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(base, "line_times", lambda text, start: asked.append(text) or grammar.line_times(text, start))
    read = reader.read_bytes(note("[0:10] A\n\nIt is 9:30, 9:40, 9:50 and 10:00.\n").encode(), "a.md", "a", "a")
    assert [fact.raw for fact in read.facts.stamps] == ["0:10"]
    assert len(asked) == 1


def test_the_tables_are_read_whole() -> None:
    for path in TABLES.glob("*.md"):
        assert len(cases(path.stem)) == path.read_text("utf-8").count("````note") >= 20


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (note("Anna (00:00)\n\nHello.\n\nBen (00:52)\n\nHi.\n\nAnna (12:06)\n\nSo.\n"), [0, 52, 726]),
        ("Speaker 0: 00:00:45\n\nHello.\n\nSpeaker 1: 00:01:05\n\nHi.\n\nSpeaker 0: 00:01:19\n\nSo.\n", [45, 65, 79]),
        ("Anna: 00:00:01\n\nHello.\n\nBen: 00:00:55\n\nHi.\n\nAnna: 00:01:54\n\nSo.\n", [1, 55, 114]),
        ("[00:00.000 --> 00:04.660]  Hello,\n[00:04.660 --> 00:09.580]  and hi.\n[00:59.100 --> 01:03.580]  So.\n",
         [0, 4.66, 59.1]),
        (note("### The gauge `[00:05:20-00:09:15]`\n\nIt stands. `[00:08:20]` Words.\n"), [320, 500]),
        (note("(12:34) The gauge\n(15:21) The moon\n"), [754, 921]),
        (note("`12:34-13:00` The gauge\n\n`15:21-16:02` The moon\n"), [754, 921]),
        (note("(15:21) The gauge\n(12:34) The moon\n"), []),
        (note("## The gauge (01:28)\n\nIt stands.\n"), [88]),
        (note("It stands\u301001:30\u3011deep, \uff3b2:10\uff3d too.\n"), [90, 130]),
        (note("It \\[1:24\\](https://youtu.be/aqz-KE-bpKQ?t=84) stands. [\\[2:26\\]](https://youtu.be/aqz-KE-bpKQ?t=146)\n"),
         [84, 146]),
        ("- 0:30\u200b - The gauge\n- 1:25\u200b - The moon\n- 6:48\u200b The table\n", []),
        (note("- 0:30\u200b - The gauge\n- 1:25\u200b - The moon\n- 6:48\u200b The table\n"), [30, 85, 408]),
        ("\u200f0:00\u200e \u0628\u062d\u0631\n\u200f1:05 \u0642\u0645\u0631\n\u200f2:07\u200f \u0645\u062f\n",
         [0, 65, 127]),
        ("- [@01:35] - The gauge\n  - [@bell](https://example.org)\n- [@04:46] The moon\n- [@08:47] The table.\n",
         [95, 286, 527]),
        ("Meet @ 9:30\n\nMeet at [@10:30 today]\n\nThen @anna 11:45, @ben\n", []),
        ("0:00welcome to\n0:05the harbour\n0:09where it stands\n", [0, 5, 9]),
        ("0:00\n0 seconds\nso\n0:05\n5 seconds\nit is\n1:02\n1 minute, 2 seconds\nhere\n", [0, 5, 62]),
        ("---\ntimes: yes\n---\n9:00 The gauge\n9:30 The moon\n10:00 The table\n", [540, 570, 600]),
        (note("9:00 The gauge\n9:30 The moon\n10:00 The table\n", more="times: yes"), [540, 570, 600]),
        (note("0:00 The gauge\n9:30 The moon\n10:00 The table\n", more="times: no"), []),
        ("---\ntimes: no\n---\nAnna 0:03\nhello\nJonas 0:16\nhi\nAnna 0:17\nbye\n", []),
        ("---\ntimes: no\n---\n🎧 12:34\n", []),
        (note(f"Words {NATIVE}\n\n9:00 The gauge\n\nIt stands (9:31).\n", more="times: yes"), [62, 540, 571]),
        (note(f"Words {NATIVE}\n\n9:00 The gauge\n9:31 The moon\n10:00 The table\n"), [62]),
        (note("Words [0:05].\n[0:07] b\n[0:09] c\n\n9:00 The gauge\n", more="times: yes"), [5, 7, 9, 540]),
        (note("Words [0:05].\n[0:07] b\n[0:09] c\n\n9:00 The gauge\n"), [5, 7, 9]),
        (note("The well.[0:10] word[01:20], 水[2:30] *so*[3:40] `x`[4:50], $5 [5:10] and $6 [6:20] a[1:02:03].\n"),
         [10, 80, 150, 220, 290, 310, 380, 3723]),
        (note("| Length | Start | X |\n|--|--|--|\n| 4:30 | 0:00 | a |\n| 4:38 | 4:30 | b |\n| 4:45 | 9:08 | c |\n"),
         [0, 270, 548]),
        (note("Duration | X\n--|--\n0:00 - 1:20 | a\n1:20 - 2:40 | b\n2:40 - 3:00 | c\n"), [0, 80, 160]),
        ("### The gauge (0:00~)\n\nIt stands.\n\n### The moon (1:05~)\n\nSo.\n\n### The sea (2:40 ～)\n",
         [0, 65, 160]),
        (note("- 1:05 ~ : The gauge\n- 2:40 ~ : The moon\n- 9:17 ~\n"), [65, 160, 557]),
        (note("~~1:05~~ a\n~~2:40~~ b\n~~3:50~~ c\n"), [65, 160, 230]),
        ("**Anna:** \\[00:04:11.12\\\\\\] It stands.\n\nSo \\[\\\\00:08:15.11\\\\\\] it is.\n", [251.12, 495.11]),
        ("It stands. {% assign timestamp=\"0:31\" %}\n\nSo.\n{%- assign timestamp = '1:02:03' -%}\n", [31, 3723]),
        ('<TimeStamp start="0:31" end="1:40">\n\n- It stands.\n\n</TimeStamp>\n\n<Timestamp time={"1:41"} />\n',
         [31, 101]),
        ('`<TimeStamp start="0:31">` and <TimeStamp width="0:31">\n', []),
        ("`{% assign timestamp=\"0:31\" %}` and {% assign width=\"0:31\" %}, `\\[0:31\\\\\\]`.\n", []),
        ('<br><br><a href="https://www.youtube.com/watch?v=aqz-KE-bpKQ&amp;t=0">0:00</a> Hello<br>'
         '<a class="x" href="https://youtu.be/aqz-KE-bpKQ?t=65">1:05</a> The gauge<br>'
         "<a href='https://youtu.be/aqz-KE-bpKQ?t=160'><b>(2:40)</b></a> The moon\n", [0, 65, 160]),
        ('`<a href="https://youtu.be/aqz-KE-bpKQ?t=65">1:05</a>` <a href="https://example.org/?t=65">1:05</a>\n', []),
        (note("Hello[0:00]\nThe gauge[1:20]\nThe moon[2:40]\n"), [0, 80, 160]),
        (note("[12:01:33] on\n[12:01:58] 4 bar\n[13:17:22] off\n"), [43293, 43318, 47842]),
        ("[12:01:33] on\n[12:01:58] 4 bar\n[13:17:22] off\n\nhttps://youtu.be/aqz-KE-bpKQ\n", [43293, 43318, 47842]),
        ("[12:01:33] on\n[12:01:58] 4 bar\n[13:17:22] off [0:10]\n", [43293, 43318, 47842, 10]),
        ("---\ntimes: yes\n---\n[12:01:33] on\n[12:01:58] 4 bar\n[13:17:22] off\n", [43293, 43318, 47842]),
        (note("So [0:75:00], [00:61:10] and [01:59:00].\n"), [4500, 3670, 7140]),
        ("# Tides\n\n![](https://youtu.be/aqz-KE-bpKQ)\n\n- 1:05 a\n- 2:40 b\n", [65, 160]),
        (note("> * 1:05 a\n> * 2:40 b\n"), [65, 160]),
        (note("> [!quote] 1:05\n> a\n\n> [!tip]- 2:40 b\n> c\n"), [65, 160]),
        (note("1:05\nso\n\n2:40\nit\n\n3:50 is\n"), [65, 160, 230]),
        (note("- **0:35:** a\n- **3:02:** b\n"), [35, 182]),
        ("# T\n\n[![x](https://e.org/x.jpg)](https://youtu.be/aqz-KE-bpKQ)\n\n- 1:05 a\n- 2:40 b\n", [65, 160]),
        ("# T\n\n[![x](https://e.org/x.jpg)](https://example.org/y)\n\n- 1:05 a\n- 2:40 b\n", []),
        (note("1:05 a\n2:40 b\n"), []),
        (note("- 2:40 a\n- 1:05 b\n"), []),
        (note("- 3:16 For so\n- 3:17 And it\n"), []),
        (note("- 9:00 Plan\n- 10:30 Talk\n"), []),
        (note(f"a [1:20]({TO}=75) b [[2:20]]({TO}=135) c [3:20]({TO}=3m15s), [4:20]({TO}=260), [5:20]({TO}=320.5)\n"),
         [75, 135, 195, 260, 320]),
        (f"- [0:00]({TO}=5) a\n- [1:20]({TO}=75) b\n- [[film.mp4#t=135|2:20]] c\n- [3:20]({TO}=195) d\n",
         [5, 75, 135, 195]),
        (note(f"- [1:20:00]({TO}=80) b\n- **[2:20]({TO}=0)** c\n"), [80, 0]),
    ],
)  # fmt: skip
def test_moments(text: str, seconds: list[float]) -> None:
    reading = reader.read_bytes(text.encode(), "talk.md", "talks", "talk")
    assert [(fact.literal_ms or 0) / 1000 for fact in reading.facts.stamps] == seconds


ITEMS = f"- the hinge {TO}=80\n- [the lid]({TO}=245)\n"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (
            f"# A\n\n- [the hinge]({TO}=80)\n- [the lid](https://www.youtube.com/watch?v=aqz-KE-bpKQ&t=4m5s)\n",
            [80, 245],
        ),
        (ITEMS, [80, 245]),
        (note(ITEMS), [80, 245]),
        (f"1. The hinge - {TO}=80\n2. The lid - {TO}=245\n3. {TO}=300 The end\n", [80, 245, 300]),
        (f"| what | where |\n|---|---|\n| hinge | [see]({TO}=80) |\n| lid | [see]({TO}=90) |\n", [80, 90]),
        (note(f"Both [the hinge]({TO}=80) and [the lid]({TO}=300) hold.\n"), [80, 300]),
        (f'<a href="{TO}=80">1:20</a> hinge\n', [80]),
        ("- <a class='x' href='https://www.youtube.com/watch?v=aqz-KE-bpKQ&amp;t=80s'>1:20</a> hinge\n", [80]),
        (f"[1:20][a] hinge, [4:05][B] lid\n\n[a]: {TO}=80\n[b]: <{TO}=245> 'The lid'\n", [80, 245]),
        (f"- [the hinge][1]\n- [the lid][2]\n\n[1]: {TO}=80\n[2]: {TO}=245\n", [80, 245]),
        (f"[1:20][] hinge\n[4:05] lid\n\n[1:20]: {TO}=80\n[4:05]: {TO}=245\n", [80, 245]),
        (f"0:00 Hello\n[1:20][a] The gauge\n[2:20][b] The moon\n\n[a]: {TO}=80\n[b]: {TO}=140\n", [0, 80, 140]),
        (f'<a href="{TO}=80"><b>1:20</b></a> hinge\n\n<A HREF={TO}=245>[4:05]</A> lid\n', [80, 245]),
        (f"```\n[a]: {TO}=80\n```\n\n[the hinge][a], [1:20][b]\n\n[b]: {TO}=90\n", [90]),
        (f"Only [the hinge]({TO}=80) holds.\n", []),
        (note(f"Only [the hinge]({TO}=80) holds.\n"), []),
        (f"Both [the hinge]({TO}=80) and [the lid]({TO}=300) hold.\n", []),
        (f"- [the hinge]({TO}=80)\n- [the lid](https://youtu.be/eRsGyueVLvQ?t=20)\n", []),
        (note("- [a](https://youtu.be/eRsGyueVLvQ?t=20)\n- [b](https://youtu.be/eRsGyueVLvQ?t=40)\n"), []),
        (f'`[1:20][a]` and `<a href="{TO}=80">1:20</a>`\n\n[a]: {TO}=80\n', []),
    ],
)
def test_links_to_seconds(text: str, seconds: list[int]) -> None:
    reading = reader.read_bytes(text.encode(), "talk.md", "talks", "talk")
    assert [(fact.literal_ms or 0) / 1000 for fact in reading.facts.stamps] == seconds
    assert not seconds or (reading.note.video and reading.note.video.id == "aqz-KE-bpKQ")


LABELS = [
    "1. **Hook (0:00-0:30):** Tides {x}.\n2. **Act 1 (0:30-2:30):** Moons {x}.\n3. **Act 2 (2:30-4:00):** Seas {x}.\n",
    "- **Hook [0:00]** - Tides {x}.\n- **Act 1 [0:30]** - Moons {x}.\n- **Act 2 [2:30]** - Seas {x}.\n",
    "Hook (0:00): Tides {x}.\n\nAct 1 (0:30): Moons {x}.\n\nAct 2 (2:30): Seas {x}.\n",
]


@pytest.mark.parametrize("text", LABELS)
def test_words_behind_labels_stay(text: str) -> None:
    for one in (text, note(text)):
        read = reader.read_bytes(one.format(x="come and go").encode(), "talk.md", "talks", "talk").note
        assert str(read.blocks).count("come and go") == 3
        assert str(read.blocks).count("Stamp(") == 3


AUDIO = "---\npodcast: https://example.org/tides.mp3\n---\n"
LATE = [
    ("The gauge", "0:44"),
    ("A well", "2:17"),
    ("The moon", "15:51"),
    ("Questions", "31:05"),
    ("The end", "1:02:40"),
]


@pytest.mark.parametrize("form", ["- **{x}** {t}", "- **{x}**: {t}", "- {x} - *{t}*."])
def test_lists_that_begin_late_count_where_they_can_be_nothing_else(form: str, tmp_path: Path) -> None:
    lines = "\n".join(form.format(x=x, t=t) for x, t in LATE)
    heads = "\n\n".join(f"## {t} {x}" for x, t in LATE)
    wanted = [f"{time} {title}" for title, time in LATE]
    assert chapters_of(tmp_path / "lines", f"{AUDIO}{lines}\n")[-5:] == wanted
    assert chapters_of(tmp_path / "heads", f"# Tides\n\n{heads}\n")[-5:] == wanted


@pytest.mark.parametrize(
    "times",
    [
        ["9:14", "10:47", "13:04", "17:31", "22:50"],  # of a day
        ["1:14", "3:16", "5:3", "7:14", "49:10"],  # verses
        ["0:44", "2:17", "1:51", "31:05", "30:40"],  # lengths
        ["2:31", "2:32", "2:35", "2:44", "2:58"],  # results
        ["2:31", "24:58", "31:07"],  # too few
    ],
)
def test_headings_without_a_video_are_other_times_else(times: list[str]) -> None:
    text = "# Plan\n\n" + "\n\n".join(f"## {time} Part {chr(65 + i)}" for i, time in enumerate(times))
    assert reader.read_bytes(text.encode(), "plan.md", "plans", "plan").facts.stamps == ()


PLAIN, LISTED = "9:00 The gauge\n9:30 The moon\n10:00 The table\n", "0:00 The gauge\n9:31 The moon\n10:02 The table\n"


def test_a_run_says_whether_bare_times_count_and_a_note_says_it_better(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "talks/plain.md": note(PLAIN),
        "talks/listed.md": note(LISTED),
        "talks/native.md": note(f"Words {NATIVE}\n\n{PLAIN}"),
        "talks/not.md": note(LISTED, more="times: no"),
        "talks/all.md": note(PLAIN, more="times: yes"),
    }
    lay_out(tmp_path, files)
    wanted: dict[BareTimes, dict[str, int]] = {
        "auto": {"plain": 0, "listed": 3, "native": 1, "not": 0, "all": 3},
        "yes": {"plain": 3, "listed": 3, "native": 4, "not": 0, "all": 3},
        "no": {"plain": 0, "listed": 0, "native": 1, "not": 0, "all": 3},
    }
    for times, numbers in wanted.items():
        arguments = ["show", str(tmp_path / "talks"), "--times", times]
        shown = list(map(json.loads, Desk(tmp_path).run(*arguments).out.splitlines()))
        assert {one["slug"]: json.dumps(one).count('"type": "stamp"') for one in shown} == numbers, times
    output = tmp_path / "out"
    for times in wanted:  # a kept scan of another run is not used
        build(Request((tmp_path / "talks",), output, ("chapters",), times=times, jobs=1))
        vault = open_vault(Request((tmp_path / "talks",), output, times=times), 1, lambda _: None, storage_at(output))
        assert {one.slug: len(one.moments) for one in vault.book(0).summaries()} == wanted[times]
        assert not [one for one in all_diagnostics(vault) if one.code == "times-plain"] or times == "auto"


def test_words_that_are_glued_to_times_stand_apart() -> None:
    assert unglued("0:00so\n0:05 5 apples\n0:07and\n0:09to\n") == "0:00 so\n0:05 5 apples\n0:07 and\n0:09 to\n"
    assert unglued("0:00 0 seconds so\n0:05\n5 seconds\nit\n1:00 1 minuteis\n") == "0:00 so\n0:05\n\nit\n1:00 is\n"
    assert unglued("0:00so\n0:05 5 seconds of it\n") == "0:00so\n0:05 5 seconds of it\n"


def test_a_note_without_times_is_said_to_be_one() -> None:
    text = note("0:00 The gauge\n9:30 The moon\n10:00 The table\n", more="times: no")
    assert reader.read_bytes(text.encode(), "talk.md", "talks", "talk").diagnostics == ()


def test_what_is_left_out_says_which_times_it_saw(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"talks/a.md": note(), "talks/day.md": "# Day\n\n9:12 Woke\n10:47 Met\n13:04 Ate\n"})
    (said,) = [one for one in all_diagnostics(vault) if one.code == "not-a-note"]
    assert said.line == 3
    assert "3 times, the first 9:12" in said.message
    assert "`times: yes`" in said.message


def test_round_brackets_without_hours_are_told_beside_those_that_are_stamps() -> None:
    plain = "It stands (2:05) and\nfalls (41:10) again.\n"
    for more, wanted in (("So (1:30:05) it ends.\n", ["times-plain"]), ("So [1:30:05] it ends.\n", [])):
        reading = reader.read_bytes(note(plain + more).encode(), "talk.md", "talks", "talk")
        assert len(reading.facts.stamps) == 1
        assert [one.code for one in reading.diagnostics] == wanted
        assert all("2 times" in one.message and "write [2:05]" in one.message for one in reading.diagnostics)
    reading = reader.read_bytes(note("It (2:05) ends (1:30:05).\n").encode(), "talk.md", "talks", "talk")
    assert not reading.diagnostics


GIVEN = {
    "mappings": 'chapters:\n  - time: "00:00:00"\n    title: R&D <b> $5\n  - time: "01:05"\n    title: The *big* one',
    "other keys": "Chapter:\n- {startTime: 0, name: R&D <b> $5}\n- {startTime: 65.0, name: The *big* one}",
    "one line": 'chapters: [{from: 0:00, label: R&D <b> $5}, {ts: 65s, label: "The *big* one"}]\ntags: [sea]',
    "milliseconds": "chapters:\n- start_ms: 0\n  title: R&D <b> $5\n- start_ms: 65000\n  title: The *big* one",
    "thousands": "chapters:\n- {start: 0, title: R&D <b> $5}\n- {start: 65000, title: The *big* one}",
    "a mapping": 'timestamps:\n  "0:00": R&D <b> $5\n  "1:05": The *big* one',
    "a mapping of titles": 'timestamps:\n  R&D <b> $5: "0:00"\n  The *big* one: "1:05"',
    "pairs": "chapters:\n- 0:00: R&D <b> $5\n- 1:05: The *big* one",
    "lists": 'chapters:\n- ["0:00", R&D <b> $5]\n- ["1:05", The *big* one]',
    "lines": 'chapters:\n- 0:00 R&D <b> $5\n- "[1:05] - The *big* one"',
}


@pytest.mark.parametrize("how", GIVEN)
@pytest.mark.parametrize("body", ["Words of their own [2:00].", "\n# The sea\n\nWords (2:00)"])
def test_chapters_in_the_front_matter(how: str, body: str, tmp_path: Path) -> None:
    source = f"source: https://youtu.be/{VIDEO}\n"
    text = f"---\ntitle: Tides\n{source}{GIVEN[how]}\n---\n{body}\n\n[[nowhere]]\n"
    assert chapters_of(tmp_path, text) == ["0:00 R&D <b> $5", "1:05 The *big* one"]
    (missing,) = all_diagnostics(open_files(tmp_path / "again", {"talks/talk.md": text}))
    lines = text.count("\n", 0, text.index("[[nowhere")) + 1
    assert (missing.code, missing.line) == ("link-missing", lines + 2 * (how == "one line"))


def test_chapters_in_the_front_matter_of_a_site_in_toml(tmp_path: Path) -> None:
    entries = "".join(f'[[chapters]]\nstart = "{at}"\ntitle = "{title}"\n' for at, title, _ in ROWS)
    text = f'+++\ntitle = "Tides"\naudio = "tides.mp3"\n{entries}[params]\nn = 1\n+++\nWords.\n'
    assert chapters_of(tmp_path, text) == [f"{at} {title}" for at, title, _ in ROWS]


def test_chapters_of_the_words_stay_and_none_doubles(tmp_path: Path) -> None:
    front = f"---\nsource: https://youtu.be/{VIDEO}\n{GIVEN['mappings']}\n---\n"
    listed = front + "\n0:00 Sand\n1:05 Foam\n2:00 Salt\n"
    assert chapters_of(tmp_path / "a", listed) == ["0:00 Sand", "1:05 Foam", "2:00 Salt"]
    shown = front + "<p>(0:00) Sand</p><p>(1:05) Foam</p>\n"
    assert chapters_of(tmp_path / "b", shown) == ["0:00 R&D <b> $5", "1:05 The *big* one"]
    for text, stamps in ((listed, 3), (shown, 2), (front + "\n## Foam [00:01:05]\n\n## Salt [00:02:00]\n", 2)):
        assert len(reader.read_bytes(text.encode(), "a.md", "talks", "a").facts.stamps) == stamps


def test_what_runs_backward_in_the_front_matter_is_no_chapter(tmp_path: Path) -> None:
    text = f"---\nsource: https://youtu.be/{VIDEO}\nchapters:\n- 0:00 Sand\n- 2:00 Foam\n- 1:00 Salt\n---\nWords\n"
    assert chapters_of(tmp_path, text) == ["0:00 Sand", "2:00 Foam"]
    (said,) = reader.read_bytes(text.encode(), "a.md", "talks", "a").diagnostics
    assert (said.code, said.line) == ("chapter-out-of-order", 6)


@pytest.mark.parametrize(
    "front",
    ["chapters:\n- {title: Sand, page: 3}", "chapters: 12", "chapters: []", "chapters:\n- John 3:16\n- Mark 2:10",
     "timestamps:\n  created: 2024-01-01 10:00\n  modified: 2024-01-02 11:00",
     'timestamps:\n  created: "10:00"\n  modified: "11:00"', "chapters:\n- {title: Sand, start: page 2}",
     "chapters:\n- [0:00]", "timestamps: 1659510336804", "chapters: &a [*a, *a]"],
)  # fmt: skip
def test_what_is_no_chapter_in_a_front_matter(front: str) -> None:
    text = f"---\nsource: https://youtu.be/{VIDEO}\n{front}\n---\nWords\n"
    assert not reader.read_bytes(text.encode(), "a.md", "talks", "a").facts.stamps


@pytest.mark.parametrize(
    "at", [("9:00", "10:30", "12:00"), ("0", "20", "40"), ("0:00", "0:30"), ("0:00", "2:00", "1:00")]
)
def test_a_front_matter_without_a_medium_needs_a_list(at: tuple[str, ...]) -> None:
    entries = "".join(f'- {{start: "{one}", title: Part {one}}}\n' for one in at)
    text = f"---\ntitle: A day\nchapters:\n{entries}---\nWords\n"
    assert not reader.read_bytes(text.encode(), "a.md", "talks", "a").facts.stamps


def test_chapters_in_front_matter_take_time_that_grows_with_the_text() -> None:
    for block in ("chapters:\n" * 20_000, "chapters:\n" + "- 0:00 Sand\n" * 200_000, "[[chapters]]\n" * 20_000):
        for mark in ("---", "+++"):
            begun = time.perf_counter()
            reader.read_bytes(f"{mark}\n{block}{mark}\nWords\n".encode(), "a.md", "talks", "a")
            assert time.perf_counter() - begun < 5
