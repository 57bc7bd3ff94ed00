"""Marks comments, strings, numbers and keywords in the code of fences that name a language.

Kept apart because it knows languages of programs; pages of books and of the site call it, cards do not. Each pattern
takes what it begins with whether it is closed or not, so a text is read once: docs/dependencies.md says why no library
does this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from convert.render.xhtml.text import escape

LONGEST = 50_000
"""Characters of a fence beyond which it stays plain: the marks can be twelve times as long as the code."""

_BLOCK, _LINE, _HASH = r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?", r"(?<!:)//[^\n]*+", r"(?<!\S)#[^\n]*+"
_DOUBLE, _SINGLE = r'"(?:[^"\\\n]|\\.)*+"?', r"(?<!\w)'(?:[^'\\\n]|\\.)*+'?"
_TRIPLE = r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*+(?:""")?|' + r"'''(?:[^'\\]|\\[\s\S]|'(?!''))*+(?:''')?"
_DIGITS = r"[0-9]\w*+(?:\.[0-9]\w*+)*+"
_NUMBER, _WORD = f"(?P<n>{_DIGITS})", r"(?P<w>[^\W\d]\w*+)"
_STRING = f"{_DOUBLE}|{_SINGLE}"
_QUOTED = rf"(?P<s>{_STRING})|{_NUMBER}"
_COMMAND = r"(?P<n>\$(?:\w++|\{\w++\}?)|(?<!\S)--?[a-zA-Z][\w-]*+|(?<![\w-])[0-9]++(?![\w-]))|(?P<w>[^\W\d][\w-]*+)"

PATTERNS = {
    "c": rf"(?P<i>{_LINE}|{_BLOCK})|(?P<k>(?<!\S)#[a-z]++)|{_QUOTED}|{_WORD}",
    "script": rf"(?P<i>{_LINE}|{_BLOCK})|(?P<s>`(?:[^`\\]|\\[\s\S])*+`?|{_STRING})|{_NUMBER}|(?P<w>[^\W\d][\w$]*+)",
    "rust": rf"(?P<i>{_LINE}|{_BLOCK})|(?P<s>{_DOUBLE}|'(?:\\[^'\n]{{1,9}}|[^'\\\n])')|{_NUMBER}|(?P<w>[^\W\d]\w*+!?)",
    "hash": rf"(?P<i>{_HASH})|(?P<s>{_TRIPLE}|{_STRING})|(?P<n>@[\w.]++|{_DIGITS})|{_WORD}",
    "shell": rf"(?P<i>{_HASH})|(?P<s>{_STRING})|{_COMMAND}",
    "sql": rf"(?P<i>(?<!\S)--[^\n]*+|{_BLOCK})|{_QUOTED}|{_WORD}",
    "lua": rf"(?P<i>--\[\[(?:[^\]]|\](?!\]))*+(?:\]\])?|--[^\n]*+)|{_QUOTED}|{_WORD}",
    "haskell": rf"(?P<i>(?<!\S)--[^\n]*+|\{{-(?:[^-]|-(?!\}}))*+(?:-\}})?)|{_QUOTED}|(?P<w>[^\W\d][\w']*+)",
    "percent": rf"(?P<i>%[^\n]*+)|{_QUOTED}|{_WORD}",
    "lisp": rf"(?P<i>;[^\n]*+)|(?P<s>{_DOUBLE})|(?P<n>:[\w-]++|{_DIGITS})|(?P<w>[^\W\d][\w*!?<>=/+-]*+)",
    "data": rf"(?P<i>(?<!\S)[#;][^\n]*+)|(?P<k>(?m:^\[[^\]\n]*+\]*+))|(?P<s>{_TRIPLE}|{_STRING})|{_NUMBER}"
    r"|(?P<w>[^\W\d][\w.-]*+)",
    "css": rf"(?P<i>{_BLOCK})|(?P<k>@[\w-]++)|(?P<s>{_STRING})|(?P<n>#?[0-9][\w.]*+)|(?P<w>[\w$-]++)",
    "markup": r"(?P<i><!--(?:[^-]|-(?!->))*+(?:-->)?)|(?P<k></?[a-zA-Z][\w:.-]*+)"
    r"""|(?P<s>(?<==)(?:"[^"]*+"?|'[^']*+'?))|(?P<w>[\w:@.-]++)""",
    "tex": r"(?P<i>%[^\n]*+)|(?P<k>\\[a-zA-Z@]++)|\\[^a-zA-Z]",
    "diff": r"(?m)^(?:(?P<n>@@[^\n]*+)|(?P<s>\+[^\n]*+)|(?P<i>-[^\n]*+))",
}
"""Families of languages: `i` comments, `s` strings, `n` numbers and names that stand out, `k` keywords, `w` words."""
_TRUTHS = " true false null nil none undefined self this super True False None NULL NaN "
_C = (
    "if else for while do switch case default break continue return goto struct enum union typedef static const extern "
    "void int char short long float double unsigned signed bool sizeof inline auto volatile "
)
_OBJECTS = (
    "if else for while do switch case default break continue return throw try catch finally class interface enum "
    "extends implements import package new public private protected static final abstract void int long float double "
    "boolean byte char short instanceof throws synchronized var record sealed "
)
_JS = (
    "if else for while do switch case default break continue return throw try catch finally class extends import "
    "export from new function const let var async await yield typeof instanceof in of delete void static get set "
)
_TS = (
    _JS
    + "interface type enum implements public private protected readonly declare namespace as is keyof infer satisfies "
)
_SH = (
    "if then else elif fi for in do done while until case esac function return export local echo cd sudo source exit "
    "set read test eval exec alias unset trap shift "
)
_SQL = (
    "select from where and or not in is as on join left right inner outer full cross group by order having limit "
    "offset union all distinct insert into values update set delete create table view index drop alter add column "
    "primary key foreign references default unique case when then else end exists between like with over partition "
    "begin commit "
)
_LANGUAGES: dict[str, tuple[str, str]] = {
    "c h cuda glsl arduino": ("c", _C),
    "cpp c++ cc cxx hpp objc": ("c", _C + "class public private protected virtual override namespace using template "
        "typename new delete try catch throw constexpr noexcept operator friend explicit concept requires"),
    "cs c# csharp": ("c", _OBJECTS + "namespace using string bool decimal object virtual override readonly ref out in "
        "is as async await get set struct delegate event lock foreach yield where select from base const"),
    "java groovy gradle": ("c", _OBJECTS + "def"),
    "kotlin kt": ("c", "fun val var if else for while do when is in as class object interface data sealed enum return "
        "throw try catch finally import package override open private public internal suspend companion by null"),
    "scala": ("c", "def val var if else for while do match case class object trait extends with import package new "
        "return throw try catch finally yield given using enum sealed abstract override private implicit lazy type"),
    "swift": ("c", "func let var if else guard for in while repeat switch case default break continue return throw "
        "throws try catch do class struct enum protocol extension import init deinit public private static override "
        "async await where as is some any defer"),
    "dart": ("c", _OBJECTS + "const late required async await yield in is as get set mixin with on factory export"),
    "php": ("c", _OBJECTS + "function echo foreach as use namespace trait fn match require include array string"),
    "proto protobuf": ("c", "syntax package import message enum service rpc returns option repeated optional oneof"),
    "go golang": ("script", "break case chan const continue default defer else fallthrough for func go goto if import "
        "interface map package range return select struct switch type var string int error bool byte float64"),
    "js javascript jsx mjs node": ("script", _JS),
    "ts typescript tsx": ("script", _TS),
    "rust rs": ("rust", "as async await break const continue dyn else enum extern fn for if impl in let loop match mod "
        "move mut pub ref return static struct trait type unsafe use where while crate"),
    "python py python3 pycon": ("hash", "and as assert async await break class continue def del elif else except "
        "finally for from global if import in is lambda nonlocal not or pass raise return try while with yield"),
    "ruby rb": ("hash", "def end class module if elsif else unless while until for in do begin rescue ensure return "
        "yield case when then and or not require include attr_reader attr_accessor puts raise"),
    "r": ("hash", "if else for while repeat function in next break return library TRUE FALSE NA"),
    "julia jl": ("hash", "function end if elseif else for while in do begin let struct mutable module using import "
        "return break continue try catch finally macro const where export"),
    "elixir ex": ("hash", "def defp defmodule defstruct do end if else unless case cond when fn with for import alias "
        "use require raise and or not in"),
    "perl pl": ("hash", "my our use sub if elsif else unless while until for foreach return package print next last"),
    "graphql gql": ("hash", "query mutation subscription fragment on type input enum interface union scalar schema"),
    "bash sh shell zsh console shellsession fish": ("shell", _SH),
    "powershell ps1 pwsh": ("shell", "if else elseif for foreach while do switch function param return in try catch "
        "finally throw begin process end"),
    "dockerfile docker": ("shell", "FROM RUN CMD COPY ADD ENV ARG WORKDIR EXPOSE ENTRYPOINT USER VOLUME LABEL AS"),
    "make makefile": ("shell", "ifeq ifneq ifdef ifndef else endif include define endef export"),
    "sql mysql postgresql postgres sqlite": ("sql", _SQL),
    "lua": ("lua", "and break do else elseif end for function goto if in local not or repeat return then until while"),
    "haskell hs": ("haskell", "module where import qualified as data type newtype class instance deriving let in if "
        "then else case of do"),
    "matlab octave": ("percent", "function end if elseif else for while switch case otherwise break continue return"),
    "clojure clj lisp elisp scheme": ("lisp", "def defn defun define let lambda fn if cond when do loop recur ns"),
    "json json5 jsonc": ("script", ""),
    "yaml yml toml ini": ("data", ""),
    "css scss less": ("css", ""),
    "html xml svg vue": ("markup", ""),
    "latex tex": ("tex", ""),
    "diff patch": ("diff", ""),
}  # fmt: skip
KINDS = {name: (family, words) for names, (family, words) in _LANGUAGES.items() for name in names.split()}
"""The family and the keywords of a language, by its names in lower case."""
_KEY_SIGNS = {"data": ":=", "css": ":", "markup": "="}
_TAGS = {"k": "<b>{}</b>", "i": "<i>{}</i>", "s": '<span class="s">{}</span>', "n": '<span class="n">{}</span>'}


def coloured(code: str, language: str) -> str:
    """Return code as the content of an element, with its parts marked if its language is known."""
    name = language.lower().strip("{.}")
    if name not in KINDS or len(code) > LONGEST:
        return escape(code)
    family, words = _keywords(name)
    out: list[str] = []
    at = 0
    for kind, start, end in _parts(code, family, words, name.startswith("json")):
        out += (escape(code[at:start]), _TAGS[kind].format(escape(code[start:end])))
        at = end
    return "".join([*out, escape(code[at:])])


@cache
def _keywords(name: str) -> tuple[str, frozenset[str]]:
    """Return the family of a language and its keywords, those of SQL in both cases."""
    family, words = KINDS[name]
    return family, frozenset((words + (words.upper() if family == "sql" else "")).split())


def _parts(code: str, family: str, words: frozenset[str], is_json: bool) -> Iterator[tuple[str, int, int]]:
    """Yield the kind, start and end of each part that stands out."""
    for found in re.finditer(PATTERNS[family], code):
        kind, (start, end) = found.lastgroup, found.span()
        if kind == "w":
            kind = _kind_of_word(code, start, end, words, _KEY_SIGNS.get(family, ""))
        elif kind == "s" and family != "diff":
            is_key = is_json and code[end : end + 2].lstrip()[:1] == ":"
            is_closed = end - start > 2 and code[end - 1] == code[start]
            kind = ("n" if is_key else "s") if is_closed else None
        if kind:
            yield kind, start, end


def _kind_of_word(code: str, start: int, end: int, words: frozenset[str], key_signs: str) -> str | None:
    """Return `n` for a constant or a key, `k` for a keyword, None for another word."""
    word = code[start:end]
    if (start and code[start - 1] in ".$-") or not (word in words or f" {word} " in _TRUTHS or key_signs):
        return None
    sign = code[end : end + 2].lstrip(" ")[:1] if key_signs else ""
    if sign and sign in key_signs and (sign == "=" or code[end + 1 : end + 2].isspace() or end + 1 == len(code)):
        return "n"
    return "k" if word in words else "n" if f" {word} " in _TRUTHS else None
