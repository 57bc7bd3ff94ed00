"""Tests what runs keep for the next one: damage, cuts, other folders and versions are seen, said once and mended."""

from __future__ import annotations

import os
import shutil
import stat
import tracemalloc
from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from random import Random

import msgspec
import pytest

from convert.errors import SaveError
from convert.pipeline.records import record_name, state_name
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.storage import sealed as seals
from convert.storage.folder import Folder
from convert.storage.sealed import ANYWHERE, Secret, UnusableError, read_sealed, seal, unseal, write_sealed
from convert.vault.discovery import find_sources
from convert.vault.scan import ScanCache
from tests.support.artifacts import read_all
from tests.support.pictures import SEA
from tests.support.vaults import lay_out, note
from tests.tools.flips.__main__ import flips

PIECES = [b"one", b"", b"3 end\n", bytes(range(256)) * 9]


def sealed(pieces: list[bytes], place: bytes = ANYWHERE) -> bytes:
    return b"".join(seal(pieces, place))


def unsealed(data: bytes, place: bytes = ANYWHERE) -> list[bytes]:
    return list(unseal(BytesIO(data), place))


@pytest.mark.parametrize("pieces", [[], [b""], PIECES])
def test_pieces_come_back(pieces: list[bytes]) -> None:
    assert unsealed(sealed(pieces)) == pieces
    assert unsealed(sealed(pieces), b"") == pieces


def test_a_piece_that_no_reading_would_take_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.storage.sealed._LONGEST_PIECE", 2304)
    assert unsealed(sealed(PIECES)) == PIECES
    with pytest.raises(SaveError, match="2,305 bytes are too many to keep"):
        sealed([*PIECES, bytes(2305)])


def damaged(data: bytes) -> Iterator[bytes]:
    yield from (data[:end] for end in range(len(data)))
    yield from (
        data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :] for bit in range(8 * len(data))
    )
    yield data + b"\n"
    yield data + data
    yield data[:40] + b"999999999 " + data[42:]
    yield data.replace(b"end ", b"-1 ")


def test_any_damage_is_seen() -> None:
    """Every cut and every flipped bit, anywhere."""
    for place in (ANYWHERE, b"here"):
        assert unsealed(sealed(PIECES[:3], place), place) == PIECES[:3]
        for data in damaged(sealed(PIECES[:3], place)):
            with pytest.raises(UnusableError):
                unsealed(data, place)


def test_a_file_is_good_in_its_place_alone(tmp_path: Path) -> None:
    write_sealed(Folder(tmp_path / "a"), "x/y", PIECES)
    assert list(read_sealed(Folder(tmp_path / "a"), "x/y")) == PIECES
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert list(read_sealed(Folder(tmp_path / "link"), "x/y")) == PIECES
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.copy(tmp_path / "a" / "x" / "y", tmp_path / "a" / "x" / "z")
    for folder, name in (("b", "x/y"), ("a", "x/z")):
        with pytest.raises(UnusableError):
            list(read_sealed(Folder(tmp_path / folder), name))


@pytest.fixture
def other_user(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Become a user who has run nothing yet; return the state folder."""
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setattr(seals.SECRET, "_key", b"")
    return state / "notebind"


def forgeries(data: bytes, place: bytes) -> Iterator[bytes]:
    """Yield what can be made of a sealed file, or from nothing, without the secret."""
    head, *_ = data.splitlines(keepends=True)
    yield head.replace(b"kept 2", b"kept 1") + sealed(PIECES).partition(b"\n")[2]  # plain digests of another place
    yield sealed(PIECES)  # of any folder
    digest = blake2b(head + b"forged", digest_size=16).hexdigest().encode()
    mac = blake2b(b"6 " + digest, digest_size=16).hexdigest().encode()
    for line, end in ((digest, digest), (mac, digest + b" " + mac), (b"", digest), (b"", digest + b" ")):
        yield head + b"6 " + line + b"\nforged\nend " + end + b"\n"
    lines = sealed([b"a", b"b"], place).splitlines(keepends=True)
    yield b"".join((*lines[:3], lines[-1]))  # the second piece left out
    yield b"".join((*lines[:3], *lines[1:3], *lines[3:]))  # the first twice
    yield lines[0] + b"2" + lines[3][1:] + b"ab\n" + lines[-1]  # both in one
    yield lines[0] + lines[-1]


def test_nobody_else_can_make_a_file(other_user: Path) -> None:
    for forged in forgeries(sealed(PIECES, b"here"), b"here"):
        with pytest.raises(UnusableError):
            unsealed(forged, b"here")


def test_files_of_another_user_are_whole_but_of_no_use(
    tmp_path: Path, other_user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path / "a")
    write_sealed(folder, "x", PIECES)
    write_sealed(folder, "state", PIECES, ANYWHERE)
    assert list(read_sealed(folder, "x")) == PIECES
    monkeypatch.setattr(seals.SECRET, "_key", b"another" * 4)
    with pytest.raises(UnusableError, match="of another folder or user"):
        list(read_sealed(folder, "x"))
    assert list(read_sealed(folder, "state", ANYWHERE)) == PIECES


def test_the_secret_is_made_once_and_private(other_user: Path) -> None:
    keys = {Secret().key() for _ in range(3)}
    assert keys == {(other_user / "secret").read_bytes()}
    assert len(keys.pop()) == 32
    assert stat.S_IMODE((other_user / "secret").stat().st_mode) == 0o600
    assert os.listdir(other_user) == ["secret"]


@pytest.mark.parametrize("kind", ["cut", "long", "pipe", "folder", "blocked", "relative"])
def test_a_secret_that_cannot_be_kept_is_one_of_this_run(
    other_user: Path, kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = other_user / "secret"
    if kind == "blocked":
        other_user.write_text("a file", "utf-8")
    elif kind == "relative":
        monkeypatch.setattr(seals, "user_folder", lambda _: None)
    else:
        other_user.mkdir()
        {"pipe": os.mkfifo, "folder": os.mkdir}.get(
            kind, lambda path: path.write_bytes(bytes(9 if kind == "cut" else 99))
        )(path)
    lay_out(tmp_path, FILES)
    for path in (tmp_path / "films").iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    monkeypatch.setattr("convert.pipeline.run.SECRET", secret := Secret())
    monkeypatch.setattr("convert.pipeline.report.SECRET", secret)
    monkeypatch.setattr(seals, "SECRET", secret)
    said = [one for one in run(tmp_path).diagnostics if one.code == "record-foreign"]
    assert len(secret.key()) == 32
    assert len(said) == (kind != "cut")
    assert all("set XDG_STATE_HOME" in one.message for one in said)


def test_a_record_of_another_user_replaces_and_removes_nothing(place: Path, other_user: Path) -> None:
    """As after a move to another machine: what would be made the same is ours, the rest is kept, and once."""
    wanted = artifacts(place)
    (place / "plays").mkdir()
    report = build(Request((place / "plays",), place / "output", FORMATS, jobs=1, prune=True))
    assert report.gone == []
    report = run(place)
    assert (codes(report), report.books[0].unchanged) == (["record-foreign"], [])
    found = artifacts(place)
    assert {name for name in found | wanted if found.get(name) != wanted.get(name)} == {
        ".notebind/findings.msgpack", ".notebind/pictures.msgpack",
    }  # fmt: skip
    again = run(place)
    assert (codes(again), again.books[0].unchanged) == ([], list(FORMATS))


FILES = {
    "films/a.md": note("## What is a?\n\nAn **a** is a word [00:00:10]. ![](p.png)\n"),
    "films/p.png": SEA,
    "films/b.md": note("## B [00:00:20]\n\nA **b** is the next word [00:00:30].\n", video="eRsGyueVLvQ"),
}
FORMATS = ("epub", "chapters", "anki", "html")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with notes that were written long ago, and their outputs."""
    lay_out(tmp_path, FILES)
    for path in (tmp_path / "films").iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    run(tmp_path)
    return tmp_path


def run(place: Path, output: str = "output") -> Report:
    return build(Request((place / "films",), place / output, FORMATS, jobs=1))


def kept(place: Path) -> list[Path]:
    return sorted((place / "output" / ".notebind").iterdir())


def artifacts(place: Path, output: str = "output") -> dict[str, bytes]:
    """Return all files but those that hold the times of others."""
    files = read_all(place / output)
    return {name: data for name, data in files.items() if not name.endswith((".record.json", "last-run.msgpack"))}


def codes(report: Report) -> list[str]:
    return [one.code for one in report.diagnostics]


def test_each_kind_of_file_is_kept(place: Path) -> None:
    names = {path.name.partition(".")[2] for path in kept(place)}
    assert {path.name for path in kept(place) if path.suffix == ".msgpack"} == {
        "findings.msgpack", "last-run.msgpack", "pictures.msgpack",
    }  # fmt: skip
    assert {"anki.state", "anki.record.json", "epub.record.json"} < names


DAMAGES = ("flip", "cut", "empty", "older", "zeros", "folder", "link", "pipe")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_said_once_and_mended(place: Path, damage: str) -> None:
    wanted, chance = artifacts(place), Random(5)
    for path in kept(place):
        data = path.read_bytes()
        path.unlink()
        if damage == "folder":
            path.mkdir()
        elif damage == "link":
            path.symlink_to(place / "films" / "a.md")
        elif damage == "pipe":
            os.mkfifo(path)
        else:
            path.write_bytes(changed(data, damage, chance))
        report = run(place)
        assert not report.failed()
        assert codes(report) == ["record-unusable"], path.name
        assert path.name in report.diagnostics[0].message
        assert codes(run(place)) == []
        if not path.name.endswith(".state"):  # the deck is asked for a lost state
            assert artifacts(place) == wanted, path.name
        assert all(book.unchanged for book in run(place).books)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_in_place_of_what_is_kept_is_put_aside_and_said_once(place: Path, force: bool) -> None:
    names = [path.name for path in kept(place)]
    for path in kept(place):
        path.unlink()
        lay_out(path, {"mine.txt": "my novel"})
    report = build(Request((place / "films",), place / "output", FORMATS, jobs=1, force=force))
    assert (report.failed(), codes(report)) == (False, ["record-unusable"])
    assert "a folder, which is kept under a name with `.kept`" in report.diagnostics[0].message
    for name in names:
        stem, suffix = os.path.splitext(name)
        assert (place / "output" / ".notebind" / name).is_file()
        assert (place / "output" / ".notebind" / f"{stem}.kept{suffix}" / "mine.txt").read_text() == "my novel"
    again = run(place)
    assert codes(again) == []
    assert all(book.unchanged for book in again.books)


def changed(data: bytes, damage: str, chance: Random) -> bytes:
    if damage == "flip":
        at = chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    return {"cut": data[: len(data) // 2], "empty": b"", "older": data.partition(b"\n")[2], "zeros": bytes(99)}[damage]


def test_flipped_bits_harm_no_run() -> None:
    """The next run equals an undisturbed one; `make flips` does this two thousand times."""
    assert flips(26, seed=12) == {}


def test_a_moved_output_is_made_once_and_said_once(place: Path) -> None:
    wanted = artifacts(place)
    (place / "output").rename(place / "moved")
    report = run(place, "moved")
    assert codes(report) == ["record-foreign"]
    assert "and 4 more" in report.diagnostics[0].message
    assert report.books[0].unchanged == []
    assert artifacts(place, "moved").keys() == wanted.keys()
    for name in ("films.apkg", ".notebind/films.anki.state"):
        assert artifacts(place, "moved")[name] == wanted[name]
    again = run(place, "moved")
    assert (codes(again), again.books[0].unchanged) == ([], list(FORMATS))


def test_a_result_that_is_kept_is_no_note(tmp_path: Path) -> None:
    text = note("".join(f"## Part {number} [00:0{number}:00]\n\nText.\n\n" for number in range(4)))
    for number in range(3):
        lay_out(tmp_path, {"films/a.md": text.replace("Part", f"Part {number}")})
        run(tmp_path, "films/out")
        (result,) = tmp_path.glob("films/out/films.chapters/*.youtube.txt")
        result.write_text(f"0:00 A start\n0:1{number} An end\n0:30 More\n", "utf-8")
    kept = [path.name.partition(".")[2] for path in result.parent.glob("*.kept*")]
    assert sorted(kept) == ["youtube.kept-2.txt", "youtube.kept.txt"]
    assert [(book.name, book.size) for book in run(tmp_path).books] == [("films", 1)]
    lay_out(tmp_path, {"films/mine.kept.md": note("## Mine [00:00:10]\n")})
    assert [(book.name, book.size) for book in run(tmp_path).books] == [("films", 2)]


def test_a_copied_record_hides_no_note_elsewhere(place: Path) -> None:
    """Records beside notes tell what is no note, wherever they were made, but of nothing outside their folder."""
    run(place, "films/out")
    record = place / "films" / "out" / ".notebind" / "films.chapters.record.json"
    for data in (record.read_bytes(), b"{", b""):
        shutil.copytree(place / "films" / "out", place / "films" / "copied", dirs_exist_ok=True)
        (place / "films" / "copied" / ".notebind" / record.name).write_bytes(data)
        assert [(book.name, book.size) for book in run(place).books] == [("films", 2)]
        shutil.rmtree(place / "films" / "copied")
    forged = b'{"artifacts":[{"path":"../a.md"},{"path":"/etc/a.md"}]}'
    path = place / "films" / "deep" / ".notebind" / "x.chapters.record.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(seal([forged], ANYWHERE)))
    assert run(place).books[0].size == 2


def test_why_a_record_is_of_no_use_is_told(place: Path) -> None:
    """Damage is a warning, even in the place that the first line names; a record of another version is a remark."""
    records = place / "output" / ".notebind"
    for damage, code, cause in (
        (lambda data: data.replace(b"kept 2 ", b"kept 3 ", 1), "record-foreign", "of another version"),
        (lambda data: data.replace(b"kept 2 ", b"kept 1 ", 1), "record-foreign", "of another version"),
        (lambda data: b'{"fingerprint":"a","book":"films"}', "record-foreign", "of another version"),
        (lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:], "record-unusable", "damaged"),
        (lambda data: data[:-1], "record-unusable", "damaged"),
        (lambda data: b"", "record-unusable", "damaged"),
    ):
        run(place)
        for path in [*records.glob("*.record.json"), records / "last-run.msgpack"]:
            path.write_bytes(damage(path.read_bytes()))
        (said,) = run(place).diagnostics
        assert (said.code, said.message.partition(":")[0]) == (code, cause)


def test_a_cache_holds_no_more_than_there_are_notes(place: Path) -> None:
    folder = Folder(place / "output")
    sources = find_sources([place / "films"])[0]
    program, *pieces = read_sealed(folder, ".notebind/findings.msgpack")
    repairs = [msgspec.msgpack.encode(["times", str(number), []]) for number in range(1000)]
    write_sealed(folder, ".notebind/findings.msgpack", [program, *pieces, *repairs])
    cache = ScanCache(folder, sources[:1])
    assert cache.unusable == {}
    assert [cache.scan_of(one) is None for one in sources] == [False, True]
    assert sum(cache.repairs_of(str(number)) is not None for number in range(1000)) <= 1


def test_records_and_states_are_read_within_bounds(place: Path) -> None:
    """What is too long is not read at all, and never held."""
    folder = Folder(place / "output")
    for name, where in (
        (record_name("films", "epub"), b""),
        (".notebind/pictures.msgpack", b""),
        (state_name("films", "anki"), ANYWHERE),
    ):
        write_sealed(folder, name, (bytes(1 << 22) for _ in range(40)), where)
    (place / "films" / "new.md").write_text(note("## New [00:00:01]\n"), "utf-8")
    tracemalloc.start()
    report = run(place)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not report.failed()
    assert "record-unusable" in codes(report)
    assert most < 140_000_000
