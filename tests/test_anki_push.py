"""Tests pushing a deck to a running Anki, for which a server with AnkiConnect's protocol stands in."""

from __future__ import annotations

import itertools
import json
import os
import re
import time
import tracemalloc
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from convert.cli import main
from convert.errors import ToolError, UsageError
from convert.pipeline.records import Record, Saved, save_record
from convert.push import AnkiConnect, push
from convert.storage.folder import Folder
from convert.writers.anki.collection import FIELDS
from tests.support.anki_cases import Deck, note, paragraph, section
from tests.support.anki_connect import Foreign, StandIn, anki, http_reply

__all__ = ["anki"]


def deck(second: str | None = "Grass was scanned.", previous: bytes | None = None) -> Deck:
    blocks = [section("Light", paragraph("One lamp.", 1000))]
    blocks += [section("Grass", paragraph(second, 2000))] if second else []
    return Deck([note(*blocks)], previous=previous)


def saved(made: Deck, folder: Path) -> Path:
    """Save a deck with the record of its build."""
    path = folder / "films.apkg"
    path.write_bytes(made.package)
    artifact = Saved("anki", path.name, len(made.package), sha256(made.package).hexdigest(), 0)
    save_record(Folder(folder), Record("", "films", "anki", (str(folder / "films"),), (artifact,), (), {}))
    return path


def test_dry_run_asks_and_changes_nothing(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    plan = push(saved(deck(), tmp_path), client, dry_run=True)
    assert len(plan.add) == 2
    assert stand_in.asked == ["findNotes", "getActiveProfile"]
    assert stand_in.notes == {}


def test_push_adds_then_leaves_alone(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    path = saved(deck(), tmp_path)
    assert len(push(path, client).add) == 2
    plan = push(path, client)
    assert (len(plan.add), len(plan.update), len(plan.unchanged)) == (0, 0, 2)
    assert stand_in.asked.count("importPackage") == 1


def test_push_updates_in_place(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    first = deck()
    push(saved(first, tmp_path), client)
    plan = push(saved(deck("Grass was drawn.", first.state), tmp_path), client)
    assert (len(plan.add), len(plan.update), len(plan.unchanged)) == (0, 1, 1)
    assert len(stand_in.notes) == 2
    assert any("drawn" in n["fields"]["Back"]["value"] for n in stand_in.notes.values())


def test_edits_in_anki_win(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    first = deck()
    push(saved(first, tmp_path), client)
    edited = next(n for n in stand_in.notes.values() if "scanned" in n["fields"]["Back"]["value"])
    edited["fields"]["Back"]["value"], edited["mod"] = "mine", 2_000_000_000
    plan = push(saved(deck("Grass was drawn.", first.state), tmp_path), client)
    assert (len(plan.update), len(plan.edited)) == (0, 1)
    assert edited["fields"]["Back"]["value"] == "mine"


def test_vanished_cards_are_deleted_only_on_request(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    first = deck()
    push(saved(first, tmp_path), client)
    without = saved(deck(None, first.state), tmp_path)
    assert len(push(without, client).orphans) == 1
    assert len(stand_in.notes) == 2
    push(without, client, prune=True)
    assert len(stand_in.notes) == 1
    assert "deleteNotes" in stand_in.asked


def test_notes_of_other_channels_are_no_orphans(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    push(saved(deck(), tmp_path), client)
    for there in stand_in.notes.values():
        there["tags"] = ["channel::others"]
    assert push(saved(deck(None), tmp_path), client).orphans == []


def test_no_anki_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="AnkiConnect add-on"):
        push(saved(deck(), tmp_path), AnkiConnect("http://127.0.0.1:9"))


def test_refused_action_is_named(anki: tuple[StandIn, AnkiConnect]) -> None:
    with pytest.raises(ToolError, match="refused nothing: unsupported action"):
        anki[1].ask("nothing")


def test_no_package_is_one_clear_error(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="build the deck first"):
        push(tmp_path / "absent.apkg", anki[1])
    with pytest.raises(ToolError, match=r": is a folder: name the deck in it, as .*\*\.apkg\Z"):
        push(tmp_path, anki[1])


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run the command and return its exit code."""
    monkeypatch.setattr("sys.argv", ["notebind", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_build_pushes_its_decks(
    anki: tuple[StandIn, AnkiConnect],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stand_in, client = anki
    monkeypatch.setattr("convert.push.ADDRESS", client.address)
    (tmp_path / "films").mkdir()
    text = "---\nvideoId: aqz-KE-bpKQ\n---\n\nWhat is a rig?::The bones of a model\n"
    (tmp_path / "films" / "lamp.md").write_text(text)
    asked = ["build", str(tmp_path / "films"), "--output", str(tmp_path / "out"), "--jobs", "1", "--push"]
    assert run(monkeypatch, *asked, "--to", "chapters") == 2
    assert stand_in.asked == []
    assert not run(monkeypatch, *asked, "--to", "anki")
    assert "films.apkg: 1 new, 0 updated" in capsys.readouterr().out
    assert not run(monkeypatch, *asked, "--to", "anki")
    assert "films.apkg: 0 new, 0 updated, 1 unchanged" in capsys.readouterr().out
    assert stand_in.asked.count("importPackage") == 1


RIGHT = b'{"result": [], "error": null}'
FOREIGN: dict[str, Iterable[bytes]] = {
    "null": [http_reply(b"null")],
    "text": [http_reply(b'"AnkiConnect v.6"')],
    "no JSON": [http_reply(b"AnkiConnect v.6")],
    "no UTF-8": [http_reply(b'{"result": ["\xff"], "error": null}')],
    "a number": [http_reply(b"6")],
    "a list": [http_reply(b"[]")],
    "an empty object": [http_reply(b"{}")],
    "no error": [http_reply(b'{"result": []}')],
    "no result": [http_reply(b'{"error": null}')],
    "an empty result": [http_reply(b'{"result": null, "error": null}')],
    "another result": [http_reply(b'{"result": {"ids": 1}, "error": null}')],
    "ids of texts": [http_reply(b'{"result": ["1"], "error": null}')],
    "huge ids": [http_reply(b'{"result": [%s], "error": null}' % (b"9" * 5000))],
    "an error that is a list": [http_reply(b'{"result": null, "error": ["no"]}')],
    "an error that is true": [http_reply(b'{"result": null, "error": true}')],
    "deep": [http_reply(b'{"result": ' + b"[" * 100_000 + b"]" * 100_000 + b', "error": null}')],
    "too many values": [http_reply(b'{"result": [' + b"1," * 1_100_000 + b'1], "error": null}')],
    "nothing": [],
    "an empty body": [http_reply(b"")],
    "a bad status line": [b"AnkiConnect v.6\r\n\r\n" + RIGHT],
    "a status that is no number": [http_reply(RIGHT, status=b"two hundred")],
    "a short body": [http_reply(RIGHT, b"Content-Length: 5000")],
    "a shorter length": [http_reply(RIGHT, b"Content-Length: 5")],
    "a length that is no number": [http_reply(RIGHT[:-1], b"Content-Length: many")],
    "chunks of nonsense": [http_reply(b"zz\r\n" + RIGHT, b"Transfer-Encoding: chunked")],
    "a chunk that ends": [http_reply(b"ffff\r\n" + RIGHT, b"Transfer-Encoding: chunked")],
    "chunks of negative length": [http_reply(b"-5\r\n" + RIGHT, b"Transfer-Encoding: chunked")],
    "a chunk without end": [http_reply(b"-1\r\n" + RIGHT, b"Transfer-Encoding: chunked")],
    "sound chunks": [http_reply(b"1d\r\n" + RIGHT + b"\r\n0\r\n\r\n", b"Transfer-Encoding: chunked")],
    "a blank in the name of chunks": [http_reply(b"-1\r\n" + RIGHT, b"Transfer-Encoding : chunked")],
    "chunks in gzip": [http_reply(b"-1\r\n" + RIGHT, b"Transfer-Encoding: gzip, chunked")],
    "gzip": [http_reply(b"\x1f\x8b\x08\x00" * 9, b"Content-Encoding: gzip")],
    "an error of the server": [http_reply(RIGHT, status=b"500 Internal Server Error")],
    "not found": [http_reply(RIGHT, status=b"404 Not Found")],
    "many headers": [http_reply(RIGHT, *(b"X: y" for _ in range(500)))],
    "a long header": [http_reply(RIGHT, b"X: " + b"y" * 100_000)],
    "TLS": [b"\x15\x03\x03\x00\x02\x02\x28"],
    "an endless body": itertools.chain([http_reply(b"[")], itertools.repeat(b" " * 100_000)),
    "an endless status line": itertools.repeat(b"HTTP" * 10_000),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_ankiconnect_is_one_line(name: str, tmp_path: Path) -> None:
    package = saved(deck(), tmp_path)
    with Foreign(FOREIGN[name]) as server, pytest.raises(ToolError) as refused:
        push(package, AnkiConnect(server.address))
    assert str(refused.value).startswith(f"what answers at {server.address} is not AnkiConnect (")
    assert "open Anki with the AnkiConnect add-on" in str(refused.value)
    assert (str(refused.value).count("\n"), len(server.requests)) == (0, 1)


INFOS: dict[str, str] = {
    "lists": "[[1]]",
    "an id that is a text": '[{"noteId": "1"}]',
    "tags that are a text": '[{"noteId": 1, "tags": "a"}]',
    "fields that are texts": '[{"noteId": 1, "fields": {"Front": "a"}}]',
    "values that are lists": '[{"noteId": 1, "fields": {"Front": {"value": []}}}]',
    "null": "null",
    "none": "[]",
    "more than were asked for": "[{}, {}]",
}


@pytest.mark.parametrize("name", INFOS)
def test_notes_of_another_form_are_one_line(
    name: str, anki: tuple[StandIn, AnkiConnect], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, client = anki
    stand_in.notes = {1: {}}
    monkeypatch.setattr(stand_in, "notesInfo", lambda notes: json.loads(INFOS[name]))
    with pytest.raises(ToolError, match="is not AnkiConnect"):
        push(saved(deck(), tmp_path), client)
    assert "importPackage" not in stand_in.asked


def test_a_note_that_is_gone_is_none(anki: tuple[StandIn, AnkiConnect], tmp_path: Path) -> None:
    stand_in, client = anki
    stand_in.notes = {1: {}}
    assert len(push(saved(deck(), tmp_path), client, dry_run=True).add) == 2


def test_long_fields_are_read_and_longer_ones_are_not(
    anki: tuple[StandIn, AnkiConnect], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, client = anki
    path = saved(deck(), tmp_path)
    push(path, client)
    next(iter(stand_in.notes.values()))["fields"]["Back"]["value"] = "x" * 9_000_000
    assert len(push(path, client, dry_run=True).unchanged) == 1
    monkeypatch.setattr("convert.push.MOST_BYTES_OF_FIELDS", 1_000_000)
    with pytest.raises(ToolError, match="more than 1 MB"):
        push(path, client, dry_run=True)


def test_of_all_notes_in_anki_only_digests_are_kept(
    anki: tuple[StandIn, AnkiConnect], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in, client = anki
    path = saved(deck(), tmp_path)
    push(path, client)
    monkeypatch.setattr("convert.push.BATCH", 1)
    one = stand_in.notes[1000]
    guid = one["fields"][FIELDS[-1]]["value"]
    fields = {"Front": {"value": "x" * 1_000_000}}
    for number in range(2, 62):
        mine = re.sub('"nb-..', f'"nb-{number:02}', guid)
        stand_in.notes[number] = {**one, "noteId": number, "fields": {**fields, FIELDS[-1]: {"value": mine}}}
    tracemalloc.start()
    plan = push(path, client, dry_run=True)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert plan.unchanged
    assert most < 30_000_000


@pytest.mark.parametrize(
    "pieces",
    [
        [http_reply(b""), *[b"["] * 999],
        [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 99],
        [b"H", *[b"T"] * 999],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 999,
    ],
)
def test_a_server_that_drips_is_left_in_time(
    pieces: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.push.ANSWER_S", 0.6)
    with Foreign(pieces, pause_s=0.1) as server:
        began = time.monotonic()
        with pytest.raises(ToolError, match=r"does not answer .* no whole answer within 1 seconds"):
            push(saved(deck(), tmp_path), AnkiConnect(server.address))
        assert time.monotonic() - began < 5


def test_all_answers_together_have_a_limit(
    anki: tuple[StandIn, AnkiConnect], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.push.ANSWERS_S", 0)
    with pytest.raises(ToolError, match="no whole answer"):
        push(saved(deck(), tmp_path), AnkiConnect(anki[1].address))
    assert anki[0].notes == {}


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"])
def test_no_redirect_is_followed(status: bytes, tmp_path: Path) -> None:
    with Foreign([http_reply(RIGHT)]) as other:
        moved = [http_reply(b"", b"Location: " + other.address.encode(), status=status)]
        with Foreign(moved) as server, pytest.raises(ToolError, match="is not AnkiConnect"):
            push(saved(deck(), tmp_path), AnkiConnect(server.address))
        assert other.requests == []


def test_no_proxy_of_the_environment_is_asked(
    anki: tuple[StandIn, AnkiConnect], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Foreign([http_reply(RIGHT)]) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        monkeypatch.delenv("no_proxy", raising=False)
        push(saved(deck(), tmp_path), anki[1])
        assert proxy.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "ftp://127.0.0.1/x", "https://127.0.0.1:8765", "data:,{}", "127.0.0.1:8765", "http://",
        "http://user:word@127.0.0.1:8765", "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://[::1",
        "http://127.0.0.1:8765/\r\nX: y", "http://a b/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError, match="write it as http://127"):
        AnkiConnect(address)


def test_an_error_with_escapes_is_one_visible_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = json.dumps({"result": None, "error": "\x1b[31mno\nroom" + "!" * 9_000}).encode()
    with Foreign([http_reply(reply)]) as server:
        assert run(monkeypatch, "push", str(saved(deck(), tmp_path)), "--address", server.address) == 1
    said = capsys.readouterr().err
    assert said.startswith("notebind: Anki refused findNotes: \\x1b[31mno\\nroom!!")
    assert (said.count("\n"), len(said) < 400) == (1, True)


def test_a_file_that_is_no_deck_is_one_line_and_nothing_is_asked(
    anki: tuple[StandIn, AnkiConnect], tmp_path: Path
) -> None:
    stand_in, client = anki
    (tmp_path / "text.apkg").write_bytes(b"PK no archive")
    os.mkfifo(tmp_path / "pipe.apkg")
    (tmp_path / "endless.apkg").symlink_to("/dev/zero")
    for name in ("text", "pipe", "endless", "missing"):
        with pytest.raises(ToolError, match=r"\.apkg: [^\n]+; build the deck first\Z"):
            push(tmp_path / f"{name}.apkg", client)
    assert stand_in.asked == []
