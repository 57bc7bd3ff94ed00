"""Tells formulas from programs: TeX can read files, run commands and define itself anew, and formulas are foreign.

What interprets TeX gets only commands that are known to be maths. The symbols are those of latex2mathml, which makes
the formulas of e-books and sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_LENGTH = r"\s*+\{?\s*+-?[0-9]{0,2}(?:\.[0-9]{0,4})?\s*+(?:em|ex|mu|pt|cm|mm|in)\s*+\}?"
_TOKEN = re.compile(
    # Spaces of a sound length: a longer one ends TeX, and with it the book.
    rf"(?P<sound>\\(?:[hm]space\*?|[hm]skip|m?kern){_LENGTH}|\\\\\*?\s*+\[{_LENGTH}\s*+\]"
    # An array with its columns, which may otherwise be billions (`*{999}{c}`).
    r"|\\begin\{(?:array|subarray)\}(?:\[[tbc]\])?\{[lcr|:. ]{1,64}\})"
    r"|(?P<is_end>\\end)\{(?:array|subarray)\}|\\(?:begin|end)\{(?P<environment>[A-Za-z]{1,20}\*?)\}"
    r"|\\\\\*?\[|\\(?:[A-Za-z]++|.|$)|\^\^|[%#$]",
    re.DOTALL,
)
"""What is more than a character: environments, commands, characters by number, signs that mean something to TeX."""
_DEFINES = re.compile(r"\\(?:(?:re)?new|provide)(?:command|environment)|\\DeclareMathOperator|\\[gex]?def(?![A-Za-z])")
_ENVIRONMENTS = """
aligned align align* cases dcases rcases equation equation* gather gather* gathered multline multline* split matrix
pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix matrix* pmatrix* bmatrix* Bmatrix* vmatrix* Vmatrix*
"""
_SIGNS = r"\\ \, \; \: \! \> \{ \} \| \# \$ \% \& \_"
_COMMANDS = """
left middle right big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm
frac dfrac tfrac cfrac binom dbinom tbinom over atop choose brace brack sqrt root of overset underset stackrel substack
acute bar breve check dot ddot dddot ddddot grave hat mathring tilde vec widecheck widehat widetilde not
overbrace overbracket overleftarrow overleftrightarrow overline overparen overrightarrow underbar underbrace
underbracket underleftarrow underline underparen underrightarrow underleftrightarrow xleftarrow xleftharpoondown
xleftharpoonup xleftrightarrow xleftrightharpoons xlongequal xmapsto xrightarrow xrightharpoondown xrightharpoonup
xrightleftharpoons xtofrom xtwoheadleftarrow xtwoheadrightarrow xhookleftarrow xhookrightarrow xLeftarrow xRightarrow
xLeftrightarrow text textbf textit textmd textnormal textrm textsf texttt textup emph mbox hbox fbox boxed
limits nolimits sum prod int intop idotsint lim sup inf max min argmax argmin det gcd injlim liminf limsup plim Pr
projlim varinjlim varliminf varlimsup varprojlim arccos arcctg arcsin arctan arctg ch cos cosh cosec cot cotg coth csc
ctg cth deg dim exp hom ker ln lg log sec sh sin sinh tan tanh tg th arg operatorname operatornamewithlimits mod pmod
pod bmod hline hdashline hfil nonumber notag tag cr matrix pmatrix cases enspace negthinspace negmedspace negthickspace
nobreakspace space thickspace medspace thinspace qquad quad bm Bbb bold boldsymbol mit oldstyle pmb scr tt rm bf it sf
cal mathbb mathbf mathcal mathfrak mathit mathrm mathbin mathclose mathinner mathnormal mathop mathopen mathord
mathpunct mathrel mathscr mathsf mathsfit mathtt bra braket ket cancel bcancel xcancel sout clap llap rlap mathclap
mathllap mathrlap color textcolor colorbox footnotesize displaystyle textstyle scriptstyle scriptscriptstyle phantom
hphantom vphantom mathstrut strut smash vcenter sideset TeX LaTeX ce pu dots dotsb dotsc dotsi dotsm dotso ldots cdots
vdots ddots iff implies impliedby to gets ne le ge land lor lnot colon
"""
_FREQUENT_SYMBOLS = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau upsilon
phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega leq geq neq ll gg approx equiv sim
simeq cong propto times div cdot pm mp ast star circ bullet oplus otimes infty partial nabla forall exists in notin
subset subseteq supset supseteq cup cap emptyset setminus wedge vee neg rightarrow leftarrow leftrightarrow Rightarrow
Leftarrow Leftrightarrow longrightarrow mapsto uparrow downarrow langle rangle lfloor rfloor lceil rceil lvert rvert
lVert rVert vert mid parallel perp angle prime ell hbar Re Im oint iint iiint therefore because
"""
"""Symbols that latex2mathml knows too, repeated here because most formulas need no others: loading it takes 0.14 s."""


def defines_commands(tex: str) -> bool:
    """Return whether a formula defines commands: a few of them can make gigabytes of a line."""
    return _DEFINES.search(tex) is not None


def unknown_commands(tex: str) -> Iterator[str]:
    """Yield the commands of a formula that are not known to be maths.

    Signs with a meaning of their own (`%`, `#`, `$`, characters by number such as `^^5c`) are taken for commands.
    """
    for token in _TOKEN.finditer(tex):
        is_sound = token["sound"] or token["is_end"] or token["environment"] in _environments()
        if not is_sound and token[0] not in _commands() and token[0] not in _symbols():
            yield token[0]


@cache
def _environments() -> frozenset[str]:
    return frozenset(_ENVIRONMENTS.split())


@cache
def _commands() -> frozenset[str]:
    names = (*_COMMANDS.split(), *_FREQUENT_SYMBOLS.split())
    return frozenset(("\\ ", "\\\n", *_SIGNS.split(), *("\\" + name for name in names)))


@cache
def _symbols() -> frozenset[str]:
    """Return the commands that stand for one character; reading all of them takes longer than a card does."""
    from latex2mathml.symbols_parser import SYMBOLS

    return frozenset(name for name in SYMBOLS if name.startswith("\\") and name[1:].isalpha())
