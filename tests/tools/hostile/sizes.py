"""Notes made to hang a reader, in any size."""

from __future__ import annotations

from collections.abc import Callable

_STAMP = '<a class="yt-timestamp" data-t="00:03:10">[00:03:10] '


def _ticks(n: int) -> str:
    return " ".join("`" * i for i in range(1, n + 1))


def _references(n: int) -> str:
    return "".join(f"[r{i}]: http://a.b/{i}\n" for i in range(n)) + "".join(f"[r{i * 5}] " for i in range(n // 5))


def _sparse_table(n: int) -> str:
    return "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "| x\n" * n


HOSTILE: dict[str, tuple[Callable[[int], str], int]] = {
    "opening brackets": (lambda n: "[" * n, 1_000_000),
    "comments": (lambda n: "a %%b%% $c$\n\n" * n, 70_000),
    "opening percent comments": (lambda n: "%% $$ a\n\n" * n, 100_000),
    "blanks before comments": (lambda n: (" " * n + "%%\n\n") * 3, 300_000),
    "names of blocks": (lambda n: "a ^" + "a" * n + "\n\nb ^abc" * n, 100_000),
    "opening wikilinks": (lambda n: "[[" * n, 500_000),
    "wikilinks up to the bar": (lambda n: "[[a|" * n, 250_000),
    "wikilinks": (lambda n: "[[a|b]]" * n, 140_000),
    "closing wikilinks": (lambda n: "a]]" * n, 300_000),
    "opening emphasis": (lambda n: "*a_ " * n, 100_000),
    "deep quotes": (lambda n: ">" * n + " a", 10_000),
    "very deep quotes": (lambda n: ">" * n + " a", 100_000),
    "deep lists": (lambda n: "".join("  " * i + "- a\n" for i in range(n)), 3_000),
    "mixed emphasis": (lambda n: "*a **a " * n, 50_000),
    "deep emphasis": (lambda n: "**x" * n + "**" * n, 20_000),
    "opening tags": (lambda n: "<a " * n, 330_000),
    "opening attributes": (lambda n: '<a class="' * n, 100_000),
    "unclosed stamps": (lambda n: _STAMP * n, 20_000),
    "opening comments": (lambda n: "<!-- " * n, 200_000),
    "opening instructions": (lambda n: "<?" * n, 300_000),
    "runs of backticks": (_ticks, 1_500),
    "a row of cells": (lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|b" * n + "|\n", 20_000),
    "sparse rows": (_sparse_table, 20_000),
    "dollars": (lambda n: "$a" * n, 500_000),
    "references": (_references, 50_000),
    "opening links": (lambda n: "[a](b" * n, 100_000),
    "opening images": (lambda n: "![[]()" * n, 80_000),
    "lines of NUL": (lambda n: "\0\n" * n, 300_000),
    "one line": (lambda n: "word " * n, 1_000_000),
    "nested brackets": (lambda n: "[" * n + "a" + "]" * n, 5_000),
    "nested wikilinks": (lambda n: "[[a|" * n + "b" + "]]" * n, 20_000),
    # In addition to the 27 cases of the research: the patterns of our own repairs.
    "admonition fences": (lambda n: "```ad-note\n" * n, 30_000),
    "callouts without quotes": (lambda n: "[!note] a\n\n" * n, 20_000),
    "backslashed brackets": (lambda n: "\\(a_1 \\[" * n, 50_000),
    "markdown fences": (lambda n: "```markdown\n# a\n" * n, 20_000),
    "labels in brackets": (lambda n: "[[a|[" * n + "]]]", 100_000),
    "broken stamps": (lambda n: '<a class="yt-timestamp" data-t="00:03:10]-[' * n, 10_000),
    "colons": (lambda n: "[0:0:" * n, 100_000),
    "list of stamps": (lambda n: "[" + "0:10, " * n + "0:10]", 50_000),
    "closed stamps": (lambda n: "<a class=x>[00:03:10]</a>" * n, 20_000),
    "pipes of tables": (lambda n: "|a|b|\n|-|-|\n" + "|[[a|b]]|c|\n" * n, 20_000),
    "highlights": (lambda n: "==a *b* " * n, 40_000),
    "headings": (lambda n: "# a\n" * n, 30_000),
    "levels of headings": (lambda n: "".join(f"{'#' * (i % 6 + 1)} a [[#b]]\n" for i in range(n)), 10_000),
    "footnotes": (lambda n: "".join(f"[^{i}]: a[^{i}]\n\n" for i in range(n)), 10_000),
    "HTML blocks": (lambda n: "<div>\n[[a]]\n</div>\n\n" * n, 10_000),
    "open elements": (lambda n: "<b>a" * n, 30_000),
    "open elements and others closed": (lambda n: "<b>a</i>" * n, 30_000),
    "closing elements": (lambda n: "a</b>" * n, 50_000),
    "display formulas": (lambda n: "$$\nx\n" * n, 30_000),
    "display formulas that begin lists": (lambda n: "$$\nx\n+ y\n$$\n" * n, 10_000),
    "lists set in too far": (lambda n: "a\n\n    - [[sea]]\n\n" * n, 10_000),
    "quotes around embeds": (lambda n: ">" * 3 * n + "![[b]]" * n, 12_000),
    "quotes around lines": (lambda n: ">" * n + "a\n" * n, 100_000),
    "lists around lines": (lambda n: "- " * n + "a\n" * n, 100_000),
    "notes around lines": (lambda n: "[^a]: " * n + "a\n" * n, 50_000),
    "lists and quotes around callouts": (lambda n: "1. > " * n + "[!x] a ![[b]]\n" * n, 30_000),
    "quotes in elements around lines": (lambda n: "<div>\n" + "<i>>" * n + "a\n" * n, 50_000),
    "ever deeper sections": (lambda n: "".join(">" * i + " # a\n" for i in range(n)), 1_000),
    "ever deeper callouts": (lambda n: "".join(">" * i + " [!x] a\n" + ">" * i + "\n" for i in range(n, 0, -1)), 700),
    "lists in front matter": (lambda n: "---\na: [" + "[a]," * n + "]\n---\n", 250_000),
    "deep lists in front matter": (lambda n: "---\na: [" + ("[" * 90 + "]" * 90 + ",") * n + "]\n---\n", 350),
    "front matter": (lambda n: "---\n" + "a: &x [*x]\n" * n + "---\n", 5_000),
    "deep YAML": (lambda n: "---\na: " + "[" * n + "\n---\n", 3_000),
    # Patterns and loops that were slower than linear.
    "aligned formulas": (lambda n: ("$$\n" + "a + b = c + d \\\\\n" * 9 + "\n$$ x\n\n") * n, 3_000),
    "anchors in code": (lambda n: "`<a " + "data-t= " * n + "`", 20_000),
    "blanks before anchors in code": (lambda n: "`data-t" + " " * n + "x`", 400_000),
    "rows of blanks": (lambda n: "[[a|b]]\n" + " " * n + "-" + " " * n + "x", 100_000),
    "blanks after the origin": (lambda n: "From: [[a]]" + " " * n + "x", 400_000),
    "blanks in a title": (lambda n: "---\ntitle: a" + " " * n + "b\n---\n", 400_000),
    "tildes before a backtick": (lambda n: "```ad-note\n" + "~" * n + "`\n", 100_000),
    "settings of admonitions": (lambda n: "```ad-note\n" + "title: a\n" * n + "```\n", 100_000),
    "blanks in the label of a stamp": (lambda n: 'x <a data-t="x">' + " " * n + "a</a>", 400_000),
    "closing elements before text": (lambda n: "# " + "</p>" * n + "a", 500_000),
    "marks on a letter": (lambda n: "# e" + "\u0315\u0300" * n + "\n\n[[e" + "\u0315\u0300" * n + "]]", 100_000),
    "emphasis around text": (lambda n: "*a **b " * n + "c** d* " * n, 70_000),
}
"""A function that makes a source of a given size, and the size that must be read within ten seconds."""
