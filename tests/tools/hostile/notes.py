"""Short hostile notes, by what they attack. The tests of EPUB, PDF and Anki have others for these formats.

`{secret}` is replaced by the path of a file outside the vault.
"""

from __future__ import annotations

from tests.support.epub_hostile import NOTES as EPUB_NOTES
from tests.support.vaults import VIDEO

Notes = dict[str, str | bytes]

_ANCHOR = '<a class="yt-timestamp" data-t="{0}">[{0}]</a>'


def _note(text: str, title: str = "Title", more: str = "") -> str:
    return f"---\ntitle: {title}\nvideoId: {VIDEO}\n{more}---\n\n{text}\n\nKept words [00:00:01].\n"


def _front(*lines: str) -> str:
    return "\n".join(["---", *lines, "---", "", "Kept words [00:00:01].", ""])


def _sections(*titles: str) -> str:
    return _note("\n\n".join(f"## {title} [00:{at:02}:00]\n\nText." for at, title in enumerate(titles, 1)))


_BOMB = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]

YAML: Notes = {
    "bomb": _front("title: Bomb", f"videoId: {VIDEO}", "a0: &a0 [x, x]", *_BOMB),
    "merge": _front("title: Merge", f"videoId: {VIDEO}", "a: &a {x: 1}", "b: {<<: *a, <<: *a}"),
    "objects": _front(f"videoId: {VIDEO}", 'x: !!python/object/apply:os.system ["touch {secret}.ran"]'),
    "tags": _front(
        f"videoId: {VIDEO}", "x: !!binary aGk=", "y: !<tag:a> b", "z: !!timestamp 2001-01-01", "w: !!set {a}"
    ),
    "types": _front("title: yes", "videoId: 12345678901", "date: 2023-13-45", "n: .nan", "i: .inf", "o: 0o777", "b: ~"),
    "lists_for_words": _front("title: [a, b]", "videoId: {a: b}", "aliases: {a: [b]}", "lang: [en, de]", "url: [x]"),
    "keys": _front(f"videoId: {VIDEO}", "? [a, b]", ": c", "{a: b}: d", "1: x", "~: y", "a" * 5000 + ": z"),
    "block": _front(f"videoId: {VIDEO}", "title: |", "  several", "  lines", "description: >", "  folded"),
    "twice": _front("title: One", "title: Two", f"videoId: {VIDEO}", "videoId: eRsGyueVLvQ", "tags: a", "tags: b"),
    "documents": f"---\ntitle: One\n---\n---\ntitle: Two\nvideoId: {VIDEO}\n---\nKept [00:00:01]\n",
    "directives": _front("%YAML 9.9", f"videoId: {VIDEO}", "@x: y", "`z", "*gone", "&a &b c"),
    "tabs": _front("\ttitle: Tab", f"videoId:\t{VIDEO}", "\tx:\ty"),
    "control": _front("title: a\x01b\x7f\u0085c\u2028d", f"videoId: {VIDEO}", "x: \x02"),
    "quotes": _front('title: "never closed', f"videoId: '{VIDEO}", "x: 'y"),
    "escapes": _front(r'title: "\x00\ud800\U00110000\N"', f"videoId: {VIDEO}", r'x: "\ud800"', r'y: "\U0010ffff"'),
    "duration": _front(f"videoId: {VIDEO}", "duration: -5"),
    "duration_huge": _front(f"videoId: {VIDEO}", "duration: " + "9" * 400),
    "duration_float": _front(f"videoId: {VIDEO}", "duration: 1e999", "date: 99999-99-99"),
    "url": _front("url: https://www.youtube.com/watch?v=../../etc/passwd&v=aqz-KE-bpKQ"),
    "id_path": _front("title: Path", "videoId: ../../../../tmp/x"),
    "id_dots": _front("title: Dots", "videoId: ..........."),
    "id_dash": _front("title: Dash", "videoId: -----------"),
    "id_markup": _front("title: Markup", "videoId: '<b>\" &x;=#'"),
    "title_path": _front("title: ../../../../tmp/notebind-escaped", f"videoId: {VIDEO}"),
    "deep": "---\nx: " + "[" * 900 + "\n---\nKept [00:00:01]\n",
    "deep_block": "---\n" + "".join(" " * i + "a:\n" for i in range(900)) + "---\nKept [00:00:01]\n",
    "language": _front(f"videoId: {VIDEO}", "language: ../../x\"'<>&", "author: '=cmd|calc'"),
    "language_long": _front(f"videoId: {VIDEO}", "lang: " + "x-" * 3000),
}

STAMPS: Notes = {
    "ffmetadata": _sections("a=b;c#d\\e", "[CHAPTER]", ";FFMETADATA1", "TIMEBASE=1/1", "\\", "trailing\\"),
    "subtitles": _sections("a --> b", "00:00:01,000 --> 00:00:02,000", "1", "{\\an8}x", "<font color=red>x", "WEBVTT"),
    "vtt_notes": _sections("NOTE x", "STYLE ::cue { }", "REGION", "&lt;b&gt; & <c.x>", "<00:00:01.000>"),
    "cue_quotes": _sections('a "b" c', 'FILE "x" WAVE', "TRACK 99 AUDIO", "''", "%x"),
    "xspf": _sections("a,b{c}d", "bookmarks={name=x,time=1}", "]]>", "<!--", "<?xml?>"),
    "youtube": _sections("0:00 x", "<b>", "> y", "00:01 - 00:02 z", "http://x", "@name #tag"),
    "json": _sections('"}],"x":[{"', "\\u0000", "</script>", "null", "🎬"),
    "bidi": _sections("\u202eevil\u202c", "\u2066x", "שלום", "\u200b\u200b", "\ufeff", "\u0085\u2028\u2029"),
    "empty_titles": _sections("", " ", "[00:01:00]", "**", "&nbsp;", "<br/>", "`"),
    "control": _sections("a\x00b", "a\x1fb", "a\x1b[31mb", "a\tb", "a\x0cb", "a\x85b"),
    "long_title": _sections("Words " * 2000, "W" * 9000, "é" * 300),
    "many": _sections(*(f"Part {i}" for i in range(59)))
    + "".join(f"\n## More {i} [{i // 60 + 1:02}:{i % 60:02}:30]\n\nText.\n" for i in range(400)),
    "one_second": _note("\n\n".join(f"## Same {i} [00:00:05]" for i in range(80))),
    "backwards": _note("\n\n".join(f"## Back {i} [00:{59 - i:02}:00]" for i in range(60))),
    "huge": _note(" ".join(f"[{t}]" for t in ("99:59:59", "999:00:00", "9" * 40 + ":00", "-1:00", "00:00:00:00:00"))),
    "digits": _note("[٠٠:٠١:٠٢] [00:01:0２] [¹:²:³] [00：01：02] [1e3:00] [0x1:00] [ 00:01 ] [00:01:02.9999999]"),
    "anchors": _note(
        " ".join(_ANCHOR.format(t) for t in ("", "N/A", "-1", "1:2:3:4:5", "00:00:60", "NaN", "∞", "1" * 99))
    ),
    "anchor_markup": _note('<a class="yt-timestamp" data-t="\'><script>alert(1)</script>">[00:00:09]</a>'),
    "anchor_nested": _note(_ANCHOR.format(_ANCHOR.format("00:00:03")) + '<a class="yt-timestamp" data-t="0:1"><a>'),
    "in_code": _note("`[00:00:04]` ```[00:00:05]```\n\n    [00:00:06]\n\n```\n[00:00:07]\n```"),
    "in_link": _note("[[x|[00:00:04]]] [a [00:00:05]](http://x/[00:00:06]) ![[00:00:07]](y)"),
    "no_breaks": _note("[00:00:04][00:00:05]" * 400),
}

MATHS: Notes = {
    "tower": _note("$" + "x^{" * 300 + "y" + "}" * 300 + "$"),
    "fractions": _note("$$" + r"\frac{1}{" * 200 + "x" + "}" * 200 + "$$"),
    "macros": _note(r"$\newcommand{\a}{\a\a}\a$ $\def\b{\b\b}\b$ $\let\c\c\c$ $\csname x\endcsname$ $\catcode`\$=0$"),
    "files": _note(
        r"$\input{{secret}}$ $\include{{secret}}$ $\write18{id}$ $\openin5={secret}$ $\verbatiminput{{secret}}$"
    ),
    "matrix": _note("$$\\begin{matrix}" + ("1&" * 60 + r"1\\") * 60 + "\\end{matrix}$$"),
    "never_closed": _note(r"$\left( \left[ \left\{ \begin{align} x_{a^{b_{c $ $$\frac{ $$ $}$ ${$ $\$ $\\$"),
    "scripts": _note("$" + "x_a^b_c^d" * 50 + "$ $_^_^$ $^{}_{}$ $x''''''^2$"),
    "unknown": _note("".join(rf"$\cmd{chr(97 + i % 26)}{{x}}$ " for i in range(200))),
    "text": _note(
        r"$\text{<script>alert(1)</script> & \# ]]> $x$}$ $\mbox{]]>}$ $\href{javascript:x}{y}$ $\url{file:///x}$"
    ),
    "symbols": _note("$ℵ_∞ \u202e x \x01 \ud7ff 🎲 &lt; < > \\& \\% \\_ # % ~$".replace("\\_", "\\\\_")),
    "money": _note("$5 and $6, US$7 $ 8$ $9$10$ \\$11 $$12 $$$13$$$ $a$b$c"),
    "colour": _note(
        r"$\color{red}x \colorbox{x\"y}{z} \style{a:b}{c} \class{a\" onclick=\"x}{y} \unicode{x41} \html{<b>}$"
    ),
}

MARKUP: Notes = {
    "typst_raw": _note(
        '`#panic("ran")`{=typst}\n\n```{=typst}\n#panic("ran")\n```\n\n```{=html}\n<script>x</script>\n```'
    ),
    "typst_text": _note(
        '#panic("ran") #read("{secret}") #include "{secret}" #import "@preview/cetz:0.2.2": x $#panic()$'
    ),
    "typst_spans": _note('<span typst:text:size=\'panic(read("{secret}"))\'>w</span> [w]{typst:text:size="panic(1)"}'),
    "typst_title": _note("x", title='"#panic(\\"ran\\") ]; \\\\ // /* <n0> @n0"'),
    "typst_labels": _note('<n0> @n0 #label("n0") //\x1e0 /* */ \\ ~ -- ... \' " = - + / 1. $ ` *_ ]'),
    "latex": _note("\\input{{secret}} \\immediate\\write18{id} % ^^5cinput \\begin{document} {\\catcode`} ^^41"),
    "pictures": _note(
        "![p]({secret}) ![[{secret}]] ![q](file://{secret}) ![](../secrets/secret.svg) <img src='{secret}'>"
    ),
    "embeds": _note(
        "![[../secrets/secret]] ![[secret.md]] [[../secrets/secret|x]] [x](../secrets/secret.md) ![[/etc/passwd]]"
    ),
    "attachments": _note(
        "<link rel=attachment href='file://{secret}'><meta http-equiv=refresh content='0;url=http://x'>"
    ),
    "entities": _note("<!DOCTYPE a [<!ENTITY b SYSTEM 'file://{secret}'>]>&b; &c; &#1; &#x1f; &#xfffe; &#1114112;"),
    "events": _note(
        "<img src=x onerror=alert(1)><a href='&#106;avascript:x'>a</a><b onmouseover=x>b</b><svg/onload=x>"
    ),
    "schemes": _note(
        "[a](JaVaScRiPt:x) [b](java\tscript:x) [c](vbscript:x) [d](file:///etc/passwd) [e](\\\\host\\share) [f](blob:x)"
    ),
    "remote": _note(
        "![](http://127.0.0.1:9/x.png) <video src=http://127.0.0.1:9/v> <style>@import 'http://127.0.0.1:9';</style>"
    ),
    "templates": _note(
        "{{c1::x}} {{FrontSide}} {% raw %} ${x} <%= x %> {{{x}}} [latex]x[/latex] [sound:x.mp3] [anki:tts]x"
    ),
    "clozes": _note(
        "## What is x?\n\nA ==b::c== and ==}}== and =={{c1::d}}== is a thing ==[sound:x]== ==<b>==.\n\nQ::A\nQ:::A"
    ),
    "separators": _note("a\x1fb\x1ec\x1dd\x1ce ## What is \x1f?\n\nX\x1f is a y that \x1f z."),
    "surrogates": _note("a\ud800b \udfff").encode("utf-8", "surrogatepass"),
    "utf16": _note("UTF-16 \U0001f3ac").encode("utf-16"),
    "utf16_broken": b"\xff\xfe" + _note("odd").encode("utf-16-le") + b"\x00",
    "latin": _note("caf\xe9 \xff").encode("latin-1"),
    "overlong": _note("x").encode() + b"\xc0\xaf \xe0\x80\xaf \xf5\x80\x80\x80 \xfe \xed\xa0\x80",
    "marks": b"\xef\xbb\xbf\xef\xbb\xbf" + _note("two byte order marks").encode(),
    "newlines": _note("a\rb\r\nc\n\rd\x0be\x0cf\x85g\u2028h\u2029i"),
    "combining": _note("Z" + "\u0300" * 100 + " \u202e" * 300 + "\U000e0041" * 300),
    "invisible": _note("\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u180e\u3164" * 50, title="\u200b\u2060"),
    "scripts": _note("日本語 ไทย தமிழ் हिन्दी العربية עברית 한국어 ქართული አማርኛ ᚠᛇᚻ 𒀀𒁀 𓀀 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    "private": _note("\ue000\uf8ff\U000f0000\U0010fffd\ufff9\ufffa\ufffb\ufffc"),
    "nested_everything": _note(
        "> [!note] a\n> - b\n>   1. > c\n>      | d | e |\n>      |---|---|\n>      | [[f]] | $g$ |\n> ```\n> h"
    ),
    "links_many": _note(" ".join(f"[[target {i}|label {i}]]" for i in range(3000))),
    "links_self": _note("[[links_self]] " * 1000 + "![[links_self]] " * 50),
    "links_odd": _note(
        "[[" + "a" * 9000 + "]] [[a|" + "b" * 9000 + "]] [[#]] [[^]] [[a#^b]] [[|x]] [[a||b]] [[[[a]]]] [[\x00]]"
    ),
    "reference_bomb": _note("[a]: http://x/" + "y" * 5000 + "\n\n" + "[a] " * 500),
    "footnote_loop": _note("a[^1]\n\n[^1]: b[^2]\n\n[^2]: c[^1] [^2]\n\n[^3]: [^3]"),
    "table_wide": _note("|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n|" + "b|" * 300),
    "table_deep": _note("|a|b|\n|-|-|\n" + "|[[x\\|y]]|**z** `|` $q$|\n" * 500),
    "callout_names": _note("> [!<script>]\n> a\n\n> [!../../x|y=z]+ t\n> b\n\n> [!" + "n" * 3000 + "]\n> c"),
    "code_fences": _note("```../../x {.y #z onclick=w}\n```\n\n~~~~~\n```\n~~~~\n\n```" + "`" * 900 + "\nx"),
    "quotes": _note(">" * 200 + " a\n\n" + "> " * 200 + "b"),
    "lists": _note("\n".join("  " * i + f"{i}. x" for i in range(150))),
    "emphasis": _note("*_**__~~==" * 300 + "a"),
    "tags": _note("<b><i><u>" * 300 + "x" + "</i></b>" * 200 + "</p></div></body></html>"),
    "comment_open": _note("<!-- never closed\n\n## Gone? [00:00:08]"),
    "line": _note("word " * 6_000),
    "word": _note("W" * 60_000),
    "no_words": _front("title: No words", f"videoId: {VIDEO}").replace("Kept words [00:00:01].", ""),
}

DEEP: Notes = {name: MARKUP.pop(name) for name in ("tags", "quotes", "lists", "emphasis")}
"""These are a separate book: Typst refuses some of them, and finding those in a big book takes long."""

_WORD, _WORDS = "w" * 50_000, "word " * 12_000

LONG: Notes = {
    "title_word": _note("x", title=_WORD),
    "title_words": _note("x", title=_WORDS),
    "headings": _note(f"## {_WORD} [00:00:05]\n\n## {_WORDS}"),
    "addresses": _note(f"[a](https://x.org/{_WORD}) https://x.org/{_WORD} <a href='https://x.org/{_WORD}'>x</a>"),
    "formula": _note(f"$a+{'b+' * 20_000}c$"),
    "pictures": _note(f"![{_WORDS}](https://x.org/a.png) ![a](https://x.org/{_WORD}.png)"),
    "wikilinks": _note(f"[[{_WORDS}]] [[{_WORD}|x]] [[x|{_WORDS}]]"),
    "callout": _note(f"> [!note] {_WORDS}\n> a"),
    "code": _note(f"`{_WORD}`\n\n```\n{_WORD}\n```\n\n```{_WORD}\nx\n```"),
    "cells": _note(f"|{_WORD}|b|\n|-|-|\n|{_WORDS}|{_WORD}|"),
    "facts": _note("x", more=f"author: {_WORDS}\ndescription: {_WORDS}\ntags: [{_WORD}]\naliases: [{_WORDS}]\n"),
    "footnote": _note(f"a[^{_WORD}] b[^1]\n\n[^{_WORD}]: {_WORDS}\n\n[^1]: {_WORDS}"),
    "clozes": _note(f"=={_WORDS}== **{_WORD}** {{{{c1::{_WORDS}}}}}\n\nWhat is {_WORDS}?::{_WORDS}"),
    "stamps": _note(f'<a class="yt-timestamp" data-t="{_WORD}">[{_WORD}]</a> [00:00:01 {_WORD}]'),
    "letters_and_tags": _note("<b>a" * 12_000 + "**a**_b_" * 6_000),
}
"""More than 32,767 bytes of everything, which is more than a PDF string can hold."""

INDEX_PAGES: Notes = {
    "loops": f"# Index\n\n### [A](https://www.youtube.com/watch?v={VIDEO})\n" + "[[loops]] [[gone]]\n" * 300,
    "titles": f"### [](https://youtu.be/{VIDEO})\n\n### [<b>\x01\u202e](https://youtu.be/{VIDEO})\n\n[[titles]]\n",
    "odd_addresses": "### [x](https://www.youtube.com/watch?v=../../x)\n### [y](javascript:x)\n### [z](https://youtu.be/)\n",
}

THEMES: dict[str, Notes] = {
    "yaml": YAML,
    "stamps": STAMPS,
    "maths": MATHS,
    "markup": MARKUP,
    "deep": DEEP,
    "index": INDEX_PAGES,
    "long": LONG,
    "epub": EPUB_NOTES,
}
"""The notes by the folder that they are written to."""


def with_secret(text: str | bytes, secret: str) -> bytes:
    """Return the bytes of a note, with the path of the secret instead of `{secret}`."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return data.replace(b"{secret}", secret.encode())
