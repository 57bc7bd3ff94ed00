"""Tells formulas from programs, and rewrites them: TeX can read files, run commands and define itself anew.

What interprets TeX gets only commands that are known to be maths. The symbols are those of latex2mathml, which makes
the formulas of e-books and sites. What the converters do not know is said in words that they know (`tex_words.txt`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Literal
from unicodedata import normalize

from convert.tools import package_data

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
_DEFINES = re.compile(
    r"\\(?:(?:re)?new|provide)(?:command|environment)|\\DeclareMathOperator|\\(?:[gex]?def|let|futurelet)(?![A-Za-z])"
)
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


Converter = Literal["p", "m", "t"]
"""What reads a word: pandoc, latex2mathml or, behind pandoc, Typst."""

MARKS = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5\ufdd6"
"""Characters that no note has, for what `typst_book` writes in place of what pandoc makes of it."""
_MARK = re.compile("@([1-6])")
_DELIMITED = re.compile(r"\\left\s*+(?:\\[A-Za-z]++|\\?.)\s*+\\begin\{(?:array|(?:small)?matrix)\}")
"""A matrix within delimiters, which pandoc knows as one thing."""

_PIECE = re.compile(r"\\(?:begin|end)\{[A-Za-z]{1,20}\*?\}|\\tag\*|\\[A-Za-z]++|\\.|.", re.DOTALL)
_A_LENGTH = re.compile(r"\s*+\{?\s*+(-?[0-9]{0,4}(?:\.[0-9]{0,4})?)\s*+(em|ex|mu|pt|cm|mm|in)\s*+\}?")
_PARAMETER = re.compile("#([0-9])")
_ROW_ENDS = frozenset((r"\\", r"\newline"))
_GROUP_ENDS = frozenset(("}", "&", r"\right", r"\cr", *_ROW_ENDS))
_DEEPEST = 50
"""Nesting beyond which formulas are not rewritten: what is within is read once for each level."""
_LONGEST_OPTION = 200
"""Pieces in brackets: those that are not closed are no option of a command."""


def reworded(tex: str, reader: Converter) -> str:
    """Return a formula in words that its reader knows: itself if it has no other ones."""
    tex = with_chemistry(tex)
    pieces = _PIECE.findall(tex) if "\\" in tex else []
    words = converter_words(reader)
    if reader == "p" and _DELIMITED.search(tex):
        words = {name: word for name, word in words.items() if not name.endswith(("{array}", "matrix}"))}
    if not words.keys().isdisjoint(pieces) and _deepest(pieces, words) <= _DEEPEST:
        pieces = _reworded(pieces, words) or ["{}"]
    if not _ROW_ENDS.isdisjoint(pieces) and (reader == "p" or "&" in pieces):
        return _in_rows(pieces, "aligned" if reader == "p" else "align*")
    return "".join(pieces) if pieces else tex


@cache
def converter_words(reader: Converter) -> dict[str, tuple[str, str]]:
    """Return by command what follows it, and what stands for it: `tex_words.txt` says how both are written."""
    result: dict[str, tuple[str, str]] = {}
    for line in package_data("convert.render", "tex_words.txt").decode().splitlines():
        if line[0] in (reader, "b" if reader != "t" else "t"):
            _, names, kinds, body = _MARK.sub(lambda mark: rf"\text{{{MARKS[int(mark[1])]}}}", f"{line} ").split(" ", 3)
            result.update((name, (kinds.strip("-"), body[:-1])) for name in names.split(","))
    return result


def _deepest(pieces: list[str], words: dict[str, tuple[str, str]]) -> int:
    """Return the depth of the braces, and of the commands that take the rest of a group."""
    depth = deepest = 0
    outer: list[int] = []
    for piece in pieces:
        if piece == "}" and outer:
            depth = outer.pop()
        elif piece == "{" or words.get(piece, ("", ""))[0].startswith(("r", "i")):
            outer += [depth] if piece == "{" else []
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _reworded(pieces: list[str], words: dict[str, tuple[str, str]]) -> list[str]:
    """Return the pieces with others for the words, read from the end: what follows a command is done before it."""
    done: list[str] = []  # in reverse order
    at = len(pieces)
    while at:
        at -= 1
        if pieces[at] not in words:
            done.append(pieces[at])
            continue
        kinds, body = words[pieces[at]]
        if pieces[at][-1].isalpha():
            _skip_blanks(done)
        arguments = [pieces[at][1:]]
        if kinds.startswith("i"):
            start = _group_start(pieces, at)
            arguments.append("".join(_reworded(pieces[start:at], words)))
            kinds, at = kinds[1:] + "r", start
        arguments += [_ARGUMENTS[kind](done) for kind in kinds]
        if kinds.endswith("s") and len(_PIECE.findall(arguments[-1].strip())) < 2 and not arguments[-1].isalnum():
            body = rf"{pieces[at]}{{#1}}{{#2}}"
        _add(_filled(body, arguments), done, raised=at > 0 and pieces[at - 1] in ("^", "_"))
    return done[::-1]


def _filled(body: str, arguments: list[str]) -> list[str]:
    """Return the pieces of a body with its arguments."""
    text = _PARAMETER.sub(lambda found: arguments[int(found[1])], body)
    return _PIECE.findall(text if text.isascii() else normalize("NFC", text))


def _add(pieces: list[str], done: list[str], raised: bool) -> None:
    """Add pieces in reverse order, as one argument if they are raised, apart from a letter behind a command."""
    if raised and len(pieces) != 1:
        pieces = ["{", *pieces, "}"]
    apart = pieces and done and pieces[-1][-1].isalpha() and pieces[-1][0] == "\\" and done[-1][0].isalpha()
    done += [*([" "] if apart else []), *reversed(pieces)]


def _skip_blanks(done: list[str]) -> None:
    while done and done[-1].isspace():
        done.pop()


def _argument(done: list[str]) -> str:
    """Take the next group without its braces, or the next piece."""
    _skip_blanks(done)
    if not done or done[-1] in _GROUP_ENDS:
        return ""
    piece = done.pop()
    return _until("}", done) if piece == "{" else piece


def _in_brackets(done: list[str]) -> str:
    """Take what is in brackets, if something is."""
    _skip_blanks(done)
    if not done or done[-1] != "[" or "]" not in done[-_LONGEST_OPTION:]:
        return ""
    done.pop()
    return _until("]", done)


def _until(end: str, done: list[str]) -> str:
    """Take the pieces up to one outside of braces, and that one."""
    taken: list[str] = []
    depth = 0
    while done:
        piece = done.pop()
        if piece == end and depth == 0:
            break
        depth += {"{": 1, "}": -1}.get(piece, 0)
        taken.append(piece)
    return "".join(taken)


def _rest_of_group(done: list[str]) -> str:
    """Take the pieces up to the end of the group, the cell or the row."""
    taken: list[str] = []
    depth = 0
    while done:
        piece = done[-1]
        if depth == 0 and (piece in _GROUP_ENDS or piece.startswith(r"\end{")):
            break
        depth += (piece in ("{", r"\left") or piece.startswith(r"\begin{")) - (
            piece in ("}", r"\right") or piece.startswith(r"\end{")
        )
        taken.append(done.pop())
    return "".join(taken)


def _group_start(pieces: list[str], at: int) -> int:
    """Return where the group, the cell or the row begins that a piece is in."""
    depth = 0
    while at:
        piece = pieces[at - 1]
        opens = piece in ("{", r"\left") or piece.startswith(r"\begin{")
        if depth == 0 and (opens or piece == "&" or piece in _ROW_ENDS):
            return at + (piece == r"\left")
        depth += (piece in ("}", r"\right") or piece.startswith(r"\end{")) - opens
        at -= 1
    return 0


def _length(done: list[str]) -> str:
    """Take a length; `mu`, which neither converter takes everywhere, is in `em`."""
    text = "".join(reversed(done[-16:]))
    found = _A_LENGTH.match(text)
    if not found or not found[1].strip("-."):
        return "0em"
    del done[len(done) - len(_PIECE.findall(found[0])) :]
    return f"{float(found[1]) / 18:.4g}em" if found[2] == "mu" else found[1] + found[2]


_ARGUMENTS = {"x": _argument, "s": _argument, "o": _in_brackets, "r": _rest_of_group, "l": _length}


def _in_rows(pieces: list[str], aligned: str) -> str:
    """Return the formula in an environment if it has several rows outside of all."""
    depth, found = 0, set[str]()
    for piece in pieces:
        if piece in ("{", r"\left") or piece.startswith(r"\begin{"):
            depth += 1
        elif piece in ("}", r"\right") or piece.startswith(r"\end{"):
            depth -= 1
        elif depth == 0:
            found.add(piece)
    text = "".join(pieces)
    if _ROW_ENDS.isdisjoint(found):
        return text
    name = aligned if "&" in found else "gathered"
    return rf"\begin{{{name}}}{text}\end{{{name}}}"


# Chemistry: what of mhchem is in most `\ce{}` and `\pu{}`

_CHEMICAL = re.compile(r"\\(ce|pu)\s*+\{")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_IN_CE = re.compile(
    r"(?P<blank>\s++)|(?<!\S)(?P<gas>\^|\(\^\))(?!\S)|(?<!\S)(?P<falls>v|\(v\))(?!\S)"
    r"|(?P<arrow><=>>|<<=>|<=>|<-->|<->|->|<-)(?:\[(?P<over>[^\[\]]{0,200})\](?:\[(?P<under>[^\[\]]{0,200})\])?)?"
    r"|(?P<script>[_^])(?:\{(?P<braced>[^{}]{1,80})\}|(?P<bare>(?<=\^)[0-9]*+[+-]|[0-9]++|[A-Za-z.*]|\\[A-Za-z]++))"
    r"|(?P<letters>[A-Za-z]++)|(?<=[A-Za-z)\]}])(?P<count>[0-9]++)"
    r"|(?P<number>[0-9]++(?:[.,][0-9]++)?)(?:/(?P<of>[0-9]++))?|(?<=[\w)\]}])(?P<charge>[+-])(?![\w(\[{\\])"
    r"|(?P<sign>[-+=#*.•·()\[\],;:/|'])|(?P<command>\\(?:[A-Za-z]++(?!\{)|[,;{}]))|(?:\\text)?\{(?P<words>[^{}$\\]{0,80})\}"
)
_ARROWS = {"->": "rightarrow", "<-": "leftarrow", "<->": "leftrightarrow", "<-->": "rightleftarrows"}
_SIGN_OF = {"-": "{-}", "=": "{=}", "#": r"{\equiv}", **dict.fromkeys("*.•·", r"\cdot ")}
_IN_PU = re.compile(
    r"(?P<blank>\s++)|(?<![A-Za-zµμΩ°%])(?P<number>[+-]?[0-9]++(?:[.,][0-9]++)?)(?:[eE](?P<power>[+-]?[0-9]++))?"
    r"|(?P<letters>[A-Za-zµμΩ°%]++)|\^?(?P<count>-?[0-9]++)|\^\{(?P<braced>[-+0-9]{1,9})\}|(?P<sign>//?|[*.()])"
)


def with_chemistry(tex: str) -> str:
    r"""Return a formula with plain TeX in place of each `\ce{}` and `\pu{}`; one that is not understood stays."""
    parts, end = [], 0
    for found in _CHEMICAL.finditer(tex) if "\\ce" in tex or "\\pu" in tex else ():
        if found.start() < end:
            continue
        closing = _closing_brace(tex, found.end())
        if not closing:
            break
        pattern, read = (_IN_CE, _chemical) if found[1] == "ce" else (_IN_PU, _physical)
        made = _read_all(pattern, tex[found.end() : closing], read)
        parts += [tex[end : found.start()], f"{{{made}}}" if made else tex[found.start() : closing + 1]]
        end = closing + 1
    return "".join([*parts, tex[end:]])


def _closing_brace(tex: str, start: int) -> int:
    """Return where the group ends that begins before `start`, 0 if it does not."""
    depth = 1
    for found in _BRACES.finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    return 0


def _read_all(pattern: re.Pattern[str], text: str, read: Callable[[re.Match[str]], str]) -> str:
    """Return what `read` makes of the pieces of a text, "" if one is none that the pattern knows."""
    parts: list[str] = []
    end = 0
    while found := pattern.match(text, end):
        parts.append(read(found))
        end = found.end()
    return "".join(parts) if end == len(text) else ""


def _chemical(found: re.Match[str]) -> str:
    """Return a piece of `\\ce{}` in TeX."""
    text, (start, end) = found[0], found.span()
    before, after = found.string[max(start - 1, 0) : start], found.string[end : end + 1]
    if found["arrow"]:
        return _arrow(found)
    if found["script"]:
        inner = found["braced"] or found["bare"]
        inner = rf"\mathrm{{{inner}}}" if inner.isalpha() and inner.isupper() else inner.replace(".", r"\bullet ")
        base = "" if before.isalnum() or before in tuple(")]}") else "{}"
        return f"{base}{found['script']}{{{inner}}}"
    match found.lastgroup:
        case "blank":
            return "" if before in tuple("+->=") or after in tuple("+-<=^v") else r"\,"
        case "gas" | "falls":
            return r"\uparrow " if found["gas"] else r"\downarrow "
        case "letters":
            return text if text in ("n", "m", "x", "y") and before != "(" else rf"\mathrm{{{text}}}"
        case "count":
            return f"_{{{text}}}"
        case "number" | "of":
            return (rf"\frac{{{found['number']}}}{{{found['of']}}}" if found["of"] else text) + r"\," * after.isalpha()
        case "charge":
            return f"^{{{text}}}"
        case "words":
            return rf"\text{{{found['words']}}}"
    is_plus = text in ("+", "-") and (before.isspace() or not before) and after.isspace()
    return f"{text} " if is_plus or text[0] == "\\" else _SIGN_OF.get(text, text)


def _arrow(found: re.Match[str]) -> str:
    """Return an arrow in TeX, with what is written above and below it."""
    name = _ARROWS.get(found["arrow"], "rightleftharpoons")
    over, under = [_read_all(_IN_CE, found[side] or "", _chemical) for side in ("over", "under")]
    if not over and not under:
        return rf"\long{name} " if name.endswith("tarrow") else rf"\{name} "
    return rf"\x{name}[{under}]{{{over}}}" if under else rf"\x{name}{{{over}}}"


def _physical(found: re.Match[str]) -> str:
    """Return a piece of `\\pu{}`, a number with units, in TeX."""
    match found.lastgroup:
        case "blank":
            return r"\,"
        case "number" | "power":
            power = found["power"]
            return found["number"] + (rf"\cdot 10^{{{power.lstrip('+')}}}" if power else "")
        case "letters":
            return rf"\mathrm{{{found[0]}}}".replace("%", r"\%")
        case "count" | "braced":
            return f"^{{{found['count'] or found['braced']}}}"
    return {"*": r"\cdot ", ".": r"\cdot ", "//": "/"}.get(found[0], found[0])
