"""Tests what public collections met: small vaults of fifteen kinds, in every format as a person would want them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.writers.anki.reading import read_package
from tests.support.needs import SHARED, needs
from tests.support.pages import epub_pages, site_pages
from tests.support.pdf_reading import one_line
from tests.support.vaults import Files, lay_out, note

FORMATS = ("epub", "pdf", "chapters", "anki", "html")
URL = "https://youtu.be/aqz-KE-b{}?t={}"


class Kind(NamedTuple):
    """A vault of one kind, and what is expected of it."""

    files: Files
    titles: str
    """The titles of its notes, with `|` between them."""
    chapters: str
    """The chapters of all its videos by title, those of the start of a video without a section too."""
    says: str = ""
    """What e-book, site and PDF say."""
    lacks: str = "Untitled"
    """What none of them says."""
    deck: str = ""
    """What the deck says."""


def film(number: int, text: str, title: str = "", more: str = "") -> str:
    return note(text, title, f"aqz-KE-b{number:02}A", more)


KINDS = {
    "letters of times in words": Kind(
        {
            "a.md": "# Lamps\n\n[1:15](" + URL.format("01A", 75) + ") The metadata-table lists them.\n",
            "b.md": "# Pumps\n\n- [2:10](" + URL.format("02A", 130) + ") Set data-toggle and data-target.\n",
            "c.md": "# Belts\n\nSee https://example.org/?data-t=75 first.\n\n[0:40]("
            + URL.format("03A", 40)
            + ") Go.\n",
        },
        "Lamps|Pumps|Belts",
        "Belts|Lamps|Pumps",
        "1:15 The metadata-table lists them.|Set data-toggle and data-target.|0:40 Go.",
    ),
    "references to characters in titles": Kind(
        {
            "a.md": film(1, "a [0:10]\n\nA lock::a chamber", '"Salt &amp; water &#8211; part 2"'),
            "b.md": film(2, "b [0:10]", "'&lt;b&gt; and &quot;i&quot;'"),
            "c.md": film(3, "c [0:10]", "It&#39;s late"),
        },
        'Salt & water – part 2|<b> and "i"|It\'s late',
        'It\'s late|Salt & water – part 2|<b> and "i"',
        "Salt & water – part 2|<b> and “i”|It’s late",
        "&amp;|&#39;|&lt;|#8211",
        "Salt &amp; water – part 2",
    ),
    "a title that the text repeats": Kind(
        {
            "a.md": film(1, "# Rivers and seas\n\n## Salt\n\nx [0:18]\n\n## Sweet\n\ny [1:18]\n", "Rivers and seas"),
            "b.md": film(2, "\n# **Kites** & wind\n\nUp. [0:20]\n", "Kites & wind"),
            "c.md": "---\nvideoId: aqz-KE-b03A\n---\n\n# c\n\n## One [0:10]\n\nx\n",
        },
        "Rivers and seas|Kites & wind|c",
        "Kites & wind|One|Rivers and seas|Salt|Sweet|c",
        "Sweet y 1:18|Up. 0:20",
    ),
    "a time in a heading below another": Kind(
        {
            "a.md": film(
                1, "## Points\n\n### Rise [02:50]\n\nUp.\n\n### Fall [12:00]\n\nDown.\n\n## Words\n\nA::B\n", "One"
            ),
            "b.md": film(2, "# Two\n\n## Parts\n\n### First [0:30]\n\na\n\n### Second [1:30]\n\nb\n"),
            "c.md": film(3, "## Sum\n\n#### Deep (0:30)\n\na\n\n#### Deeper (1:30)\n\nb\n", "Three"),
        },
        "One|Two|Three",
        "Deep|Deeper|Fall|First|One|Rise|Second|Three|Two",
        "Rise 2:50 Up.|Fall 12:00 Down.|Deeper 1:30 b",
    ),
    "a formula of many lines": Kind(
        {
            "a.md": film(
                1, "Waves [0:10]:\n\n$$\n" + "a = b + c + 0 + 0 + 0 + 0 \\\\\n" * 14 + "\nq = 0\n$$\n", "Waves"
            ),
            "b.md": film(2, "Sums [0:20]: $" + "x + " * 200 + "y$ end.\n", "Sums"),
            "c.md": film(
                3, "$$\n" + "\\begin{matrix}" * 12 + "z" + "\\end{matrix}" * 12 + "\n$$\n\nLast [0:30].\n", "Deep"
            ),
        },
        "Waves|Sums|Deep",
        "Deep|Sums|Waves",
        "Waves 0:10|Last 0:30.",
    ),
    "times in parentheses in headings": Kind(
        {
            "a.md": film(1, "## Dance (01:28)\n\na\n\n## Ear (44:10)\n\nb\n\n## Winter (1:03:20)\n\nc\n", "Bees"),
            "b.md": film(2, "### Crust [0:40]\n\na\n\n### Crumb [2:10]\n\nb\n", "Bread"),
            "c.md": film(3, "## 1. Sail (0:15)\n\na\n\n## 2. Oar (3:05)\n\nb\n", "Boats"),
        },
        "Bees|Bread|Boats",
        "1. Sail|2. Oar|Bees|Boats|Bread|Crumb|Crust|Dance|Ear|Winter",
        "Winter 1:03:20 c|Crumb 2:10 b|2. Oar 3:05 b",
        "(01:28)|(1:03:20)|[0:40]|(0:15)",
    ),
    "links whose text is shown": Kind(
        {
            "Loaf.md": film(1, "With [[Curd#Milk]], [[Curd|cheese]] and [[Curd#Milk|that]] [0:20].", "Loaf"),
            "Curd.md": film(2, "# To do\n\nBuy [0:10].\n\n# Milk\n\nWarm [1:10].\n"),
            "Gone.md": film(3, "Of [[Nothing here#Part]] only [0:30].", "Gone"),
        },
        "Loaf|Curd|Gone",
        "Curd|Gone|Loaf|Milk|To do",
        "Curd > Milk|Nothing here > Part",
        "Curd#Milk|[[",
    ),
    "lists of links": Kind(
        {
            "a.md": "# Bread\n\n"
            + "".join(
                f"- [{m}:00]({URL.format('01A', m * 60)}) {w}\n" for m, w in ((0, "Flour"), (4, "Water"), (9, "Oven"))
            ),
            "b.md": "# Tea\n\n"
            + "".join(f"1. [{m}:05]({URL.format('02A', m * 60 + 5)}) - Cup {m}\n" for m in range(3)),
            "c.md": "# Jam\n\n" + "".join(f"* [Pot {m} ({m}:00)]({URL.format('03A', m * 60)})\n" for m in range(3)),
        },
        "Bread|Tea|Jam",
        "Cup 0|Cup 1|Cup 2|Flour|Oven|Pot 0|Pot 1|Pot 2|Water",
        "4:00|2:05",
    ),
    "signs of sets": Kind(
        {
            "a.md": film(
                1,
                "**Sets** meet in $A \\cap B$ [1:10].\n\n- See [the shop](https://example.org).\n\nA::$C \\sqcap D$",
                "S",
            ),
            "b.md": film(2, "A tensor [0:10] $x \\otimes y \\odot z \\ominus w$, **well**.\n", "T"),
            "c.md": film(3, "$$\\bigcap_{i} A_i \\bigotimes_j B_j \\bigodot_k C_k$$\n\n*Then* [0:30].\n", "U"),
        },
        "S|T|U",
        "S|T|U",
        "See the shop.|∩|⊗|⊙|⊖|⋂|⨂|⨀",
        "\\cap|\\otimes|**",
        "sqcap",
    ),
    "formulas that are no MathML": Kind(
        {
            "a.md": film(1, "Paint [0:20]: $\\textcolor{orange}{x} + 1$ dries.\n", "Paint"),
            "b.md": film(
                2, "Two [0:20]:\n\n$$\n\\begin{align*}\na = b \\\\\nc = d\n\\end{align*}\n$$\n\n- On.\n", "Rows"
            ),
            "c.md": film(3, "A colour [0:10] $\\color{teal} y$ and $\\colorbox{yellow}{z}$ too.\n", "Colour"),
        },
        "Paint|Rows|Colour",
        "Colour|Paint|Rows",
        "dries.|On.|too.",
        "textcolor|begin{",
    ),
    "links to a section of a note with a hard formula": Kind(
        {
            "guests.md": film(1, "Both lists: [[sets#Where they meet]] [2:10].", "Guests"),
            "sets.md": film(2, "## Where they meet\n\n$A \\cap \\unheard{B}$ [1:10].\n", "Sets"),
            "none.md": film(3, "To [[sets#No such part]] and [[sets]] [0:10].", "None"),
        },
        "Guests|Sets|None",
        "Guests|None|Sets|Where they meet",
        "sets > Where they meet|1:10.",
    ),
    "texts from the right": Kind(
        {
            "وصفة.md": film(
                1, "نبدأ بالدقيق [00:01:10].\n\n- نخلط المكونات.\n\nالخميرة::تحتاج إلى الدفء", "وصفة الخبز"
            ),
            "מתכון.md": film(2, "מתחילים בקמח ובמים [0:30].\n\n1. לערבב.\n", "מתכון ללחם"),
            "نان.md": film(3, "نان را با آرد و آب می‌پزیم که گرم است [0:40].\n", "نان گرم"),
        },
        "وصفة الخبز|מתכון ללחם|نان گرم",
        "מתכון ללחם|نان گرم|وصفة الخبز",
        deck='dir="rtl"',
    ),
    "empty files": Kind(
        {
            "Untitled.md": "",
            "Untitled 1.md": "---\n---\n",
            "sub/Untitled 2.md": "\n\n \n",
            "Без названия.md": "\ufeff",
            "lamps.md": film(1, "A lamp is lit. [0:18]\n", "Lamps"),
        },
        "Lamps",
        "Lamps",
        "A lamp is lit. 0:18",
    ),
    "titles from names of files": Kind(
        {
            "Über Käse & Brot – Teil 2 (NDR).md": film(1, "## Milch\n\na [0:10]\n\n## Lab\n\nb [1:10]\n"),
            "L'été, c'est ça! #3.md": film(2, "x [0:10]\n"),
            "第3回 パン作り.md": film(3, "小麦粉と水を混ぜます [0:20]。\n"),
        },
        "Über Käse & Brot – Teil 2 (NDR)|L'été, c'est ça! #3|第3回 パン作り",
        "L'été, c'est ça! #3|Lab|Milch|Über Käse & Brot – Teil 2 (NDR)|第3回 パン作り",
        "Über Käse & Brot – Teil 2 (NDR)|回 パン作り",
        "ueber|uber-kase",
    ),
    "notes without a video": Kind(
        {
            "boats.md": "# Boats\n\nWood is light. [0:18]\nIron floats. [1:18]\n\nA keel::the spine of a boat\n",
            "kites.md": "# Kites\n\nA kite leans on the wind. [0:40]\n",
            "talk.md": "---\ntitle: A talk\n---\n\n## Start [0:00]\n\na\n\n## End [9:00]\n\nb\n",
        },
        "Boats|Kites|A talk",
        "Boats|End|Kites|Start",
        "Wood is light. 0:18|0:40|End 9:00",
        "Untitled|watch?v=",
        "Boats",
    ),
}


def made(folder: Path, files: Files) -> tuple[Report, Path]:
    """Return the report and the folder of a build in all formats."""
    lay_out(folder / "vault", files)
    return build(Request((folder / "vault",), folder / "out", FORMATS, jobs=1)), folder / "out"


def plain(markup: Iterable[str]) -> str:
    """Return the text of pages, with white space collapsed."""
    bodies = [
        re.sub(r"<[^<>]*+>", " ", re.sub(r"<(annotation|script|style)\b.*?</\1>", " ", page, flags=re.S))
        for page in markup
    ]
    return re.sub(r"\s+(?=[.:,)])", "", re.sub(r"\s+", " ", html.unescape(" ".join(bodies))))


def read_books(folder: Path, name: str) -> dict[str, str]:
    """Return the text of e-book, site and PDF."""
    (site,) = folder.glob("*.html/")
    return {
        "e-book": plain(epub_pages(folder / f"{name}.epub").values()),
        "site": plain(site_pages(site).values()),
        "PDF": re.sub(r"\s+(?=[.:,)])", "", one_line((folder / f"{name}.pdf").read_bytes())),
    }


def cues(folder: Path) -> list[str]:
    """Return the titles of all chapters."""
    texts = [path.read_text("utf-8") for path in folder.glob("*.chapters/*.vtt")]
    return sorted({html.unescape(title) for text in texts for title in re.findall(r"-->.*\n(.*)", text)})


@needs("pdftotext")
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_vault_is_in_every_format_as_a_person_wants_it(kind: str, tmp_path: Path) -> None:
    files, titles, chapters, says, lacks, deck = KINDS[kind]
    report, out = made(tmp_path, files)
    assert [one for one in report.all_diagnostics() if one.severity == "error"] == []
    (book,) = report.books
    assert book.failures == {}
    assert sorted(one.title for one in book.book.summaries()) == sorted(titles.split("|"))
    assert cues(out) == sorted(chapters.split("|"))
    for place, text in read_books(out, "vault").items():
        assert [one for one in says.split("|") if one not in text] == [], (place, text)
        assert [one for one in lacks.split("|") if one in text] == [], (place, text)
    cards = " ".join(field for one in read_package((out / "vault.apkg").read_bytes()) for field in one.fields)
    assert deck in cards


VAULTS = {
    "data-t": (("Lamps of the workshop",), "1:15 4:10", [], ("the attribute data-toggle",)),
    "entities-in-title": (('The cow\'s day & the "white" gold',), "0:10", [], ("The cow’s day & the “white” gold",)),
    "h1-twice": (("Boats and how they float",), "0:18 1:18", ["Wood", "Iron"], ("Wood is light.",)),
    "h2-takes-chapter": (
        ("Rivers",),
        "2:50 12:00",
        ["Where they rise", "Where they end"],
        ("Where they rise 2:50", "A river has no edge."),
    ),
    "hang": (("waves",), "0:10", [], ("The waves of the second part",)),
    "heading-paren": (
        ("A talk on bees",),
        "1:28 44:10 1:03:20",
        ["Why they dance", "What they hear", "Winter"],
        ("Winter 1:03:20",),
    ),
    "link-text-changed": (("Bread", "Cheese"), "0:20 0:10 1:10 2:10", ["To do", "Milk", "Rennet"], ("Cheese > Milk",)),
    "list-of-links": (("Bread in one hour",), "0:00 4:10 25:02", ["Flour", "Water", "Oven"], ("Oven",)),
    "rtl": (
        ("وصفة الخبز",),
        "1:10",
        [],
        (
            "وصفة الخبز",
            "نخلط المكونات، ثم ننتظر ساعة.",
        ),
    ),
    "stub-files": (("lamps",), "0:18", [], ("A lamp is lit.",)),
    "title-from-file-name": (
        ("Über Käse & Brot – Teil 2 (NDR)",),
        "0:10 1:10",
        ["Milch", "Lab"],
        ("Über Käse & Brot – Teil 2 (NDR)",),
    ),
    "math-cap": (("sets",), "1:10", [], ("∩", "See the shop.")),
    "mathml-invalid": (("paint",), "0:20", [], ("The paint",)),
    "pdf-lost-label": (("guests", "sets"), "1:10 2:10", ["Where they meet"], ("sets > Where they meet",)),
    "untitled-part": (("Boats", "Kites"), "0:18 1:18 0:40", [], ("Iron floats when it is hollow.",)),
}
"""For each case in ../shared the titles of its notes, the times in their text, chapters, and words."""


@needs("cases", "pdftotext")
@pytest.mark.parametrize("case", VAULTS)
def test_small_vaults_of_others_are_as_a_person_wants_them(case: str, tmp_path: Path) -> None:
    titles, times, chapters, says = VAULTS[case]
    report = build(Request((SHARED / "cases" / "vaults" / case,), tmp_path, FORMATS, jobs=1))
    assert [one for one in report.all_diagnostics() if one.severity != "info"] == []
    (book,) = report.books
    assert book.failures == {}
    assert sorted(note.title for note in book.book.summaries()) == sorted(titles)
    (site,) = tmp_path.glob("*.html/")
    pages = [ElementTree.fromstring(markup) for name, markup in site_pages(site).items()]
    shown = [e.text or "" for page in pages for e in page.iter() if (e.get("class") or "").split(" ")[0] == "stamp"]
    assert sorted(shown) == sorted(times.split())
    headings = ["".join(e.itertext()).strip() for page in pages for e in page.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert all(headings.count(title) <= 2 for title in titles)
    assert {page.get("dir") for page in pages} == {"rtl" if case == "rtl" else "ltr"}
    told = cues(tmp_path)
    assert [name for name in chapters if name not in told] == []
    assert "Quotes" not in told
    for place, text in read_books(tmp_path, case).items():
        said = says if place != "PDF" or case != "rtl" else ()  # poppler gives its lines from the left
        assert [one for one in (*said, *times.split()) if one not in text] == [], (place, text)
        assert "Untitled" not in text
