"""Tests that decks which others made or damaged are one clear line, in little time and memory, and harm no new deck."""

from __future__ import annotations

import io
import json
import random
import resource
import signal
import sqlite3
import struct
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from convert.workers.pool import TookTooLong, time_limit
from convert.writers.anki.deck_cards import DeckCard
from convert.writers.anki.identity import LAST_MOD, KnownCard, Manifest, key_of, successors
from convert.writers.anki.reading import read_package
from tests.support.anki_cases import Deck, note, paragraph, section

NOTE = [note(section("Light", paragraph("What is a lamp?::The sun", 10_000)))]
SOUND = Deck(NOTE)
MID = 1_763_810_000_101
LONGEST_S, MOST_KB = 10, 450_000
"""For making and reading a deck in this process."""


def archive(
    collection: bytes, name: str = "collection.anki2", kind: int = zipfile.ZIP_DEFLATED, **more: bytes
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as file:
        file.writestr(name, collection)
        for other, data in more.items():
            file.writestr(other, data)
    return target.getvalue()


def collection(*statements: str, values: tuple[Any, ...] = ()) -> bytes:
    """Return the collection of a sound deck after some statements; the last one has the values."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "c")
        path.write_bytes(zipfile.ZipFile(io.BytesIO(SOUND.package)).read("collection.anki2"))
        database = sqlite3.connect(path, isolation_level=None)
        for number, statement in enumerate(statements, 1):
            database.execute(statement, values if number == len(statements) else ())
        database.close()
        return path.read_bytes()


def changed(*statements: str, values: tuple[Any, ...] = ()) -> bytes:
    return archive(collection(*statements, values=values))


def instead_of_notes(statement: str) -> bytes:
    return changed("alter table notes rename to others", statement)


def with_patches(data: bytes, *patches: tuple[bytes, int, bytes]) -> bytes:
    """Return an archive with bytes at an offset behind each occurrence of a signature replaced."""
    result = bytearray(data)
    for signature, offset, new in patches:
        at = result.find(signature)
        while at >= 0:
            result[at + offset : at + offset + len(new)] = new
            at = result.find(signature, at + 1)
    return bytes(result)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm signal")
def test_the_end_of_the_time_is_no_damage_of_a_deck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.writers.anki.reading._collection", lambda _: time.sleep(5))
    with pytest.raises(TookTooLong), time_limit(0.05):
        read_package(SOUND.package)


LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select x as id, x as guid"


def many_files() -> bytes:
    entry = CENTRAL + bytes(24) + struct.pack("<HHH", 1, 0, 0) + bytes(12) + b"a"
    directory = entry * 1_000_000
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    return directory + end


def many_tables() -> bytes:
    rows = "with recursive c(x) as (select 10 union all select x + 1 from c limit 400000) insert into sqlite_master"
    return changed(
        "pragma writable_schema = 1",
        f"{rows} select 'table', 't' || x, 't' || x, 2, 'create table t' || x || '(a)' from c",
    )


def large_card_count() -> bytes:
    rows = "with recursive c(x) as (select 10 union all select x + 1 from c limit 600000) insert into notes"
    return changed(f"{rows} select x, 'a', {MID}, 1, 0, '', '', 0, 0, 0, '' from c")


MEMORY = {"base": 1, "cards": [["k", '"><script>', "d", 1, "o", "basic", None, "w", True]]}

HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"not an archive",
    "end of an archive alone": lambda: b"PK\5\6" + bytes(18),
    "archive cut short": lambda: SOUND.package[:-40],
    "archive without its middle": lambda: SOUND.package[:200] + SOUND.package[400:],
    "no collection": lambda: archive(b"", "other"),
    "new collection only": lambda: archive(b"\x28\xb5\x2f\xfd", "collection.anki21b", meta=b"\x08\x03"),
    "empty collection": lambda: archive(b""),
    "no database": lambda: archive(b"SQLite format 3\0"),
    "random pages": lambda: archive(collection()[:100] + bytes(range(256)) * 80),
    "cut database": lambda: archive(collection()[:5000]),
    "journal of another kind": lambda: archive(collection()[:18] + b"\2\2" + collection()[20:]),
    "encrypted": lambda: with_patches(SOUND.package, (LOCAL, 6, b"\1\0"), (CENTRAL, 8, b"\1\0")),
    "unknown compression": lambda: with_patches(SOUND.package, (LOCAL, 8, b"\x63\0"), (CENTRAL, 10, b"\x63\0")),
    "bzip2": lambda: archive(collection(), kind=zipfile.ZIP_BZIP2),
    "lzma": lambda: archive(collection(), kind=zipfile.ZIP_LZMA),
    "wrong check sum": lambda: with_patches(SOUND.package, (LOCAL, 14, b"abcd"), (CENTRAL, 16, b"abcd")),
    "wrong size": lambda: with_patches(SOUND.package, (CENTRAL, 24, b"\1\0\0\0")),
    "bomb": lambda: archive(bytes(150_000_000)),
    "bomb with a small size": lambda: with_patches(archive(bytes(150_000_000)), (CENTRAL, 24, b"\xff\xff\0\0")),
    "million files": many_files,
    "blob as fields": lambda: changed("update notes set flds = x'00ff'"),
    "fields not UTF-8": lambda: changed("update notes set flds = cast(x'ff1f1f1f1f' as text)"),
    "blob as tags": lambda: changed("update notes set tags = x'00ff'"),
    "number as fields": lambda: instead_of_notes(
        f"create table notes as select 1 id, 2 guid, {MID} mid, 3 mod, 4 flds"
    ),
    "null as GUID": lambda: instead_of_notes(
        f"create table notes as select 1 id, null guid, {MID} mid, 3 mod, 'a' flds, '' tags"
    ),
    "markup as GUID": lambda: changed("update notes set guid = '\"><script>alert(1)</script>'"),
    "GUID with a line end": lambda: changed("update notes set guid = 'aaaaaaaaaaaaaaaaaaaaaa' || char(10)"),
    "date beyond Anki's": lambda: changed("update notes set mod = 9223372036854775807"),
    "negative date": lambda: changed("update notes set mod = -5"),
    "few fields": lambda: changed("update notes set flds = 'a'"),
    "many fields": lambda: changed("update notes set flds = ?", values=("\x1f" * 100_000,)),
    "no col": lambda: changed("delete from col"),
    "two col": lambda: changed(
        "insert into col select 2, crt, mod, scm, 11, 0, 0, 0, conf, models, decks, dconf, tags from col"
    ),
    "settings a list": lambda: changed("update col set conf = '[]'"),
    "settings nested": lambda: changed("update col set conf = ?", values=('{"a":' * 100_000,)),
    "memory of another kind": lambda: changed("update col set conf = '{\"notebind\": [1]}'"),
    "memory with markup": lambda: changed("update col set conf = ?", values=(json.dumps({"notebind": MEMORY}),)),
    "decks a list": lambda: changed("update col set decks = '[]'"),
    "decks null": lambda: changed("update col set decks = 'null'"),
    "decks a blob": lambda: changed("update col set decks = x'ff7d'"),
    "decks nested": lambda: changed("update col set decks = ?", values=("[" * 200_000,)),
    "deck without a name": lambda: changed("update col set decks = '{\"1\": {}}'"),
    "deck with a name that is a number": lambda: changed('update col set decks = \'{"1": {"name": 5}}\''),
    "deck with an endless number": lambda: changed(
        "update col set decks = ?", values=(json.dumps({"9" * 9000: {"name": "a"}}),)
    ),
    "endless view": lambda: instead_of_notes(
        f"create view notes as {ENDLESS}, {MID} as mid, 1 as mod, '' as flds, '' as tags from c"
    ),
    "view of cards": lambda: changed(
        "alter table cards rename to b", f"create view cards as {ENDLESS}, 1 nid, 1 did from c"
    ),
    "view beside": lambda: changed(f"create view more as {ENDLESS} from c"),
    "trigger": lambda: changed("create trigger t after insert on notes begin delete from col; end"),
    "computed column": lambda: instead_of_notes(
        "create table notes (id integer primary key, guid text as (hex(zeroblob(100000000))), mid, mod, flds, tags)"
    ),
    "costly comparison": lambda: instead_of_notes(
        "create table notes (id integer primary key, mid, mod, flds, tags,"
        f" guid text as ('{'a' * 900}' like '{'%a' * 40}b'))"
    ),
    "virtual table": lambda: instead_of_notes("create virtual table notes using fts5(id, guid, mid, mod, flds, tags)"),
    "no table": lambda: changed("drop table cards"),
    "other columns": lambda: instead_of_notes("create table notes (id integer primary key)"),
    "hundreds of thousands of tables": many_tables,
    "longest row": lambda: changed("update notes set flds = ?", values=("x" * 20_000_000,)),
    "hundreds of thousands of cards": large_card_count,
    "other number for a page": lambda: archive(collection()[:4096] + bytes(4096) + collection()[8192:]),
}


def lie_about_a_view() -> bytes:
    """Return a deck whose list of tables says that the view is another table."""
    view = f"create view notes as {ENDLESS}, {MID} as mid, 1 as mod, '' as flds, '' as tags from c"
    return changed(
        "alter table notes rename to others",
        view,
        "pragma writable_schema = 1",
        "update sqlite_master set type = 'table', rootpage = 2, name = 'notes' where name = 'notes'",
    )


HOSTILE["view that says it is a table"] = lie_about_a_view


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_deck_is_one_line_and_the_new_deck_is_made_without_it(name: str) -> None:
    data = HOSTILE[name]()
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=r"^not a deck that can be read: [^\n]+\Z") as caught:
        read_package(data)
    assert time.process_time() - began < LONGEST_S
    assert len(str(caught.value)) < 300
    made = Deck(NOTE, previous_artifact=lambda _: data)
    assert made.codes().count("deck-memory-lost") == 1
    assert made.package == SOUND.package
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < MOST_KB


@pytest.mark.parametrize(
    "harmless",
    [
        changed("update cards set nid = 5"),
        changed("delete from notes"),
        changed("update notes set mid = 'x'"),
        archive(collection(), media=b"\0nonsense", **{"0": b"x" * 1000}),
        changed("create index i on notes (usn)"),
    ],
)
def test_a_deck_that_holds_no_card_or_more_files_is_read(harmless: bytes) -> None:
    assert len(read_package(harmless)) in (0, 2)


TWO = [
    note(section("Light", paragraph("What is a lamp?::The sun", 10_000), paragraph("What is a moon?::A rock", 900_000)))
]


def guids(deck: Deck) -> list[str]:
    return [one.guid for one in read_package(deck.package)]


def memory(deck: Deck) -> Manifest:
    return msgspec.msgpack.decode(deck.state, type=Manifest)


@pytest.mark.parametrize("which", ["one for all", "of a new card", "of a vanished one"])
def test_no_memory_gives_two_cards_one_guid(which: str) -> None:
    sound = Deck(TWO)
    known = memory(sound)
    first, second = known.cards[:2]
    if which == "one for all":
        first.guid = second.guid = "A" * 22
    elif which == "of a new card":
        first.guid = second.key
        known.cards = [first]
    else:
        known.cards = [first, msgspec.structs.replace(second, key="other", gone=True)]
    deck = Deck(TWO, previous=msgspec.msgpack.encode(known))
    assert len(set(guids(deck))) == len(guids(deck)) == len(guids(sound)) > 1
    assert len({card.guid for card in memory(deck).cards}) == len(memory(deck).cards)
    assert guids(Deck(TWO, previous=deck.state)) == guids(deck)
    assert guids(deck)[0] == first.guid


def test_a_card_of_the_last_date_can_still_change() -> None:
    known = memory(SOUND)
    for card in known.cards:
        card.mod, card.digest = LAST_MOD, "other"
    deck = Deck(NOTE, previous=msgspec.msgpack.encode(known))
    again = Deck(NOTE, previous=deck.state)
    assert "deck-memory-lost" not in again.codes()
    assert guids(again) == guids(deck)
    assert read_package(deck.package)[0].mod == LAST_MOD


def marked(front: str, start_ms: int | None = None) -> DeckCard:
    return DeckCard(
        kind="basic", rule="marked", owner="youtube:aaaaaaaaaaa", anchor=front, fields=(), tags=(), words=front[:80],
        start_ms=start_ms, path="a.md", line=1,
    )  # fmt: skip


def continued(before: list[DeckCard], after: list[DeckCard]) -> dict[str, str]:
    """Return what reworded cards continue: fronts by fronts."""
    told = [(key_of(one), one) for one in before]
    known = {key: KnownCard(key, key, "", 0, one.owner, one.kind, one.start_ms, one.words) for key, one in told}
    found = successors(after, keys := [key_of(one) for one in after], known)
    fronts = {key_of(one): one.anchor for one in before}
    return {one.anchor: fronts[found[key].key] for one, key in zip(after, keys, strict=True) if key in found}


WORDS = (
    "model",
    "bone",
    "light",
    "river",
    "tower",
    "engine",
    "bridge",
    "garden",
    "castle",
    "window",
    "copper",
    "signal",
)


def test_many_reworded_cards_each_continue_their_own_in_little_time() -> None:
    chance = random.Random(1)
    said = [f"{' '.join(chance.choices(WORDS, k=4))} {number}?" for number in range(3_000)]
    begun = time.process_time()
    found = continued([marked(f"What is {one}") for one in said], [marked(f"Tell me, who is {one}") for one in said])
    assert found == {f"Tell me, who is {one}": f"What is {one}" for one in said}
    assert time.process_time() - begun < 20


DENSE = {
    "one letter": lambda number: f"{'a' * 70}{number}",
    "two letters": lambda number: f"{'aab' * 24}{number}",
    "swapped": lambda number: f"{'ab' * 30}{'ba' * 5}{number}",
    "one letter and others": lambda number: "".join("a" + chr(0x4E00 + (number * 7 + at) % 9_000) for at in range(40)),
    "the same words": lambda number: f"{'the sea ' * 9}{number}",
    "digits": lambda number: f"{number:080b}",
    "blanks": lambda number: f"_ {'_ ' * 30}{number}",
}


@pytest.mark.parametrize("name", DENSE)
def test_fronts_that_repeat_themselves_take_little_time(name: str) -> None:
    front = DENSE[name]
    begun = time.process_time()
    continued(
        [marked(front(number)) for number in range(1_500)],
        [marked("x" + front(number)[::-1]) for number in range(1_500)],
    )
    assert time.process_time() - begun < 10


def test_of_many_cards_only_one_of_about_the_same_time_is_continued() -> None:
    before = [marked(f"What is the tower number {number} of the town?", number * 20_000) for number in range(500)]
    after = [marked(f"Which is the tower {number} of the town?", (499 - number) * 20_000) for number in range(500)]
    found = continued(before, after)
    assert len(found) == 500
    assert all(one.split()[-4] == str(499 - int(new.split()[4])) for new, one in found.items())
