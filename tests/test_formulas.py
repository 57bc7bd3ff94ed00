"""Tests that formulas reach programs that interpret TeX only with commands that are maths, and cost what they are."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from convert.document.nodes import Math, Table
from convert.pipeline.run import build as make
from convert.reader import read_bytes
from convert.render.pandoc import Context, pandoc_document
from convert.render.pandoc_tree import note_body
from convert.render.tex import MARKS, defines_commands, reworded, unknown_commands, with_chemistry
from convert.render.typst_book import template, with_known_names
from convert.render.xhtml.mathml import mathml
from convert.report import Diagnostic
from convert.request import Request
from convert.tools import typst_fonts
from convert.tools.pandoc_run import run_pandoc
from convert.tools.typst_compile import CompilerSettings, compile_typst, refused_pieces
from convert.writers.anki.deck_cards import _math
from convert.writers.base import Artifact, Job
from convert.writers.epub import WRITER as EPUB
from convert.writers.epub import EpubOptions
from convert.writers.html import WRITER as SITE
from convert.writers.html import HtmlOptions
from convert.writers.pdf import WRITER, PdfOptions
from tests.support.epub_validity import complaints
from tests.support.needs import ROOT, SHARED, needs
from tests.support.notes import EPOCH
from tests.support.pdf_notes import book, build, note, para
from tests.support.pdf_reading import one_line

HONEST = (
    r"\frac{a}{b} + \sqrt[3]{x}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    r"\begin{aligned} x &= 1 \\[2pt] y &= \text{if } z \end{aligned}",
    r"\begin{array}{c|cc} 1 & 2 \\ \hline 3 & 4 \end{array}",
    r"\int_0^\infty e^{-x^2}\,dx = \tfrac{\sqrt\pi}{2}",
    r"\left\{ x \in \mathbb{R} \;\middle|\; x \ge 0 \right\}",
    r"\overrightarrow{AB} \implies \hat\beta \approx \bar{x} \pm 1.96\,\sigma",
    r"\operatorname*{arg\,max}_\theta \mathcal{L}(\theta)",
    r"\underbrace{a+b}_{\text{sum}} \hspace{1cm} \lVert v \rVert",
    r"\lim_{n \to \infty} \sum_{k=1}^{n} \binom{n}{k} \%",
    r"\alpha \leq \beta \neq \Gamma \cdots \rightarrow \nabla \times \vec{B}",
    r"\color{red}{x} + \boxed{y} + \cancel{z}",
    r"\ce{H2O}",
)
HOSTILE = (
    r"\input{/etc/passwd}",
    r"\input/etc/passwd",
    r"\include{a}",
    r"\immediate\write18{touch x}",
    r"\openout3=a.txt",
    r"\openin3=/etc/passwd \read3 to\x",
    r"\csname input\endcsname{/etc/passwd}",
    r"\catcode`\@=0 @input{a}",
    r"\directlua{os.execute('x')}",
    r"\verbatiminput{a}",
    r"\lstinputlisting{a}",
    r"\special{ps: a}",
    r"^^5cinput{a}",
    r"x^^^^005cinput{a}",
    r"\def\x{\x\x}\x",
    r"\let\x\input",
    r"\newcommand{\x}{y}\x",
    r"\loop\iftrue\repeat",
    r"\expandafter\x",
    r"\the\inputlineno",
    r"\the\\[1em]ta",
    r"\al\hspace{1em}pha",
    r"\\\input{a}",
    r"\\[1em]\input{a}",
    r"\\[99999cm]",
    r"\hspace{99999cm}",
    r"\kern99999pt",
    r"\rule{9cm}{9cm}",
    r"\begin{verbatim}",
    r"\begin{filecontents}{a}",
    r"\begin {verbatim}",
    r"\end{document}",
    r"\begin{array}{*{999999999}{c}} a \end{array}",
    r"\begin{array}{>{\input{a}}c} a \end{array}",
    r"\begin{array*}{c}",
    r"\includegraphics{/etc/passwd}",
    r"\usepackage{a}",
    r"\href{javascript:x()}{y}",
    r"\style{background:url(//a)}{y}",
    r"\class{a}{y}",
    r"\cssId{a}{y}",
    r"\require{html}",
    r"\unicode{x41}",
    r"\char92 input",
    r"\uppercase{a}",
    r"\XeTeXpicfile a.png",
    r"\) \input{a} \(",
    r"\text{\input{a}}",
    r"\inputé",
    "\\\ninput{a}\\",
    "x\\",
    "a % b",
    "a # b",
    "a $ b",
)


def tree(tex: str, display: bool, typst: bool = False) -> tuple[list[dict[str, Any]], Context]:
    context = Context(typst=typst)
    return note_body((para(Math(tex, display)),), context), context


@pytest.mark.parametrize("display", [True, False])
@pytest.mark.parametrize("tex", HONEST)
def test_formulas_stay_formulas(tex: str, display: bool) -> None:
    assert list(unknown_commands(tex)) == []
    found, context = tree(tex, display)
    assert '"t": "Math"' in json.dumps(found)
    assert not context.refused
    assert not _math(Math(tex, display)).startswith("<code")


@pytest.mark.parametrize("tex", HOSTILE)
def test_an_engine_gets_programs_as_code(tex: str) -> None:
    found, context = tree(tex, True)
    assert '"t": "Math"' not in json.dumps(found)
    assert '"t": "Code"' in json.dumps(found)
    assert len(context.refused) == 1
    typst = json.dumps(tree(tex, True, typst=True)[0])
    assert ('"t": "Math"' in typst) != defines_commands(tex), "Typst gets no TeX, but pandoc obeys definitions"


@pytest.mark.parametrize("tex", [tex for tex in HOSTILE if "\\" in tex or "^^" in tex])
def test_mathjax_gets_commands_that_are_no_maths_as_code(tex: str) -> None:
    assert _math(Math(tex, False)).startswith("<code") == ("\\" in tex), tex


def test_the_note_is_named() -> None:
    found: list[Diagnostic] = []
    one = note("one", para(Math(r"\input{a} \def\x{y}"), " and ", Math("x^2"), Math(r"\special{b}", True)))
    job = Job(book(one), PdfOptions(pdf_engine="xelatex"), EPOCH, warn=found.append)
    WRITER.part(one, job)
    assert [each.code for each in found] == ["formula-plain"]
    assert [str(each) for each in found] == [
        "films/one.md: formula-plain a formula is shown as code to xelatex, for this is not known to be maths: "
        "\\input, \\special"
    ]


@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_a_formula_that_defines_commands_costs_nothing(levels: int) -> None:
    """Each level repeats its parameter a hundred times."""
    names = "abcd"[:levels]
    inner = ""
    tex = ""
    for name in names:
        body = "#1" * 100
        tex += rf"\newcommand{{\{name}}}[1]{{{inner and chr(92) + inner}{{{body}}}}}"
        inner = name
    assert '"t": "Math"' not in json.dumps(tree(tex + rf"\{inner}{{x}}", False, typst=True)[0])
    began = time.process_time()
    assert mathml(Math(tex + rf"\{inner}{{x}}", False)).startswith("<code")
    for define in (r"\def\a{x}\a", r"\gdef\a{x}", r"\renewcommand\a{x}", r"\newenvironment{a}{b}{c}"):
        assert mathml(Math(define, False)).startswith("<code")
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "piece", ["\\", "\\a", "\\\\ ", "\\\\[", "\\hspace", "\\begin{", "\\begin{array}{", "^^", " ", "{", "\\kern 1"]
)
def test_commands_are_found_in_linear_time(piece: str) -> None:
    began = time.process_time()
    list(unknown_commands(piece * 100_000))
    assert time.process_time() - began < 2


# Every command of KaTeX


KATEX = (ROOT / "tests" / "support" / "katex_formulas.txt").read_text("utf-8").splitlines()
"""A formula for each command and environment that KaTeX 0.19 knows, which KaTeX takes."""
BOTH_AS_TEXT = {
    r"\let x", r"\futurelet x", r"\renewcommand{x}{y}", r"\providecommand{x}{y}", r"\expandafter x", r"\message x",
    r"\errmessage x", r"\show x", r"\TextOrMath{x}{y}", r'\char"263a', r"\reflectbox{x}", r"\sixptsize x",
}  # fmt: skip
PDF_AS_TEXT = {r"\rule{1em}{2em}", r"\verb|x|", r"\mathreflectbox{x}"}
EPUB_AS_TEXT = {r"\text{\textbackslash x}"}


@cache
def typst_of(formulas: tuple[str, ...]) -> tuple[str, dict[str, str], list[str]]:
    """Return the Typst source of formulas, its formulas, and those that stand as code."""
    context = Context()
    blocks = note_body(tuple(para(Math(tex, True)) for tex in formulas), context)
    made = run_pandoc(pandoc_document(json.dumps(blocks)[1:-1].encode()), "typst")
    source, found, plain = with_known_names(made.decode())
    return source, found, [*context.plain, *plain]


def test_paper_takes_every_command_or_shows_it_as_text() -> None:
    source, found, plain = typst_of(tuple(KATEX))
    assert {tex for tex in plain if "{CD}" not in tex} == BOTH_AS_TEXT | PDF_AS_TEXT
    assert len(found) > 1000
    assert compile_typst(f"{template()}\n{source}", CompilerSettings({"title": "x"}, EPOCH)).pdf


def test_e_books_take_every_command_or_show_it_as_text() -> None:
    plain = {tex for tex in KATEX if mathml(Math(tex, True)).startswith("<code")}
    assert {tex for tex in plain if "{CD}" not in tex} == BOTH_AS_TEXT | EPUB_AS_TEXT
    assert not [tex for tex in KATEX if "\\" in mathml(Math(tex, True)).partition(">")[2] and tex not in plain]


@needs("epubcheck", "jpype")
def test_epubcheck_takes_every_command(tmp_path: Path) -> None:
    more = (r"\textcolor{orange}{x}", r"\textcolor{RoyalBlue}{x}", r"\colorbox{tan}{x}", r"\textcolor{no such}{x}")
    one = note("one", *[para(Math(tex, False)) for tex in (*KATEX, *more)])
    job = Job(book(one), EpubOptions(), EPOCH)
    (made,) = [found for found in EPUB.assemble([EPUB.part(one, job)], job) if isinstance(found, Artifact)]
    (tmp_path / "book.epub").write_bytes(made.data)
    assert complaints(tmp_path / "book.epub") == []


@pytest.mark.parametrize(
    ("tex", "pandoc"),
    [
        (r"x \in \R^n", r"x \in \mathbb{R}^n"),
        (r"x^\R", r"x^{\mathbb{R}}"),
        (r"\darr x", r"\downarrow x"),
        (r"{a \over b} + {\rm d}x", r"{\frac{a }{b}} + {\mathrm{d}}x"),
        (r"\left( a + b \over {c \over d} \right)", r"\left(\frac{ a + b }{{\frac{c }{d}} }\right)"),
        (r"\xRightarrow[a]{b \R}", r"\overset{b \mathbb{R}}{\underset{a}{\Longrightarrow}}"),
        (r"a \\ b", r"\begin{gathered}a \\ b\end{gathered}"),
        (r"a &= b \\ c &= d", r"\begin{aligned}a &= b \\ c &= d\end{aligned}"),
        (r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", r"\left|\begin{matrix}a & b \\ c & d \end{matrix}\right|"),
        (r"a \kern 18mu b \mkern-3muc", r"a \hspace{1em}b \hspace{-0.1667em}c"),
        (r"\text{\'e} \text{\ss}", r"\text{é} \text{ß}"),
        (r"\textcolor{red}{x} \color{blue} y", r"{x}  y"),
        (r"\alpha + \frac{a}{b}", r"\alpha + \frac{a}{b}"),
        (r"\relax", "{}"),
        (r"\R" * 3, r"\mathbb{R}\mathbb{R}\mathbb{R}"),
        (r"\over", r"\frac{}{}"),
        (r"\textcolor", ""),
        (r"\xRightarrow[", r"\overset{[}{\underset{}{\Longrightarrow}}"),
    ],
)
def test_what_pandoc_does_not_know_is_said_otherwise(tex: str, pandoc: str) -> None:
    assert reworded(tex, "p") == (pandoc or "{}")


@pytest.mark.parametrize(
    ("tex", "typst"),
    [
        (r"\begin{array}{c|c} a & f(b,c) \\ \hline d & e \end{array}", "mat(delim: #none, a, f \\( b \\, c \\); d, e)"),
        (r"\begin{smallmatrix} a & b \end{smallmatrix}", "mat(delim: #none, a, b)"),
        (r"\begin{array}{l} a \\ b \end{array}", "vec(delim: #none,a, b)"),
        (r"\left(\begin{array}{cc} a & b \end{array}\right)", 'mat(delim: "(", a, b)'),
        (r"\begin{bmatrix*}[r] a & b \end{bmatrix*}", 'mat(delim: "[", a, b)'),
        (r"\begin{Vmatrix} a & b \end{Vmatrix}", 'mat(delim: "‖", a, b)'),
        (r"\begin{rcases} a & b \\ c & d \end{rcases}", 'mat(delim: #(none, "}"), a, b; c, d)'),
        (r"\pmatrix{a & b \cr c & d}", 'mat(delim: "(", a, b; c, d)'),
        (r"\overset{a}{xy, z}", "setabove(x y \\, z, a)"),
        (r"\underset{n}{\operatorname{argmin}}", 'setbelow("argmin", n)'),
        (r"\overset{!}{=}", "=^(!)"),
        (r"\overgroup{AB}", "overparen(A B)"),
    ],
)
def test_paper_shows_what_no_tex_makes_pandoc_write(tex: str, typst: str) -> None:
    source, _, plain = typst_of((tex,))
    assert plain == []
    assert typst in source


def test_no_name_of_the_template_hides_one_that_formulas_call() -> None:
    """`accent(a b, ⃗)` with a colour of that name is printed as the code of the colour."""
    source, _, _ = typst_of((r"\vec{ab} \overrightarrow{AB} \widehat{xyz} \dddot{a}",))
    called = set(re.findall(r"([a-z][a-z.]*)\(", source.partition("[")[2]))
    assert "accent" in called
    assert called.isdisjoint(re.findall(r"^#let ([a-z-]+)", template(), re.MULTILINE))


@pytest.mark.parametrize(
    "tex", [r"x \label{n0}", r"\begin{align} a &= b \label{n0} \end{align}", r"\label n0", r"{x \label{n0}}"]
)
def test_no_label_of_a_formula_is_one_of_the_book(tex: str) -> None:
    """A second `<n0>` would have links to the first note refused."""
    source, _, plain = typst_of((tex,))
    assert plain == []
    assert "<n" not in source


@needs("pdftotext")
def test_no_formula_is_printed_as_code_or_asks_for_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_fonts, "found_fonts", lambda folder="": pytest.fail("the fonts of the machine were read"))
    (made,) = build([note("one", *[para(Math(tex, True)) for tex in KATEX])])
    assert "rgb(" not in one_line(made.data)


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\text{50\% of R\&D, a<b, \{x\}}", "50% of R&D, a<b, {x}"),
        (r"\big\lvert x \big\rvert", "|x|"),
        (r"a &= b \\ &= c", "a=b=c"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a=b=c"),
        (r"\begin{bmatrix*}[r] a & b \end{bmatrix*}", "[ab]"),
        (r"\begin{dcases} a & b \end{dcases}", "{ab"),
        (r"\mathchoice{a}{b}{c}{d}", "b"),
        (r"\R \to \textcolor{orange}{x}", "ℝ→x"),
        (r"x^2 \label{eq:square}", "x2"),
    ],
)
def test_e_books_show_what_the_converter_does_not_know(tex: str, words: str) -> None:
    markup = mathml(Math(tex, False))
    assert markup.startswith("<math")
    assert "".join(ElementTree.fromstring(markup).itertext()).replace("\xa0", " ") == words


CHEMISTRY = (
    (r"\ce{SO4^2- + 2H2O}", r"{\mathrm{SO}_{4}^{2-}+ 2\,\mathrm{H}_{2}\mathrm{O}}", "SO42−+2H2O"),
    (
        r"\ce{N2 + 3H2 <=> 2NH3}",
        r"{\mathrm{N}_{2}+ 3\,\mathrm{H}_{2}\rightleftharpoons 2\,\mathrm{NH}_{3}}",
        "N2+3H2⇌2NH3",
    ),
    (
        r"\ce{Na+ + Cl- -> NaCl v}",
        r"{\mathrm{Na}^{+}+ \mathrm{Cl}^{-}\longrightarrow \mathrm{NaCl}\downarrow }",
        "Na++Cl−⟶NaCl↓",
    ),
    (
        r"\ce{A ->[\Delta][Pt] B(g)}",
        r"{\mathrm{A}\xrightarrow[\mathrm{Pt}]{\Delta }\,\mathrm{B}(\mathrm{g})}",
        "A→PtΔB(g)",
    ),
    (r"\ce{A <=>[+ H2O] B}", r"{\mathrm{A}\xrightleftharpoons{+ \mathrm{H}_{2}\mathrm{O}}\,\mathrm{B}}", "A⇌+H2OB"),
    (r"\ce{^{227}_{90}Th+}", r"{{}^{227}_{90}\mathrm{Th}^{+}}", "90227Th+"),
    (r"\ce{CuSO4.5H2O}", r"{\mathrm{CuSO}_{4}\cdot 5\,\mathrm{H}_{2}\mathrm{O}}", "CuSO4·5H2O"),
    (r"\ce{Fe^{III}2(SO4)3}", r"{\mathrm{Fe}^{\mathrm{III}}_{2}(\mathrm{SO}_{4})_{3}}", "Fe2III(SO4)3"),
    (r"\ce{HC#C-CH=O}", r"{\mathrm{HC}{\equiv}\mathrm{C}{-}\mathrm{CH}{=}\mathrm{O}}", "HC≡C−CH=O"),
    (r"\ce{1/2O2 + n e-}", r"{\frac{1}{2}\,\mathrm{O}_{2}+ n\,\mathrm{e}^{-}}", "12O2+ne−"),
    (r"K = [\ce{H+}] / x", r"K = [{\mathrm{H}^{+}}] / x", "K=[H+]/x"),
    (r"\pu{1.2e-3 kJ mol-1}", r"{1.2\cdot 10^{-3}\,\mathrm{kJ}\,\mathrm{mol}^{-1}}", "1.2·10−3kJmol−1"),
    (r"\pu{9.81 m/s^2}", r"{9.81\,\mathrm{m}/\mathrm{s}^{2}}", "9.81m/s2"),
)


@pytest.mark.parametrize(("tex", "plain", "words"), CHEMISTRY)
def test_chemistry_is_set_by_all_outputs(tex: str, plain: str, words: str) -> None:
    assert with_chemistry(tex) == plain
    assert "".join(ElementTree.fromstring(mathml(Math(tex, False))).itertext()) == words
    if "rightleft" not in plain:
        assert json.dumps(plain)[1:-1] in json.dumps(tree(tex, False)[0]), "LaTeX has no such command"
    assert not _math(Math(tex, False)).startswith("<code"), "MathJax reads it"


def test_paper_sets_chemistry() -> None:
    source, found, plain = typst_of(tuple(tex for tex, _, _ in CHEMISTRY))
    assert (len(found), plain) == (len(CHEMISTRY), [])
    assert not [sign for sign in MARKS if sign in source]
    assert compile_typst(f"{template()}\n{source}", CompilerSettings({"title": "x"}, EPOCH)).pdf


@pytest.mark.parametrize("tex", [r"\ce{H2O", r"\ce{}", r"\ce{A$x$B}", r"\ce{A{\bond{-}}B}", r"\pu{@}", r"\ce{a\ce{b}}"])
def test_chemistry_that_is_not_understood_is_code(tex: str) -> None:
    assert with_chemistry(tex) == tex
    assert mathml(Math(tex, False)).startswith("<code")
    assert tree(tex, False)[1].refused, "no engine knows the command"


@pytest.mark.parametrize(
    "piece", [r"\ce{", r"\ce{}", r"\ce{->[a", r"\pu{1", r"\ce{\ce{a}}", r"\ce{2/3^2+_4}", r"\ce {a}"]
)
def test_chemistry_is_read_in_linear_time(piece: str) -> None:
    began = time.process_time()
    with_chemistry(piece * (200_000 // len(piece)))
    with_chemistry(r"\ce{" + piece[4:] * 100_000 + "}")
    assert time.process_time() - began < 3


def test_what_is_too_deep_is_not_said_otherwise() -> None:
    deep = r"\textcolor{red}{" * 500 + "x" + "}" * 500
    assert reworded(deep, "p") == deep
    assert mathml(Math(deep, False)).startswith("<")


@pytest.mark.parametrize(
    "piece", [r"\R", r"\rm x", r"\over ", r"\rm{", "{\\over}", r"\xRightarrow[", r"\kern1", r"\left", "}", r"\\"]
)
def test_formulas_are_reworded_in_linear_time(piece: str) -> None:
    began = time.process_time()
    reworded(piece * (20_000 // len(piece)) + r"\R", "p")
    assert time.process_time() - began < 2


def test_names_that_pandoc_and_typst_do_not_share_are_characters() -> None:
    signs = "cap bigcap sqcap otimes odot ominus bigotimes bigodot llbracket"
    source, _, plain = typst_of((*[rf"a \{sign} b" for sign in signs.split()], r'\text{in sect "sect}'))
    assert plain == []
    assert source.count("sect") == 4, "the words of the text, in the formula and in its description"
    assert not any(name in source for name in ("circle", "double"))
    for sign in "∩⋂⊓⊗⊙⊖⨂⨀⟦":
        assert sign in source


def test_a_formula_that_no_output_takes_is_text_there_and_named_with_its_line() -> None:
    source = (
        "---\ntitle: a\nvideoId: YE7VzlLtp-4\n---\n\nA word [00:00:01]\nand $\\unheard{x}$ here.\n\nThen $x^2$ too.\n"
    )
    one = read_bytes(source.encode(), "films/a.md", "films", "a").note
    found: list[Diagnostic] = []
    (made,) = build([one], warn=found.append)
    for writer, options in ((EPUB, EpubOptions()), (SITE, HtmlOptions())):
        writer.part(one, Job(book(one), options, EPOCH, warn=found.append))  # type: ignore[arg-type]
    assert [str(each) for each in found] == [
        f"films/a.md:7: formula-plain a formula stands in {place} as its source, "
        r"for it cannot be set there: \unheard{x}"
        for place in ("the PDF", "the e-book", "the site")
    ]
    assert "unheard{x}" in one_line(made.data)


@needs("cases", "pdftotext", "epubcheck", "jpype")
@pytest.mark.parametrize(
    ("case", "formula", "around"),
    [
        ("math-cap", "𝐴 ∩ 𝐵", "• See the shop."),
        ("mathml-invalid", "𝑥 + 1", "The paint"),
        ("pdf-lost-label", "𝐴 ∩ 𝐵", "sets > Where they meet (p. 3)"),
    ],
)
def test_cases_of_vaults(case: str, formula: str, around: str, tmp_path: Path) -> None:
    report = make(Request((SHARED / "cases" / "vaults" / case,), tmp_path, ("epub", "pdf", "html"), jobs=1))
    assert [one for one in report.diagnostics if one.severity != "info"] == []
    read = one_line((tmp_path / f"{case}.pdf").read_bytes())
    assert formula in read
    assert around in read
    assert "<math" in "".join(path.read_text("utf-8") for path in tmp_path.glob("*.html/*.html"))
    assert complaints(tmp_path / f"{case}.epub") == []


def test_formulas_that_stand_as_text_are_named_but_not_without_end() -> None:
    one = note("one", *[para(Math(rf"\unheard{{{at}}}")) for at in range(40)])
    found: list[Diagnostic] = []
    build([one], warn=found.append)
    assert len(found) == 13
    assert found[-1].message == "28 more formulas stand in the PDF as their source"


def test_typst_names_what_it_refuses_of_many() -> None:
    pairs = [(f"word {at}" if at % 7 else "#panic(1)", f"plain {at}") for at in range(30)]
    settings = CompilerSettings({"title": "x"}, EPOCH)
    assert [*refused_pieces(pairs, settings, template())] == [0, 7, 14, 21, 28]
    assert refused_pieces(pairs[1:7], settings, template()) == {}


def test_a_norm_in_a_table_is_a_formula() -> None:
    source = "[00:00:01]\n\n| a | b |\n|---|---|\n| $\\|x\\|$ | $a \\| b$ |\n\n$|x - y|$, but $5 a|b and $6.\n"
    one = read_bytes(f"---\ntitle: a\nvideoId: YE7VzlLtp-4\n---\n\n{source}".encode(), "films/a.md", "films", "a").note
    table = next(block for block in one.blocks if isinstance(block, Table))
    assert [row.cells for row in table.rows] == [((Math("|x|"),), (Math("a | b"),))]
    last = one.blocks[-1]
    assert [node for node in last.children if isinstance(node, Math)] == [Math("|x - y|")]  # type: ignore[union-attr]
