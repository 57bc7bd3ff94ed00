"""Tests the merged timeline of a video."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.document.book import Listed, Moment, NoteSummary, VideoNotes
from convert.document.note import HeadingFact
from convert.extract.timeline import Timeline, clean_title, timeline
from tests.support.notes import FILM, summary


def entry(name: str, headings: list[tuple[int, str]], moments: list[tuple[int, int]]) -> NoteSummary:
    """Return a note with (level, text) headings and (section, seconds) moments."""
    return summary(
        f"films/{name}",
        name.title(),
        headings=tuple(HeadingFact(f"s{i}", level, text, 10 + i) for i, (level, text) in enumerate(headings)),
        moments=tuple(Moment(section, seconds * 1000) for section, seconds in moments),
    )


def line_of(
    *entries: NoteSummary, duration: int | None = None, siblings: tuple[NoteSummary, ...] = (), depth: int = 2
) -> Timeline:
    known = None if duration is None else duration * 1000
    part = VideoNotes(video=FILM, title="The film", notes=entries, siblings=siblings, duration_ms=known)
    return timeline(part, depth)


def rows(line: Timeline) -> list[tuple[int, int, str]]:
    return [(marker.start_ms // 1000, marker.end_ms // 1000, marker.title) for marker in line.markers]


def codes(line: Timeline) -> list[tuple[str, int]]:
    return [(remark.code, remark.line) for remark in line.diagnostics]


def test_one_marker_a_section_and_one_at_0() -> None:
    note = entry("birds", [(2, "Nest"), (2, "Flight")], [(-1, 3), (0, 40), (0, 55), (1, 90)])
    line = line_of(note)
    assert rows(line) == [(0, 40, "The film"), (40, 90, "Nest"), (90, 150, "Flight")]


def test_the_end_is_the_videos_where_it_is_known() -> None:
    line = line_of(entry("birds", [(2, "Nest")], [(0, 40)]), duration=600)
    assert rows(line)[-1] == (40, 600, "Nest")


def test_a_first_start_near_0_is_pulled_to_it() -> None:
    assert rows(line_of(entry("birds", [(2, "Nest")], [(0, 9)]))) == [(0, 69, "Nest")]


def test_a_parent_without_a_stamp_never_takes_the_place_of_its_first_child() -> None:
    note = entry("birds", [(2, "Life"), (3, "Nest"), (3, "Flight")], [(1, 40), (2, 90)])
    line = line_of(note)
    assert [title for _, _, title in rows(line)] == ["The film", "Nest", "Flight"]
    assert codes(line) == [("chapter-merged", 10)]


def test_markers_of_one_title_become_one_or_are_numbered() -> None:
    again = [(2, "Nest"), (2, "Nest"), (2, "Flight"), (2, "Nest")]
    assert rows(line_of(entry("birds", again, [(0, 40), (1, 80), (2, 120), (3, 160)]))) == [
        (0, 40, "The film"),
        (40, 80, "Nest"),
        (80, 120, "Nest (2)"),
        (120, 160, "Flight"),
        (160, 220, "Nest (3)"),
    ]
    assert rows(line_of(entry("birds", [(2, "The film"), (2, "Nest")], [(0, 40), (1, 80)])))[0] == (0, 80, "The film")


def test_a_number_keeps_a_title_within_its_limits() -> None:
    long = [(2, "é" * 150), (2, "Nest"), (2, "é" * 150)]
    last = line_of(entry("birds", long, [(0, 40), (1, 80), (2, 120)])).markers[-1].title
    assert (len(last), last[-4:]) == (100, " (2)")


def test_a_section_without_stamps_below_it_is_reported() -> None:
    line = line_of(entry("birds", [(2, "Nest"), (2, "Sources")], [(0, 40)]))
    assert codes(line) == [("section-untimed", 11)]


def test_sections_are_sorted_and_the_higher_heading_wins_a_near_tie() -> None:
    note = entry("birds", [(2, "Late"), (3, "Detail"), (2, "Early")], [(0, 300), (1, 95), (2, 100)])
    line = line_of(note)
    assert rows(line) == [(0, 95, "The film"), (95, 300, "Early"), (300, 360, "Late")]
    assert codes(line) == [("chapter-merged", 11)]


def test_a_start_past_the_end_is_dropped_and_reported() -> None:
    line = line_of(entry("birds", [(2, "Nest"), (2, "Lost")], [(0, 40), (1, 700)]), duration=600)
    assert rows(line) == [(0, 40, "The film"), (40, 600, "Nest")]
    assert codes(line) == [("chapter-past-end", 11)]


def test_notes_of_one_video_share_a_timeline() -> None:
    own = entry("birds", [(2, "Nest")], [(0, 40)])
    other = entry("trees", [(2, "Leaves"), (2, "Roots")], [(0, 70)])
    line = line_of(own, siblings=(other,))
    assert [title for _, _, title in rows(line)] == ["The film", "Nest", "Leaves"]
    assert codes(line) == [], "what is wrong in another book is said there"


def test_a_note_without_headings_gives_one_marker_under_its_title() -> None:
    line = line_of(entry("birds", [(2, "Nest")], [(0, 40)]), entry("trees", [], [(-1, 120), (-1, 80)]))
    assert [(start, title) for start, _, title in rows(line)] == [(0, "The film"), (40, "Nest"), (120, "Trees")]


def test_stamps_before_headings_that_have_none_give_one_marker() -> None:
    assert rows(line_of(entry("birds", [(2, "Sources")], [(-1, 30)]))) == [(0, 90, "The film")]


def test_no_stamps_give_no_markers() -> None:
    assert line_of(entry("birds", [(2, "Nest")], [])).markers == ()


def test_deep_headings_lend_their_stamps_but_are_no_markers() -> None:
    note = entry("birds", [(2, "Life"), (3, "Nest"), (4, "Eggs")], [(0, 20), (2, 60)])
    assert [title for _, _, title in rows(line_of(note))] == ["The film", "Life", "Nest"]
    assert [title for _, _, title in rows(line_of(note, depth=1))] == ["The film", "Life"]


def test_a_lone_first_heading_is_the_title_of_the_note_not_a_level() -> None:
    note = entry("birds", [(1, "Birds"), (2, "Nest"), (3, "Eggs")], [(0, 0), (1, 20), (2, 60)])
    assert [(marker.title, marker.level) for marker in line_of(note).markers] == [
        ("Birds", 1),
        ("Nest", 1),
        ("Eggs", 2),
    ]


def test_titles_are_one_clean_line() -> None:
    assert clean_title("  a\tb\n\x07c \u202eright\u202c  ") == "a b c right"
    assert clean_title("\x00\n") == ""


@pytest.mark.parametrize("between", [" (%s)", ": %s", " \u2013 %s", " <%s>", " | %s", " %s"])
def test_an_address_behind_words_is_no_part_of_a_title(between: str) -> None:
    address = "https://youtu.be/eRsGyueVLvQ?si=1"
    assert clean_title("Ports" + between % address) == "Ports"
    assert clean_title(address) == address
    assert clean_title(f"See {address} there") == f"See {address} there"


def test_a_title_of_nothing_is_its_time() -> None:
    assert rows(line_of(entry("birds", [(2, "\x01")], [(0, 75)])))[-1][2] == "1:15"


def test_long_titles_are_cut_at_a_word() -> None:
    cut = clean_title("word " * 60)
    assert len(cut) <= 100
    assert cut.endswith("word…")
    assert clean_title("x" * 100) == "x" * 100


def test_titles_are_at_most_255_bytes_and_letters_stay_whole() -> None:
    for text in (
        "漢" * 300,
        "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{BOY}" * 90,
        "e\N{COMBINING ACUTE ACCENT}" * 200,
        "מילה " * 80,
    ):
        cut = clean_title(text)
        assert len(cut) <= 100
        assert len(cut.encode()) <= 255
        assert cut.endswith("…")
        assert not cut.endswith("e…")


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(1, 6), st.text(max_size=120)), max_size=8),
            st.lists(st.tuples(st.integers(-1, 7), st.integers(0, 40_000)), max_size=12),
        ),
        max_size=4,
    ),
    st.none() | st.integers(1, 30_000),
)
def test_any_notes_give_markers_in_order(
    notes: list[tuple[list[tuple[int, str]], list[tuple[int, int]]]], duration: int | None
) -> None:
    line = line_of(*(entry(f"n{i}", *found) for i, found in enumerate(notes)), duration=duration)
    markers = line.markers
    assert bool(markers) is any(moments for _, moments in notes)
    assert all(a.end_ms == b.start_ms and b.start_ms - a.start_ms >= 10_000 for a, b in pairwise(markers))
    assert all(0 < len(marker.title) <= 100 and len(marker.title.encode()) <= 255 for marker in markers)
    assert not markers or markers[0].start_ms == 0
    assert not markers or markers[-1].start_ms < markers[-1].end_ms
    assert duration is None or not markers or markers[-1].end_ms == duration * 1000


LISTED = ((0, "Intro", 5), (80_000, "Tides", 6), (330_000, "Moon", 7))


@pytest.mark.parametrize("as_headings", [True, False])
def test_a_complete_list_takes_no_section_between_its_chapters(as_headings: bool) -> None:
    of_list = [HeadingFact(title.lower(), 2, title, line) for _, title, line in LISTED] if as_headings else []
    own = [HeadingFact("gauge", 2, "The gauge", 9), HeadingFact("well", 2, "The well", 13)]
    times = [ms for ms, _, _ in LISTED] if as_headings else []
    moments = tuple(Moment(section, ms) for section, ms in enumerate([*times, 120_000, 370_000]))
    listed = tuple(Listed(*one) for one in LISTED)
    about = summary("films/a", headings=(*of_list, *own), moments=moments, listed=listed)
    made = timeline(VideoNotes(video=None, title="Sea", notes=(about,)))
    wanted = [(0, "Intro"), (80_000, "Tides"), (330_000, "Moon"), (370_000, "The well")]
    assert [(marker.start_ms, marker.title) for marker in made.markers] == wanted
    assert [one.code for one in made.diagnostics] == ["chapter-merged"]


@pytest.mark.parametrize(
    "listed", [((0, "A", 1), (90_000, "C", 2)), ((20_000, "A", 1), (40_000, "B", 2), (90_000, "C", 3))]
)
def test_two_times_or_a_late_list_are_no_complete_list(listed: tuple[tuple[int, str, int], ...]) -> None:
    chapters = tuple(Listed(*one) for one in listed)
    about = summary("films/a", headings=(HeadingFact("o", 2, "Own", 9),), moments=(Moment(0, 60_000),), listed=chapters)
    made = timeline(VideoNotes(video=None, title="Sea", notes=(about,)))
    assert "Own" in [marker.title for marker in made.markers]
