"""Measures pages of the PDF as a book designer would, with poppler."""

from __future__ import annotations

from itertools import pairwise

import pytest

from convert.document import nodes as n
from convert.document.note import Note, Video
from convert.writers.pdf import PdfOptions
from tests.support.needs import needs
from tests.support.pdf_notes import build, note, para, section, text
from tests.tools.paper import Figures, divided, figures, full_lines, number_of, pages_of, words_of

pytestmark = needs("pdftotext")

SENTENCE = "The experienced miller carries another sack of grain upstairs, counting every revolution of the millstone. "


def film(number: int, *blocks: n.Block, title: str = "") -> Note:
    return note(
        f"film_{number}", *blocks, title=title or f"Film {chr(65 + number)}", video=Video("youtube", f"film{number:07}")
    )


def films(count: int) -> list[Note]:
    """Return notes on videos, half of them short, with times after their sentences."""
    notes = []
    for number in range(count):
        parts: list[n.Inline] = []
        for sentence in range(3 + number % 7):
            start = 1000 * (61 * sentence + number)
            parts += [n.Text(SENTENCE), n.Stamp("[x]", start), n.Text(" "), n.Stamp("[x]", start + 5000), n.Text(" ")]
        body = [section(f"s{part}", 2, para(*parts), para(*parts)) for part in range(1 + number % 4)]
        notes.append(film(number, *body))
    return notes


@pytest.fixture(scope="module", params=["a4", "us-letter", "a5"])
def book(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    (made,) = build(films(24), options=PdfOptions(paper=request.param))
    return request.param, made.data


@pytest.fixture
def shown(book: tuple[str, bytes]) -> Figures:
    return figures(book[1])


def test_a_full_line_has_as_many_characters_as_an_eye_follows(book: tuple[str, bytes], shown: Figures) -> None:
    assert (58 if book[0] == "a5" else 62) <= shown.full_line <= (70 if book[0] == "a5" else 75)


@pytest.mark.parametrize("paper", ["a3", "b5", "us-legal", "us-executive", "us-digest", "us-trade", "a6"])
def test_lines_of_other_papers_are_no_longer(paper: str) -> None:
    (made,) = build(films(3), options=PdfOptions(paper=paper))
    lines = full_lines(divided(pages_of(made.data))[1])
    assert 55 <= sorted(lines)[len(lines) // 2] <= 75


def test_short_notes_run_on(shown: Figures) -> None:
    assert shown.short_pages == 0


def test_each_line_of_the_contents_says_something_new(shown: Figures) -> None:
    assert shown.contents > 24
    assert shown.contents_repeat == 0


def test_the_contents_number_every_page_that_a_line_is_about(book: tuple[str, bytes]) -> None:
    numbers = [int(number_of(line.text) or 0) for line in divided(pages_of(book[1]))[0] if "Contents" not in line.text]
    shown = [number for number in numbers if number]
    assert numbers[0]
    assert all(first < second for first, second in pairwise(shown))


def test_no_time_stands_alone_on_a_line(book: tuple[str, bytes], shown: Figures) -> None:
    assert shown.stamps_alone == 0


def test_a_paragraph_of_times_ends_the_one_above_it() -> None:
    times = para(n.Stamp("[x]", 5000), " - ", n.Stamp("[x]", 65000))
    items = n.List((n.Item((para("Bread"),), 1),), 1)
    (made,) = build([note("times", para(SENTENCE * 2), times, para(SENTENCE), items, times)])
    assert figures(made.data).stamps_alone == 0
    (made,) = build([note("times", section("a", 2, times, para(SENTENCE)))])
    assert figures(made.data).stamps_alone == 0


def test_a_lead_in_stays_with_its_list() -> None:
    bread = n.List(tuple(n.Item((para("Bread"),), 1) for _ in range(12)), 1)
    for lines in range(28, 44):
        leading = para("What they baked:")
        (made,) = build([note("leads", *(para("Bread") for _ in range(lines // 2)), para(SENTENCE), leading, bread)])
        _, body = divided(pages_of(made.data))
        for page in body:
            texts = [line.text for line in page if not line.text.startswith("Leads")]
            assert texts[-1] != "What they baked:"


def test_a_lead_in_is_set_from_edge_to_edge_as_well() -> None:
    items = n.List((n.Item((para("Bread"),), 1),), 1)
    (plain,), (leading,) = (build([note("one", para(SENTENCE * 4 + end), items)]) for end in ("Bread.", "Bread:"))
    edges = [
        [line.right for page in pages_of(made.data) for line in page if len(line.text) > 50]
        for made in (plain, leading)
    ]
    assert len(edges[0]) > 4
    assert edges[0] == edges[1]


def test_a_page_refers_to_a_target_once() -> None:
    link = n.WikiLink("goal", text("the goal"), to=n.Destination("films/goal", "", "Goal"))
    pages = para(*(part for _ in range(120) for part in (SENTENCE, link, " ")))
    (made,) = build([note("goal", para("Here")), note("many", pages)])
    _, body = divided(pages_of(made.data))
    counts = [sum(line.text.count("(p. ") for line in page) for page in body]
    assert len(counts) > 3
    assert set(counts) == {1}


def test_a_title_of_two_lines_has_no_word_alone() -> None:
    titles = ["How the miller of the old mill listens to the stone and the water of the stream all day",
              "Why a stair is narrow in all of the mills of the valley and of the hills around",
              "Grain, stone, water and the great many long days of the miller in the valley below"]  # fmt: skip
    (made,) = build([film(number, para("x " * 300), title=title) for number, title in enumerate(titles)])
    _, body = divided(pages_of(made.data))
    lines = [line.text for page in body for line in page]
    for title in titles:
        at = next(at for at, line in enumerate(lines) if title.startswith(line) and len(line) > 10)
        shape = [len(lines[at]), len(lines[at + 1])]
        assert lines[at + 1] in title
        assert " " in lines[at + 1]
        assert min(shape) > 0.6 * max(shape), title


def test_blanks_of_code_are_not_stretched() -> None:
    code = n.Code("a b c d")
    (made,) = build(
        [note("code", para(*(part for _ in range(30) for part in ("incomprehensible words and ", code, " "))))]
    )
    letters = [word for page in words_of(made.data) for word in page if word.text in "abcd"]
    steps = {round(two.left - one.left, 1) for one, two in pairwise(letters) if two.top == one.top and two.text != "a"}
    assert len(letters) == 120
    assert max(steps) - min(steps) < 0.3
