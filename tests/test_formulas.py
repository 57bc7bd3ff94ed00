"""Tests that formulas reach programs that interpret TeX only with commands that are maths, and cost what they are."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from convert.document.nodes import Math
from convert.render.pandoc import Context
from convert.render.pandoc_tree import note_body
from convert.render.tex import defines_commands, unknown_commands
from convert.render.xhtml.mathml import mathml
from convert.report import Diagnostic
from convert.writers.anki.deck_cards import _math
from convert.writers.base import Job
from convert.writers.pdf import WRITER, PdfOptions
from tests.support.notes import EPOCH
from tests.support.pdf_notes import book, note, para

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
