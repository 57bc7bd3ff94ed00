"""Compiles one Typst source in a process of its own; run as a script by `typst_compile`, imported by nobody.

Reads a line of JSON settings and then the source from standard input; writes a line of JSON (`ok`, or `message` and
`trace`) and then the PDF to standard output. Typst keeps all it compiled in memory until the process ends.
"""

from __future__ import annotations

import json
import sys
import tempfile
from typing import Any


def main() -> None:
    """Compile standard input to standard output."""
    settings: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    _limit_memory(settings["memory_bytes"])
    source = sys.stdin.buffer.read()
    try:
        answer, data = {"ok": True}, _compile(source, settings)
    except (RuntimeError, ValueError, MemoryError) as error:
        answer, data = _fault(error), b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + data)


def _limit_memory(limit: int) -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _compile(source: bytes, settings: dict[str, Any]) -> bytes:
    import typst

    with tempfile.TemporaryDirectory(prefix="notebind-") as empty:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=settings["font_paths"])
        compiler = typst.Compiler(
            source,
            root=empty,
            font_paths=fonts,
            sys_inputs=settings["inputs"],
            package_path=empty,
            package_cache_path=empty,
        )
        result = compiler.compile(format="pdf", pdf_standards=settings["standards"], timestamp=settings["epoch"])
    if not isinstance(result, bytes):
        raise RuntimeError("typst made no PDF")
    return _pack(result)


def _pack(data: bytes) -> bytes:
    """The PDF with its objects in compressed streams: under half the size, tags and conformance kept."""
    import io

    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate, fix_metadata_version=False)
    return target.getvalue()


def _fault(error: Exception) -> dict[str, Any]:
    return {
        "ok": False,
        "message": str(getattr(error, "message", error)),
        "trace": [str(line) for line in getattr(error, "trace", [])],
        "diagnostic": str(getattr(error, "diagnostic", "")),
    }


if __name__ == "__main__":
    main()
