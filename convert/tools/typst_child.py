"""Compiles one Typst source in its own process, which `typst_compile` runs with `-m`.

Reads a line of JSON settings and then the source from standard input; writes a line of JSON (`ok`, or `message` and
`diagnostic`) and then the PDF to standard output. With `sieve` set, the source is JSON (`before`, `pairs`, `after`,
`alone`), and the answer names the pairs that are `refused`. Typst never frees the memory of what it compiled, hence the
process.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
from typing import Any

AMBIGUOUS_ENDING = re.compile(rb"\r\nendstream")
STREAM_OPENING = b" >>\nstream\n"
STREAM_LENGTH = re.compile(rb"/Length (\d+)")


def main() -> None:
    """Compile standard input, and write the answer to standard output."""
    settings: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    _limit_memory(settings["memory_bytes"])
    source = sys.stdin.buffer.read()
    try:
        answer, data = _sieve(source, settings) if settings["sieve"] else _compile(source, settings)
    except (RuntimeError, ValueError, MemoryError) as error:
        answer, data = _fault(error), b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + data)


def _limit_memory(limit: int) -> None:
    """Limit the memory of this process if the system can."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _compile(source: bytes, settings: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the answer, with the pages of all labels if `with_pages` is set, and the PDF."""
    compiler = _compiler(source, settings)
    pages = json.loads(compiler.query("<places>", field="value"))[0] if settings["with_pages"] else []
    if settings["draft"]:
        return {"ok": True, "pages": pages}, b""
    options = {"pdf_standards": settings["standards"], "timestamp": settings["epoch"], "format": "pdf"}
    result, warnings = compiler.compile_with_warnings(source, **options)
    if not isinstance(result, bytes):
        raise RuntimeError("typst made no PDF")
    # A number of a page moves lines, and may so move its own reference to where it is not shown: back and forth.
    inputs: dict[str, str] = settings["inputs"]
    if "steady" not in inputs and any("did not converge" in warning.message for warning in warnings):
        return _compile(source, {**settings, "inputs": {**inputs, "steady": "yes"}})
    return {"ok": True, "pages": pages}, _pack(result)


def _compiler(source: bytes, settings: dict[str, Any]) -> Any:
    import typst

    empty, faces = os.path.join(settings["scratch"], "empty"), os.path.join(settings["scratch"], "faces")
    if not os.path.isdir(empty):
        os.mkdir(empty)
        os.mkdir(faces)
        _gather(settings["font_files"], faces)
    return typst.Compiler(
        source,
        root=settings["folder"] or empty,
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[faces]),
        sys_inputs=settings["inputs"],
        package_path=empty,
        package_cache_path=empty,
    )


def _sieve(task: bytes, settings: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return which pieces Typst refuses, with its messages: by halving, for it names one place and not always that.

    Each piece has another form that stands for it meanwhile. Raises RuntimeError if Typst refuses these too. Long
    pieces are tried each `alone`: that costs what all of them cost together, and halving costs that at each step.
    """
    pieces = json.loads(task)
    pairs: list[tuple[str, str]] = pieces["pairs"]
    compiler = _compiler(b"", settings)
    options = {"pdf_standards": settings["standards"], "timestamp": settings["epoch"], "format": "pdf"}
    refused: dict[int, str] = {}

    def compile_with(kept: range) -> None:
        chosen = [pair[number not in kept or number in refused] for number, pair in enumerate(pairs)]
        compiler.compile("\n\n".join([pieces["before"], *chosen, pieces["after"]]).encode(), **options)

    def search(kept: range) -> None:
        try:
            compile_with(kept)
        except RuntimeError as error:
            if len(kept) == 1:
                refused[kept.start] = str(getattr(error, "message", error))
                return
            middle = (kept.start + kept.stop) // 2
            search(range(kept.start, middle))
            search(range(middle, kept.stop))

    compile_with(range(0))
    if pieces["alone"]:
        for number in range(len(pairs)):
            search(range(number, number + 1))
    else:
        search(range(len(pairs)))
        compile_with(range(len(pairs)))
    return {"ok": True, "pages": [], "refused": sorted(refused.items())}, b""


def _gather(font_files: list[str], folder: str) -> None:
    """Link the fonts into one folder, because Typst takes whole folders."""
    for number, path in enumerate(font_files):
        target = os.path.join(folder, f"{number}-{os.path.basename(path)}")
        try:
            os.symlink(os.path.abspath(path), target)
        except OSError:
            shutil.copyfile(path, target)


def _pack(data: bytes) -> bytes:
    """Return the PDF with compressed object streams: half the size, with the same tags and conformance."""
    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        if b"/Type3" in data:
            _separate_glyph_widths(pdf)
        streams = pikepdf.ObjectStreamMode.generate
        # Without deterministic_id, the second half of the file's ID would be random.
        pdf.save(target, object_stream_mode=streams, fix_metadata_version=False, deterministic_id=True)
    return separate_endings(target.getvalue())


def _separate_glyph_widths(pdf: Any) -> None:
    """Separate the width of a colour glyph by a line end, which some checkers need."""
    import pikepdf

    for font in pdf.objects:
        if isinstance(font, pikepdf.Dictionary) and font.get("/Subtype") == "/Type3":
            for _, glyph in font.CharProcs.items():
                glyph.write(glyph.read_bytes().strip().replace(b" d0/", b" d0\n/", 1))


def separate_endings(data: bytes) -> bytes:
    """Return the PDF, at the same length, with an unambiguous end after streams that end in a carriage return.

    qpdf ends a stream with a line feed (ISO 19005-2, 6.1.7.1). After a carriage return, the two read as one line end,
    and checkers find the stream a byte short. CR LF follows such a stream; its dictionary loses a blank in return.
    """
    result = bytearray(data)
    for found in AMBIGUOUS_ENDING.finditer(data):
        end = found.start() + 1
        opening = data.rfind(STREAM_OPENING, 0, end)
        start = opening + len(STREAM_OPENING)
        lengths = STREAM_LENGTH.findall(data, data.rfind(b" obj\n", 0, opening), opening)
        if opening >= 0 and str(end - start).encode() in lengths:
            result[opening : end + 1] = data[opening + 1 : end] + b"\r\n"
    return bytes(result)


def _fault(error: Exception) -> dict[str, Any]:
    return {
        "ok": False,
        "message": str(getattr(error, "message", error)),
        "diagnostic": str(getattr(error, "diagnostic", "")),
    }


if __name__ == "__main__":
    main()
