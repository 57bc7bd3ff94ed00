"""Measures pages of the PDF as a book designer would, with poppler."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from convert.document import nodes as n
from convert.document.note import Note, Video
from convert.writers.pdf import MM_PER_POINT, PAPERS, PdfOptions
from tests.support.needs import needs
from tests.support.pdf_notes import book as book_with
from tests.support.pdf_notes import build, note, para, section, text
from tests.support.pdf_reading import fonts as fonts_of
from tests.tools.paper import Figures, Word, divided, figures, full_lines, number_of, pages_of, words_of

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


def test_the_first_note_of_a_video_has_its_number_in_the_contents() -> None:
    notes = [note(f"mill_{number}", para(SENTENCE * 40)) for number in range(3)]
    of = book_with(*notes)
    (part,) = of.parts
    (made,) = build(notes, msgspec.structs.replace(of, parts=(msgspec.structs.replace(part, title="Windmills"),)))
    lines = [line.text for line in divided(pages_of(made.data))[0]]
    assert "Windmills" in lines
    assert {"3 Mill 0"} <= set(lines)


def test_a_few_entries_do_not_stand_alone_on_a_page_of_the_contents() -> None:
    for count in (23, 24, 25):
        notes = [film(number, title=f"Windmill {number}") for number in range(count)]
        (made,) = build(notes, options=PdfOptions(paper="a5"))
        pages = [page for page in pages_of(made.data)[1:] if page and "Contents" in page[-1].text]
        assert len(pages) == 1, (count, [[line.text for line in page] for page in pages])


def indexed(names: list[str], before: int = 60) -> list[list[Word]]:
    links = [para(n.WikiLink(name, text(name.lower())), " " + SENTENCE * 9) for name in names]
    (made,) = build([note("mills", *(para(SENTENCE) for _ in range(before)), *links, *links, *links)])
    pages = words_of(made.data)
    return pages[next(at for at, page in enumerate(pages) if at > 2 and "Topics" in [word.text for word in page]) :]


def test_no_number_stands_alone_on_a_line_of_the_index() -> None:
    names = [f"Sack{'s' * number} of grain and of {'so ' * (number % 5)}flour" for number in range(24)]
    for page in indexed(names):
        rows: dict[tuple[bool, int], list[str]] = {}
        for word in page[:-1]:  # without the number of the page
            rows.setdefault((word.left > 290, round(word.top)), []).append(word.text)
        assert [row for row in rows.values() if len(row) == 1 and row[0].isdigit()] == []


def test_the_index_has_letters_only_above_several_entries() -> None:
    few = [word.text for page in indexed(["Axle", "Brake", "Cog"]) for word in page]
    many = [word.text for page in indexed(["Axle", "Arm", "Beam", "Brake", "Cog", "Cam"]) for word in page]
    assert not {"A", "B", "C"} & set(few)
    assert {"A", "B", "C"} <= set(many)


def test_no_time_stands_alone_on_a_line(book: tuple[str, bytes], shown: Figures) -> None:
    assert shown.stamps_alone == 0


def test_no_time_stands_alone_on_a_line_of_an_emphasis() -> None:
    two = (n.Stamp("[x]", 802_000), n.Text(" "), n.Stamp("[x]", 824_000), n.Text("."))
    words = [n.Text(SENTENCE * 2 + "so " * more) for more in range(1, 40)]
    lines = [para(n.Emphasis((one, *two))) for one in words]
    (made,) = build([note("times", *lines)])
    assert figures(made.data).stamps_alone == 0


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


def test_a_lead_in_stays_with_its_formula() -> None:
    for lines in range(8, 24):
        blocks = [para("Bread") for _ in range(lines)]
        made = build([note("leads", *blocks, para("What they reckon:"), para(n.Math("1 + 2 = 3", True)))])
        _, body = divided(pages_of(made[0].data))
        assert all("What they reckon:" not in page[-2].text for page in body if len(page) > 3)


def code_lines(data: bytes, words: str) -> list[list[Word]]:
    return [[word for word in page if word.text.startswith(words)] for page in words_of(data)]


def test_short_code_stays_on_one_page() -> None:
    code = n.CodeBlock("\n".join(f"grind{number}" for number in range(12)), 1)
    for lines in range(10, 26, 3):
        (made,) = build([note("code", *(para("Bread") for _ in range(lines)), code)])
        assert [len(page) for page in code_lines(made.data, "grind") if page] == [12]


def test_long_code_leaves_no_few_lines_at_the_foot() -> None:
    code = n.CodeBlock("\n".join(f"grind{number}" for number in range(30)), 1)
    for lines in range(14, 28, 2):
        (made,) = build([note("code", *(para("Bread") for _ in range(lines)), code)])
        assert min(len(page) for page in code_lines(made.data, "grind") if page) > 3


@pytest.mark.parametrize("paper", ["a4", "a5", "us-letter"])
def test_a_long_line_of_code_goes_on_further_in_and_on_the_page(paper: str) -> None:
    code = n.CodeBlock("def mill():\n    return " + " ".join(["grind"] * 40) + "\nmill()\n" + "grain" * 60, 1)
    (made,) = build([note("code", para(SENTENCE * 3), code)], options=PdfOptions(paper=paper))
    (start,) = [word for page in code_lines(made.data, "return") for word in page]
    grinding = [word for page in code_lines(made.data, "grind") for word in page if word.top > start.top + 2]
    assert start.left + 15 < min(word.left for word in grinding) < start.left + 40
    width = PdfOptions(paper=paper).typst_paper()
    assert (
        max(word.right for page in code_lines(made.data, "gra") for word in page) < PAPERS[width][0] / MM_PER_POINT - 30
    )


def test_code_is_about_as_large_as_the_text() -> None:
    (made,) = build([note("code", para("Sackgrinding"), n.CodeBlock("sackgrinding", 1))])
    word, code = (next(one for page in code_lines(made.data, name) for one in page) for name in ("Sackg", "sackg"))
    assert (code.right - code.left) / 12 > 0.82 * 11.5 * 0.6
    assert code.left > word.left


def test_a_head_of_a_table_is_not_hyphenated() -> None:
    head = n.Row((text("Characteristics"), text("Counterrevolutionaries"), text("Description"), text("Amount")))
    row = n.Row((text("Stone"), text("many words that go on"), text(SENTENCE), text("12")))
    table = n.Table(("",) * 4, head, (row,), 1)
    for paper, whole in (("a4", 4), ("a5", 2)):  # the others fit no column of the small page
        (made,) = build([note("grain", table)], options=PdfOptions(paper=paper))
        shown = [word.text for page in words_of(made.data) for word in page]
        heads = ("Characteristics", "Counterrevolutionaries", "Description", "Amount")
        assert sum(word in shown for word in heads) == whole
        assert {"Description", "Amount"} <= set(shown)


def table_of(rows: int, words: str) -> n.Table:
    cells = [n.Row((text(f"Sack {row}"), text("4 kg"), text(f"{words}{row}"))) for row in range(rows)]
    return n.Table(
        ("", "right", ""), n.Row((text("Number of the sack"), text("Weight"), text("Remarks"))), tuple(cells), 1
    )


@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_sentences_have_the_widest_column_of_a_table(paper: str) -> None:
    (made,) = build([note("grain", table_of(3, SENTENCE))], options=PdfOptions(paper=paper))
    words = [word for page in words_of(made.data) for word in page]
    heads = {word.text: word.left for word in words if word.text in ("Number", "Weight", "Remarks")}
    sentences = [word for word in words if word.text in ("The", "experienced", "miller")]
    assert {round(word.left) for word in sentences if word.text == "The"} == {round(heads["Remarks"])}
    edge = max(word.right for word in words)
    assert edge - heads["Remarks"] > heads["Remarks"] - heads["Number"]
    assert {round(word.left) for word in words if word.text == "Sack"} == {round(heads["Number"])}


def test_small_tables_and_rows_stay_on_one_page() -> None:
    for lines in range(10, 22):
        (made,) = build([note("grain", *[para("Bread") for _ in range(lines)], table_of(4, "Rye "))])
        pages = [[line.text for line in page] for page in pages_of(made.data)]
        assert sum(any(text.startswith("Sack ") for text in page) for page in pages) == 1
    (made,) = build([note("grain", table_of(30, SENTENCE))])
    pages = [
        [line.text for line in page if "Sack" in line.text or "miller" in line.text] for page in pages_of(made.data)
    ]
    shown = [page for page in pages if page and "The experienced" in " ".join(page)]
    assert len(shown) > 1
    assert all("Sack" in page[0] for page in shown)


def test_the_foot_is_one_line() -> None:
    title = "How the miller of the old mill listens to the stone and the water of the stream " * 2
    made = build([note("long", *[para(SENTENCE) for _ in range(40)], title=title.strip())])
    last = [page[-1] for page in divided(pages_of(made[0].data))[1]]
    assert all(line.text.startswith("How the miller") and line.text[-1].isdigit() for line in last)


def test_code_in_a_line_from_the_right_is_read_from_the_left() -> None:
    line = para("الماء ", n.Code("weight = 12"), " الحجر")
    one = note("water", line)
    (made,) = build([one], book_with(one, language="ar"))
    (row,) = [[w for w in page if w.text in ("weight", "=", "12")] for page in words_of(made.data) if len(page) > 3][
        -1:
    ]
    assert [word.text for word in sorted(row, key=lambda word: word.left)] == ["weight", "=", "12"]


def test_lines_of_a_book_in_two_scripts_are_of_one_height() -> None:
    one = note("water", para(*("الماء والحجر " if number % 9 else "stone " for number in range(120))))
    (made,) = build([one], book_with(one, language="ar"))
    tops = [line.top for page in divided(pages_of(made.data))[1] for line in page if len(line.text) > 40]
    steps = {round(second - first) for first, second in pairwise(tops)}
    assert len(tops) > 5
    assert max(steps) - min(steps) <= 1


def test_emphasis_is_bold_in_scripts_without_italics() -> None:
    written = {"en": "slowly", "ja": "温度を見る", "ar": "العجينة"}
    fonts = {}
    for language, word in written.items():
        (made,) = build([note("a", para("x ", n.Emphasis((n.Text(word),))))], book_with(note("a"), language=language))
        fonts[language] = str(sorted(fonts_of(made.data)))
    assert "Italic" in fonts["en"]
    assert "Bold" in fonts["ja"]
    assert "Bold" in fonts["ar"]


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
