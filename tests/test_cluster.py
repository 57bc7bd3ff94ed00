"""Tests builds on a real Dask cluster and a real S3 server: same bytes, no shared disk, survival of lost workers."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from convert.errors import NotebindError, SaveError, ToolError, UsageError
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Progress, Request
from convert.storage.location import read, storage_at
from convert.storage.object_store import Store
from convert.workers import dask, pool
from tests.support.cluster import Cluster, cluster, s3
from tests.support.needs import ROOT, needs
from tests.support.pictures import drawn
from tests.support.vaults import lay_out, note

pytestmark = needs("distributed", "s3fs", "moto", "flask")

FORMATS = ("epub", "chapters", "anki")
FILES = {
    f"channel-{book:02}/note-{number}.md": note(
        "\n\n".join(f"## Part {part} [00:0{part}:10]\n\n" + "word " * 200 for part in range(1, 7)),
        video=f"vid{book:04}{number:04}",
    )
    for book in range(12)
    for number in range(4)
}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Yield the address of an empty bucket, which the environment leads to."""
    with s3() as found, pytest.MonkeyPatch.context() as patch:
        for name, value in found.items():
            patch.setenv(name, value)
        import boto3

        boto3.client("s3").create_bucket(Bucket="shelf")
        yield "s3://shelf"


@pytest.fixture(scope="module")
def two(bucket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster") / "two") as found:
        yield found


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[Cluster]:
    """Run a cluster that gives up a task as soon as one worker has died of it."""
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0", "PYTHONPATH": str(ROOT)}
    with cluster(tmp_path / "frail", 3, settings) as found:
        yield found


def put(folder: Path, address: str) -> None:
    files = (path for path in folder.rglob("*") if path.is_file())
    Store(address).write_all({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


def run(notes: Path | str, output: Path | str, executor: str = "", tell: Any = None, **settings: Any) -> Report:
    request = Request((notes,), output, FORMATS, executor=executor, **{"jobs": 1, **settings})
    return build(request, tell or (lambda _: None))


def sums(report: Report) -> dict[str, str]:
    assert not report.failed(), [book.failures for book in report.books]
    return {one.path: one.sha256 for book in report.books for one in book.artifacts}


def unchanged(report: Report) -> dict[str, list[str]]:
    return {book.name: book.unchanged for book in report.books}


def once(when: Callable[[Progress], bool], act: Callable[[], object]) -> Callable[[Progress], None]:
    """Return a `tell` that acts once, at the first step for which `when` is true."""
    waiting = [act]

    def tell(event: Progress) -> None:
        if waiting and when(event):
            waiting.pop()()

    return tell


def amid_the_books(event: Progress) -> bool:
    return event.stage == "build" and 0 < event.done < event.total


# Same bytes


def test_from_store_to_store_without_a_shared_disk(two: Cluster, bucket: str, tmp_path: Path) -> None:
    put(ROOT / "seeds", f"{bucket}/seeds")
    here, there = run(ROOT / "seeds", tmp_path / "out"), run(f"{bucket}/seeds", f"{bucket}/out", two.address)
    assert sums(there) == sums(here)
    found = {one: read(one) for one in Store(f"{bucket}/out").find() if "/." not in one}
    files = (path for path in (tmp_path / "out").rglob("*") if path.is_file() and ".notebind" not in path.parts)
    assert found == {f"{bucket}/out/{path.relative_to(tmp_path / 'out')}": path.read_bytes() for path in files}
    assert not [*two.folder.glob("worker-*/*"), *two.folder.glob("s3:*")]


def test_what_has_not_changed_in_a_store_is_not_made_again(two: Cluster, bucket: str, tmp_path: Path) -> None:
    notes, output = f"{bucket}/again", f"{bucket}/again/out"
    put(lay_out(tmp_path, dict(list(FILES.items())[:8])), notes)
    run(notes, output, two.address)
    every = list(FORMATS)
    assert unchanged(run(notes, output, two.address)) == {"channel-00": every, "channel-01": every}
    Store(notes).write_all({"channel-00/note-0.md": FILES["channel-00/note-0.md"].replace("word", "ward").encode()})
    assert unchanged(run(notes, output)) == {"channel-00": [], "channel-01": every}
    Store(output).write("channel-01.epub", b"torn")
    assert unchanged(run(notes, output))["channel-01"] == ["chapters", "anki"]
    for number in range(4):
        Store(notes).remove(f"channel-00/note-{number}.md")
    assert {record.book for record in run(notes, output).gone} == {"channel-00"}
    run(notes, output, prune=True)
    assert not [one for one in Store(output).find() if "channel-00" in one]


def test_pictures_of_this_machine_reach_a_store(bucket: str, tmp_path: Path) -> None:
    lay_out(tmp_path / "films", {"a.md": note("![](sea.png) [00:00:05]"), "sea.png": drawn()})
    (book,) = run(tmp_path / "films", f"{bucket}/pictures").books
    assert not book.failures
    with zipfile.ZipFile(BytesIO(Store(f"{bucket}/pictures").read("films.epub"))) as epub:
        assert [name for name in epub.namelist() if name.endswith(".png")]


def test_odd_names_in_a_store(bucket: str, tmp_path: Path) -> None:
    names = (
        "a*b?.md",
        "[c].md",
        "d e+%41.md",
        "é::f.md",
        "#g.md",
        "node_modules/h.md",
        ".i/j.md",
        "k.png",
        "l/pyvenv.cfg",
        "logseq/config.edn",
        "logseq/bak/o.md",
    )
    Store(f"{bucket}/odd").write_all({name: note("[00:00:05]").encode() for name in names})
    Store(bucket).write_all({"odd/l/m.md": b"x", "oddly/n.md": note("[00:00:05]").encode()})
    (book,) = run(f"{bucket}/odd", tmp_path / "out").books
    assert sorted(entry.path.rpartition("/")[2] for entry in book.book.summaries()) == sorted(names[:5])


def test_paths_of_a_disk_that_all_share(two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path / "notes", FILES)
    assert sums(run("notes", "out", two.address)) == sums(run("notes", "local"))
    assert not list((tmp_path / "out").rglob("*.tmp"))


# Lost workers


def test_a_worker_killed_amid_the_books_costs_nothing(frail: Cluster, tmp_path: Path) -> None:
    lay_out(tmp_path / "notes", FILES)
    killed = once(amid_the_books, lambda: frail.workers[0].kill())
    assert sums(run(tmp_path / "notes", tmp_path / "out", frail.address, killed)) == sums(
        run(tmp_path / "notes", tmp_path / "local")
    )
    assert frail.workers[0].wait(5)


def die() -> None:
    os._exit(1)


def answer() -> int:
    return 42


def test_a_task_that_kills_its_workers_fails_alone(frail: Cluster) -> None:
    results: list[Any] = []
    there = dask.Cluster(frail.address)
    tasks = pool.Schedule(there.executor, 4, there.check_workers)

    def start(function: Callable[[], Any]) -> Callable[[], None]:
        task = pool.Task(function, (), results.append, lambda error: results.append(str(error)))
        return lambda: tasks.submit(task)

    tasks.run([start(answer), start(die), start(answer), start(answer)])
    tasks.close()
    there.close()
    assert results.count(42) == 3
    (said,) = (result for result in results if result != 42)
    assert "its workers died one after another" in said
    assert [worker.poll() for worker in frail.workers].count(1) == 2


@pytest.mark.parametrize(
    ("lost", "said"), [("workers", "no worker is left: start some"), ("scheduler", "the scheduler is gone: start it")]
)
def test_a_cluster_that_is_gone_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], lost: str, said: str
) -> None:
    monkeypatch.setattr(dask, "PATIENCE_S", 0.5)
    monkeypatch.setattr(pool, "CHECK_S", 0.2)
    lay_out(tmp_path / "notes", FILES)
    with cluster(tmp_path / "one", 1) as found:
        kill = {"workers": found.workers[0].kill, "scheduler": found.scheduler.kill}[lost]
        with pytest.raises(ToolError, match=said):
            run(tmp_path / "notes", tmp_path / "out", found.address, once(amid_the_books, kill))
    assert capfd.readouterr().err == ""
    report = run(tmp_path / "notes", tmp_path / "out")
    assert sum(map(bool, unchanged(report).values())) >= 1
    assert sums(report) == sums(run(tmp_path / "notes", tmp_path / "local"))


# Addresses


@pytest.mark.parametrize("address", ["nowhere", "dask://", "dask://host", "dask://host:99999", "tcp://127.0.0.1:8786"])
def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path, address: str) -> None:
    with pytest.raises(UsageError, match="write it as dask://HOST:PORT"):
        run(ROOT / "seeds", tmp_path / "out", address)


def test_nobody_at_the_address_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"127\.0\.0\.1:9: no Dask scheduler answers there \(Connection refused\)"):
        run(ROOT / "seeds", tmp_path / "out", "dask://127.0.0.1:9")


def test_a_server_that_is_no_scheduler(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "CONNECT_S", 1)
    address = os.environ["AWS_ENDPOINT_URL"].replace("http", "dask")
    with pytest.raises(ToolError, match="no Dask scheduler answers there"):
        run(ROOT / "seeds", tmp_path / "out", address)


def test_workers_that_differ_are_refused(two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "versions", lambda: ["notebind 0.0.1"])
    with pytest.raises(ToolError, match=r"the worker has notebind .*, this machine notebind 0\.0\.1"):
        run(ROOT / "seeds", tmp_path / "out", two.address)


def test_a_bucket_that_is_not_there(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="there is no s3://other: make it"):
        storage_at("s3://other/out").check_writable()
    report = run("s3://other/notes", tmp_path / "out")
    assert [found.code for found in report.diagnostics] in (["file-missing"], ["file-unreadable"])


@pytest.mark.parametrize(
    ("module", "places"), [("distributed", ("seeds", "dask://127.0.0.1:9")), ("fsspec.core", ("s3://elsewhere/x", ""))]
)
def test_without_the_extra_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, places: tuple[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(NotebindError, match=r"pip install 'notebind\[cluster\]'"):
        run(places[0], tmp_path / "out", places[1])


def test_an_ordinary_build_loads_neither(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys; from pathlib import Path; from convert.pipeline.run import build\n"
        "from convert.request import Request\n"
        f"build(Request((Path('seeds'),), Path({str(tmp_path)!r}), ('chapters',), jobs=1)); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {"distributed", "dask", "fsspec", "s3fs"}.isdisjoint(done.stdout.split())
