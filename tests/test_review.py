"""Tests the server of `notebind review`: who may read and write, what is refused, and what a verdict says."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from convert.document.verdict import Verdict
from convert.request import Request
from convert.review.server import ReviewServer
from convert.review.session import Answer, Session
from convert.vault.vault import open_vault
from convert.vault.verdicts import read_verdicts, save_verdicts
from tests.support.command import COMMAND, environment
from tests.support.vaults import lay_out, note

VIDEOS = ("https://youtu.be/aqz-KE-bpKQ", "https://vimeo.com/76979871")
TEXT = note(
    "## The sea\n\nIn 1859 Charles Darwin published On the Origin of Species, which founded biology [00:00:40].\n\n"
    "Tides are the rise and fall of sea levels caused by the gravity of the moon [00:00:10].\n"
)


def session_of(folder: Path) -> Session:
    return Session(open_vault(Request((folder / "films",)), 1, lambda _: None), "all", 12, False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReviewServer]:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    server = ReviewServer(session_of(tmp_path))
    server.start()
    yield server
    server.close()


def ask(server: ReviewServer, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data


def verdict(server: ReviewServer, **about: object) -> bytes:
    return json.dumps({"id": next(iter(server.session.shown)), "verdict": "keep"} | about).encode()


def post(server: ReviewServer, body: bytes | None = None, path: str = "", **headers: str) -> int:
    own = {"Origin": server.address, "Content_Type": "application/json"} | headers
    told = {name: value for name, value in own.items() if value}
    return ask(server, "POST", path or f"/{server.token}/verdict", verdict(server) if body is None else body, **told)[0]


def written(folder: Path) -> list[str]:
    return [one.verdict for one in read_verdicts(str(folder / "films")).entries]


def test_the_page_and_the_cards_need_the_token(server: ReviewServer) -> None:
    for name in ("", "review.js", "review.css", "cards.json"):
        assert ask(server, "GET", f"/{server.token}/{name}")[0] == 200
        for start in ("/", f"/{server.token[:-1]}/", f"/{server.token}x/", "/%ff/", f"/{server.token}"):
            assert ask(server, "GET", start + name)[0] == 404
    for path in ("review.html", "../server.py", "%2e%2e/server.py", "session.py", "cards.json/"):
        assert ask(server, "GET", f"/{server.token}/{path}")[0] == 404


def test_a_doubt_of_the_gate_is_shown_and_survives_a_verdict(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    (owner,) = {one.verdict.owner for one in session_of(tmp_path)._known.values()}
    about = Verdict(
        verdict="waiting", front="Who?", back="Darwin", imported=True, doubt="the sentence says 'it'", note="sea",
        rule="imported", kind="basic", owner=owner, anchor="who",
    )  # fmt: skip
    save_verdicts(str(tmp_path / "films"), [about])
    session = session_of(tmp_path)
    (card,) = [one for one in session.shown.values() if one.imported]
    assert card.doubt == "the sentence says 'it'"
    assert session.judge(Answer(card.id, "keep")).doubt == card.doubt
    assert session_of(tmp_path).shown[card.id].doubt == card.doubt


def test_no_script_of_others_runs_on_the_page(server: ReviewServer) -> None:
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=20)
    connection.request("GET", f"/{server.token}/")
    answer = connection.getresponse()
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    page = answer.read().decode()
    assert " on" not in page.replace(" one", "").replace(" only", "")[page.index("<body") :]
    assert "style=" not in page


def test_a_verdict_is_taken_from_the_page_itself(server: ReviewServer, tmp_path: Path) -> None:
    assert post(server) == 200
    assert written(tmp_path) == ["keep"]


REFUSED: dict[str, tuple[int, dict[str, str]]] = {
    "no origin": (403, {"Origin": ""}),
    "no origin of any page": (403, {"Origin": "null"}),
    "another origin": (403, {"Origin": "http://evil.example"}),
    "another port": (403, {"Origin": "http://127.0.0.1:1"}),
    "a secure origin": (403, {"Origin": "https://127.0.0.1:PORT"}),
    "a longer origin": (403, {"Origin": "http://127.0.0.1:PORT.evil.example"}),
    "an origin with a name": (403, {"Origin": "http://evil@127.0.0.1:PORT"}),
    "another site": (403, {"Sec_Fetch_Site": "cross-site"}),
    "a page of another port": (403, {"Sec_Fetch_Site": "same-site"}),
    "another referrer": (403, {"Referer": "http://evil.example/"}),
    "a form": (403, {"Content_Type": "application/x-www-form-urlencoded"}),
    "plain text": (403, {"Content_Type": "text/plain"}),
    "no type": (403, {"Content_Type": ""}),
    "another host": (421, {"Host": "evil.example"}),
    "a rebound name": (421, {"Host": "evil.example:PORT"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_others_cannot_write(name: str, server: ReviewServer, tmp_path: Path) -> None:
    status, headers = REFUSED[name]
    port = server.address.rpartition(":")[2]
    assert post(server, **{key: value.replace("PORT", port) for key, value in headers.items()}) == status
    assert written(tmp_path) == []


def test_the_token_is_needed_to_write(server: ReviewServer, tmp_path: Path) -> None:
    for path in ("/verdict", "/x/verdict", f"/{server.token[:-1]}/verdict", f"/{server.token}/", f"/{server.token}/x"):
        assert post(server, path=path) == 404
    assert ask(server, "GET", f"/{server.token}/verdict")[0] == 404
    assert ask(server, "PUT", f"/{server.token}/verdict", b"{}")[0] == 501
    assert written(tmp_path) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b"{}", b'{"id": 1}', b'{"id": "a", "verdict": "perhaps"}', b"[" * 90_000, b'{"id": "a'],
)
def test_what_is_no_verdict_is_refused(body: bytes, server: ReviewServer, tmp_path: Path) -> None:
    assert post(server, body) == 400
    assert written(tmp_path) == []


def test_what_cannot_be_is_said(server: ReviewServer, tmp_path: Path) -> None:
    assert post(server, verdict(server, id="unknown")) == 409
    assert post(server, verdict(server, front=" ")) == 409
    assert post(server, verdict(server, back="x" * 9000)) == 409
    assert post(server, verdict(server, back="x" * 100_000)) == 413
    assert post(server, b"{}", Content_Length="-1") in (400, 413)
    assert written(tmp_path) == []
    for folder in (tmp_path / "films",):
        (folder / "cards.toml").mkdir()
    assert post(server) == 409


def test_odd_characters_of_an_edit_are_left_out(server: ReviewServer, tmp_path: Path) -> None:
    card = next(iter(server.session.shown.values()))
    front = "A\ud800 {{c1::gap}}\0\x1b[31m\nwhole" if "{{c" in card.front else "A\ud800\0\x1b[31m\nwhole"
    server.session.judge(Answer(card.id, "keep", front, "B"))
    (entry,) = read_verdicts(str(tmp_path / "films")).entries
    assert entry.front == front.replace("\ud800", "").replace("\0", "").replace("\x1b", "")


def test_the_ranker_learns_between_reviews(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    session = session_of(tmp_path)
    card = max((one for one in session.shown.values() if one.chance < 1), key=lambda one: one.chance)
    session.judge(Answer(card.id, "discard"))
    (entry,) = read_verdicts(str(tmp_path / "films")).entries
    assert entry.odds is not None
    assert session_of(tmp_path).shown[card.id].chance < card.chance


def test_explain_names_what_was_learned(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    session = session_of(tmp_path)
    card = max((one for one in session.shown.values() if one.chance < 1), key=lambda one: one.chance)
    session.judge(Answer(card.id, "keep"))
    run = subprocess.run(
        [*COMMAND, "cards", str(tmp_path / "films"), "--cards", "all", "--explain"],
        capture_output=True, text=True, env=environment(), check=True,
    )  # fmt: skip
    assert f"your verdicts on {card.rule} cards" in run.stdout


def printed(folder: Path, *words: str) -> str:
    asked = [*COMMAND, "cards", str(folder / "films"), *words]
    return subprocess.run(asked, capture_output=True, text=True, env=environment(), check=True).stdout


def test_cards_are_printed_with_what_was_decided(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT + "\nWho drew it?::The bears [0:50].\n"})
    session = session_of(tmp_path)
    date, definition = session.shown.values()
    session.judge(Answer(date.id, "discard"))
    session.judge(Answer(definition.id, "keep", "What is a tide?", "A swell"))
    whole = {"rule": "imported", "kind": "basic", "owner": "youtube:aqz-KE-bpKQ", "imported": True, "front": "Why?"}
    waiting = {"verdict": "waiting", "anchor": "why", "back": "So", "doubt": "look", "note": "sea"}
    gone = {"verdict": "waiting", "anchor": "how", "front": "How?", "note": "gone"}
    others = [Verdict(**(whole | waiting)), Verdict(**(whole | gone)), Verdict(**(whole | waiting | {"owner": "x:y"}))]
    save_verdicts(str(tmp_path / "films"), others)
    lines = [line.removeprefix(str(tmp_path) + os.sep) for line in printed(tmp_path, "--cards", "all").splitlines()]
    heads = [line for line in lines if line.startswith("films")]
    assert [re.sub(r" [01]\.[0-9]+", "", line) for line in heads] == [
        "films/sea.md:6: date, discarded",
        "films/sea.md:8: definition, kept, reworded",
        "films/sea.md:10: marked-inline",
        "films/sea.md: imported, waiting",
        "films/sea.md: imported, waiting",
    ]
    assert {"  Q: What is a tide?", "  A: A swell", "  Q: Why?", "  doubt: look", "  Q: How?"} <= {*lines}
    told = [json.loads(line) for line in printed(tmp_path, "--cards", "none", "--json").splitlines()]
    assert [(one["line"], one["verdict"], one["edited"], one["imported"]) for one in told] == [
        (10, "", False, False),
        (None, "keep", True, False),
        (None, "waiting", False, True),
        (None, "waiting", False, True),
    ]


def test_marked_cards_are_counted_by_note(server: ReviewServer, tmp_path: Path) -> None:
    marked = TEXT + "\nWho?::Me [0:50].\n\nWhy?::So.\n"
    lay_out(tmp_path, {"films/sea.md": marked, "films/a.md": note("A ==gap== [0:02].")})
    server.session = session_of(tmp_path)
    told = json.loads(ask(server, "GET", f"/{server.token}/cards.json")[1])
    assert list(told["marked"].values()) == [1, 2]
    assert not any(one["rule"].startswith("marked") for one in told["cards"])


def test_settings_for_builds_may_say_reviewed(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT, "films/notebind.toml": 'cards = "reviewed"\n'})
    for command in (["cards"], ["build", "--to", "anki", "--output", str(tmp_path / "out")]):
        run = subprocess.run(
            [*COMMAND, command[0], str(tmp_path / "films"), *command[1:]],
            capture_output=True, text=True, env=environment(), cwd=tmp_path,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr


def test_the_command_serves_until_ctrl_c(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    run = subprocess.Popen(
        [*COMMAND, "review", str(tmp_path / "films"), "--no-open"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    assert run.stdout
    assert "cards to review" in run.stdout.readline()
    assert run.stdout.readline().startswith("The page is at http://127.0.0.1:")
    os.kill(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert (run.returncode, err) == (0, "")
    assert "build the deck with" in out


def test_no_review_begins_whose_verdicts_could_not_be_saved(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/sea.md": TEXT})
    (tmp_path / "films" / "cards.toml").write_bytes("# café\n".encode("utf-16"))
    asked = [*COMMAND, "review", str(tmp_path / "films"), "--no-open"]
    run = subprocess.run(asked, capture_output=True, text=True, env=environment(), timeout=60)
    assert (run.returncode, run.stdout) == (1, "")
    assert "cards.toml:1: is no UTF-8, so nothing was written: save the file as UTF-8" in run.stderr


def test_a_store_cannot_be_reviewed() -> None:
    run = subprocess.run(
        [*COMMAND, "review", "s3://bucket/films", "--no-open"], capture_output=True, text=True, env=environment()
    )
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1


def test_a_card_of_a_note_about_several_videos_leads_to_its_own(tmp_path: Path) -> None:
    first, second = (line for line in TEXT.splitlines() if line.endswith("]."))
    text = f"## Books\n\n{VIDEOS[0]}\n\n{first}\n\n## The sea\n\n{VIDEOS[1]}\n\n{second}\n"
    lay_out(tmp_path, {"films/two.md": text})
    found = {one.watch for one in session_of(tmp_path).shown.values()}
    assert found == {f"{VIDEOS[0]}?t=40", f"{VIDEOS[1]}#t=10s"}
