"""Stand-ins for a running Anki: a server that speaks AnkiConnect's protocol, and one that speaks anything else."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from convert.push import AnkiConnect, learning
from convert.storage.folder import Folder
from convert.writers.anki.collection import FIELDS
from convert.writers.anki.reading import read_package


class StandIn:
    """The parts of AnkiConnect that a push uses; `importPackage` matches by GUID and `mod`, as Anki does."""

    def __init__(self) -> None:
        self.notes: dict[int, dict[str, Any]] = {}
        self.guids: dict[str, int] = {}
        self.asked: list[str] = []
        self.profile = "User 1"
        self.suspended: set[int] = set()

    def answer(self, action: str, params: dict[str, Any]) -> Any:
        self.asked.append(action)
        return getattr(self, action)(**params)

    def findNotes(self, query: str) -> list[int]:
        assert query.count("note:") == 4
        return [number for number in self.notes if "is:suspended" not in query or number in self.suspended]

    def getActiveProfile(self) -> str:
        return self.profile

    def notesInfo(self, notes: list[int]) -> list[dict[str, Any]]:
        return [self.notes[number] for number in notes]

    def importPackage(self, path: str) -> bool:
        for card in read_package(Path(path).read_bytes()):
            number = self.guids.setdefault(card.guid, 1000 + len(self.guids))
            if self.notes.get(number, {"mod": 0})["mod"] < card.mod:
                fields = {
                    name: {"value": v, "order": i} for i, (name, v) in enumerate(zip(FIELDS, card.fields, strict=True))
                }
                self.notes[number] = {"noteId": number, "mod": card.mod, "tags": list(card.tags), "fields": fields}
        return True

    def deleteNotes(self, notes: list[int]) -> None:
        for number in notes:
            del self.notes[number]


@pytest.fixture
def anki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[StandIn, AnkiConnect]]:
    monkeypatch.setattr(learning, "_state_folder", lambda: Folder(tmp_path / "state"))
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert asked["version"] == 6
            try:
                answer = {"result": stand_in.answer(asked["action"], asked["params"]), "error": None}
            except AttributeError:
                answer = {"result": None, "error": "unsupported action"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield stand_in, AnkiConnect(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


class Foreign:
    """A server that answers every request with the same pieces of bytes, `pause_s` apart, whatever is asked."""

    def __init__(self, pieces: Iterable[bytes], pause_s: float = 0) -> None:
        self._pieces, self._pause_s = pieces, pause_s
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection = self._socket.accept()[0]
                threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            request = b""
            while not request.endswith(b"}"):  # the whole of it: what is not read resets the connection
                request += connection.recv(1 << 16)
            self.requests.append(request)
            for piece in self._pieces:
                connection.sendall(piece)
                time.sleep(self._pause_s)

    def __enter__(self) -> Foreign:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def http_reply(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return a whole answer of HTTP with this body."""
    head = [b"HTTP/1.1 " + status, b"Connection: close", *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body
