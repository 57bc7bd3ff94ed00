"""Tests what every writer promises, with one suite for all registered writers."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import convert.writers
from convert.errors import UsageError
from convert.pipeline.report import BookReport
from convert.pipeline.run import build
from convert.request import Request
from convert.writers import completed, defaults, find_writer, make_options, writers
from convert.writers.base import Artifact, Download, option
from tests.support.artifacts import check, read_all
from tests.support.needs import ROOT

SEEDS = ROOT / "seeds"
NAMES = sorted(writers())
every_writer = pytest.mark.parametrize("name", NAMES)

ODD_NOTES = {
    "bare.md": "---\ntitle: Nothing but a title\nvideoId: aqz-KE-bpKQ\n---\n",
    "no_video.md": "---\ntitle: No video\n---\n\n## One\n\nWords [00:00:10].\n",
    "hostile.md": '---\ntitle: "<b>&amp; {{c1::x}} ]]> $(id) #let \\\\ `"\nvideoId: aqz-KE-bpKQ\n---\n\n'
    "## <script>alert(1)</script> = ; # \\ [[x]] [00:00:20]\n\n"
    "<iframe src=x> &bogus; \x0b\ufffe #panic() {{c1::y}} \\input{z}\n",
    "html.md": "---\ntitle: HTML\nvideoId: aqz-KE-bpKQ\n---\n\n"
    "## <ruby>a<rt>b</rt></ruby> 10<sup>6</sup> [00:00:10]\n\n<q>q</q> <kbd>k</kbd> <u>u</u>\n\n"
    "<details>\n<summary>s</summary>\n\n<center>c</center>\n\n</details>\n\n<dl><dt>t<dd>d</dl>\n\n"
    "<figure><table><tr><th>h<th>i<tr><td>1<td>2</table><figcaption>f</figcaption></figure>\n",
    "unicode.md": "---\ntitle: Größe, Ελλάδα, Երևան\nvideoId: aqz-KE-bpKQ\n---\n\n## Съёмка\n\nПривет [00:01:00].\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the seeds in every format in this process."""
    output = tmp_path_factory.mktemp("built")
    report = build(Request((SEEDS,), output, tuple(NAMES), jobs=1))
    assert [book.failures for book in report.books] == [{}, {}]
    return output


@pytest.fixture(scope="module")
def built_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the same in another process, with another hash seed, time zone, locale, folder and number of jobs."""
    output = tmp_path_factory.mktemp("built-elsewhere")
    script = (
        "import sys; from pathlib import Path; from convert.pipeline.run import build\n"
        "from convert.request import Request\n"
        "if __name__ == '__main__':\n"
        "    build(Request((Path(sys.argv[1]),), Path(sys.argv[2]), tuple(sys.argv[3:]), jobs=3))\n"
    )
    (output / "run.py").write_text(script)
    env = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(output / "run.py"), str(SEEDS), str(output / "out"), *NAMES]
    subprocess.run(command, cwd=output, env=env, check=True)
    return output / "out"


@every_writer
def test_name_summary_and_options_are_told(name: str) -> None:
    writer = find_writer(name)
    assert writer.name == name
    assert 10 < len(writer.summary) < 120
    assert "\n" not in writer.summary
    assert writer.options.__dataclass_params__.frozen  # type: ignore[attr-defined]
    fields = dataclasses.fields(writer.options)
    assert [field.name for field in fields if not field.metadata.get("help")] == []
    assert make_options(writer, {}) == writer.options()


@every_writer
def test_an_unknown_option_names_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError, match=f"the {name} option 'no-such-thing' is unknown: known are"):
        make_options(find_writer(name), {"no-such-thing": "1"})


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (name, field.name)
        for name in NAMES
        for field in dataclasses.fields(find_writer(name).options)
        if isinstance(field.default, (bool, int))
    ],
)
def test_a_wrong_value_is_refused(name: str, field: str) -> None:
    with pytest.raises(UsageError, match=f"{name}.{field} takes"):
        make_options(find_writer(name), {field: "perhaps"})


def test_an_unknown_writer_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'epubb' is unknown \(did you mean epub\?\).*known are .*pdf"):
        find_writer("epubb")


def test_the_default_writers_are_there() -> None:
    assert defaults() == ("epub", "pdf", "chapters", "anki")
    assert set(defaults()) <= set(NAMES)


def test_artifacts_are_well_formed(built: Path) -> None:
    artifacts = {name: data for name, data in read_all(built).items() if not name.startswith(".notebind/")}
    assert len(artifacts) > 2 * len(defaults())
    for name, data in artifacts.items():
        check(name, data)


def test_same_bytes_in_any_process(built: Path, built_elsewhere: Path) -> None:
    here, there = (without_records(read_all(output)) for output in (built, built_elsewhere))
    assert sorted(here) == sorted(there)
    assert [name for name in here if here[name] != there[name]] == []


def without_records(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the artifacts and states of writers, without the pipeline's own records."""
    memory = (".record.json", "/findings.msgpack", "/last-run.msgpack")
    return {name: data for name, data in files.items() if not name.endswith(memory)}


def test_same_bytes_again(built: Path, tmp_path: Path) -> None:
    """The second run starts from the outputs of the first, whose state is an input."""
    before = read_all(built)
    build(Request((SEEDS,), built, tuple(NAMES), jobs=1, force=True))
    after = read_all(built)
    assert [name for name in before if before[name] != after[name] and not name.startswith(".notebind/")] == []


def test_same_bytes_whatever_is_built_beside(built: Path, tmp_path: Path) -> None:
    alone = build(Request((SEEDS,), tmp_path, ("chapters",), jobs=1))
    assert {a.path: a.sha256 for a in artifacts_of(alone.books)}.items() <= hashes(built).items()


def artifacts_of(books: list[BookReport]) -> Iterator[Any]:
    return (artifact for book in books for artifact in book.artifacts)


def hashes(output: Path) -> dict[str, str]:
    from hashlib import sha256

    return {name: sha256(data).hexdigest() for name, data in read_all(output).items()}


@pytest.mark.parametrize("file", sorted(ODD_NOTES))
def test_odd_notes_end_in_every_format(file: str, tmp_path: Path) -> None:
    note = tmp_path / "odd" / file
    note.parent.mkdir()
    note.write_text(ODD_NOTES[file], "utf-8")
    report = build(Request((note.parent,), tmp_path / "out", tuple(NAMES), jobs=1))
    assert [book.failures for book in report.books] == [{}]
    for artifact in artifacts_of(report.books):
        check(artifact.path, (tmp_path / "out" / artifact.path).read_bytes())


@every_writer
def test_a_failure_leaves_what_was_there(name: str, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that fails in the middle saves no new file, and the other formats are made."""
    before = read_all(built)
    writer = find_writer(name)

    def breaks(*_: object) -> Iterator[Artifact]:
        yield Artifact("half.txt", b"half")
        raise RuntimeError("out of paper")

    monkeypatch.setattr(type(writer), "assemble", breaks)
    other = next(one for one in ("chapters", "epub") if one != name)
    report = build(Request((SEEDS,), built, (name, other), jobs=1, force=True))
    assert [list(book.failures) for book in report.books] == [[name], [name]]
    assert all("out of paper" in book.failures[name] for book in report.books)
    assert {artifact.writer for artifact in artifacts_of(report.books)} == {other}
    assert read_all(built).keys() == before.keys()
    assert report.failed()


@every_writer
def test_a_folder_in_the_way_is_moved_aside(name: str, built: Path, tmp_path: Path) -> None:
    """Nothing in it is lost, a warning names it, and no temporary file is left."""
    own = [a.path for a in artifacts_of(build(Request((SEEDS,), tmp_path / "a", (name,), jobs=1)).books)]
    blocked = tmp_path / "b" / own[0]
    (blocked / "in-the-way").mkdir(parents=True)
    report = build(Request((SEEDS,), tmp_path / "b", (name,), jobs=1))
    assert not report.failed()
    assert next(one.code for one in report.all_diagnostics() if own[0] in str(one)) == "artifact-moved"
    assert (tmp_path / "b" / own[0]).is_file()
    assert len([*(tmp_path / "b").rglob("*.kept*/in-the-way")]) == 1
    assert [path for path in read_all(tmp_path / "b") if path.endswith(".tmp")] == []


def test_a_plug_in_is_a_writer_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe "Add a writer in one file" in CONTRIBUTING.md works as it is written."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    source = text.split("```python\n", 1)[1].split("```", 1)[0]
    (tmp_path / "titles.py").write_text(source, "utf-8")
    monkeypatch.setattr("convert.writers.__path__", [*convert.writers.__path__, str(tmp_path)])
    monkeypatch.setattr("convert.writers.built_in", convert.writers.built_in.__wrapped__)
    report = build(Request((SEEDS,), tmp_path / "out", ("titles",), jobs=1))
    assert [book.failures for book in report.books] == [{}, {}]
    assert "Sintel and the dragon\n" in (tmp_path / "out" / "open_movies.titles.txt").read_text("utf-8")


def test_options_carry_their_help() -> None:
    field: Any = option(3, "how many")
    assert field.metadata["help"] == "how many"


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("epub", "cover", "gone.png"),
        ("epub", "css", "gone.css"),
        ("pdf", "font-path", "gone"),
        ("pdf", "paper", "a9"),
        ("pdf", "pdf_margin", "wide"),
        ("pdf", "pdf_engine", "quill"),
    ],
)
def test_what_is_no_value_is_said_before_any_work(tmp_path: Path, name: str, option: str, value: str) -> None:
    """It is reported once, in the words of the command line, and not once for each book."""
    request = Request((SEEDS,), tmp_path / "out", writers=("chapters", name), options={name: {option: value}})
    with pytest.raises(UsageError, match=rf"^--{option.replace('_', '-')} .*{value}"):
        build(request)
    assert not list((tmp_path / "out").glob("[!.]*"))


class Bare:
    """A writer of another package that has no base class and declares one optional attribute."""

    name = "bare"
    summary = "Nothing but what a writer has to have"
    options = dataclasses.make_dataclass("BareOptions", [], frozen=True)
    downloads = (Download(".bare", "Bare"),)

    def part(self, note: Any, job: Any) -> bytes:
        return b"x"

    def assemble(self, parts: Any, job: Any) -> Iterator[Artifact]:
        yield Artifact(f"{job.book.name}.bare", b"".join(parts))


def test_a_writer_without_the_base_class_has_its_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = completed(Bare())
    assert (bare.name, bare.runs_last, bare.slow, bare.folders) == ("bare", False, False, ())
    assert not bare.wants_transcripts(bare.options())
    assert not bare.outside_files(bare.options())
    every = dict(writers()) | {"bare": bare}
    monkeypatch.setattr(convert.writers, "writers", lambda: every)
    report = build(Request((SEEDS,), tmp_path, ("html", "bare"), jobs=1))
    assert [book.failures for book in report.books] == [{}, {}]
    assert (tmp_path / "open_movies.bare").read_bytes().strip(b"x") == b""
    front = (tmp_path / "open_movies.html" / "index.html").read_text("utf-8")
    assert '<a href="../open_movies.bare" download="download">Bare</a>' in front
