"""Tests `notebind serve`: who is answered, what is sent, byte ranges, and pages that reload."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from convert import push
from convert.cli.build_options import PORT
from convert.tools.local_server import LocalServer
from tests.support.command import COMMAND, environment
from tests.support.vaults import lay_out, note


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    files = {"films.html/index.html": "<head>\n</head>first", "films.html/a b.js": "0123456789", ".notebind/x": "state"}
    lay_out(tmp_path / "out", files)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "film [x].mp4").write_bytes(bytes(range(256)) * 4000)
    (tmp_path / "out" / "link.txt").symlink_to(tmp_path / "secret.txt")
    server = LocalServer(tmp_path / "out")
    server.renew({"/videos/film [x].mp4": tmp_path / "film [x].mp4"})
    server.start()
    yield server
    server.close()


def ask(
    server: LocalServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, http.client.HTTPMessage, bytes]:
    host = server.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers={"Host": host} | given)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, answer.headers, data


def test_a_page_is_sent_with_the_script_that_loads_it_again(server: LocalServer) -> None:
    status, headers, data = ask(server, "/films.html/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert data == b'<head>\n<script src="/.changed.js" defer="defer"></script>\n</head>first'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(server, "/")[1]["Location"] == "/films.html/index.html"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/films.html/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/films.html/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/link.txt",
        "/.notebind/x",
        "/films.html/%00",
        "/videos/other.mp4",
        "/C:/secret.txt",
        "/films.html/" + "a" * 5000,
    ],
)
def test_nothing_else_is_sent(server: LocalServer, path: str) -> None:
    status, _, data = ask(server, path)
    assert (status, b"secret" in data, b"root:" in data) == (404, False, False)


@pytest.mark.parametrize(
    "host", ["rebound.example", "rebound.example:8765", "127.0.0.1", "", "127.0.0.1.rebound.example"]
)
def test_a_name_that_leads_here_is_not_answered(server: LocalServer, host: str) -> None:
    assert ask(server, "/films.html/", Host=host)[0] == 421


def test_the_port_is_left_to_anki() -> None:
    """If the site used AnkiConnect's port, `push` would not find an Anki that is opened later."""
    assert f":{PORT}" not in push.ADDRESS


def test_localhost_is_answered(server: LocalServer) -> None:
    assert ask(server, "/films.html/", Host=server.address.replace("http://127.0.0.1", "LocalHost"))[0] == 200


@pytest.mark.parametrize(
    ("asked", "status", "sent", "data"),
    [
        ("bytes=2-4", 206, "bytes 2-4/10", b"234"),
        ("bytes=7-", 206, "bytes 7-9/10", b"789"),
        ("bytes=-3", 206, "bytes 7-9/10", b"789"),
        ("bytes=-30", 206, "bytes 0-9/10", b"0123456789"),
        ("bytes=8-99", 206, "bytes 8-9/10", b"89"),
        ("bytes=0-", 206, "bytes 0-9/10", b"0123456789"),
        ("bytes=10-", 416, "bytes */10", b""),
        ("bytes=-0", 416, "bytes */10", b""),
        ("bytes=5-2", 416, "bytes */10", b""),
        ("bytes=0-1,3-4", 200, None, b"0123456789"),
        ("lines=1-2", 200, None, b"0123456789"),
    ],
)
def test_ranges(server: LocalServer, asked: str, status: int, sent: str | None, data: bytes) -> None:
    got, headers, body = ask(server, "/films.html/a%20b.js", Range=asked)
    assert (got, headers["Content-Range"], body) == (status, sent, data)


def test_a_film_outside_the_folder_is_sent_in_parts(server: LocalServer) -> None:
    status, headers, data = ask(server, "/videos/film%20%5Bx%5D.mp4", Range="bytes=1000000-1000003")
    assert (status, headers["Content-Type"], data) == (206, "video/mp4", bytes([64, 65, 66, 67]))
    assert ask(server, "/videos/film%20%5Bx%5D.mp4", "HEAD")[1]["Content-Length"] == "1024000"
    assert ask(server, "/films.html/a%20b.js", Range="bytes=2-4", If_Range='"other"')[0] == 200
    mark = ask(server, "/films.html/a%20b.js")[1]["ETag"]
    assert ask(server, "/films.html/a%20b.js", If_None_Match=mark)[0] == 304


def test_only_reading_is_answered(server: LocalServer) -> None:
    assert ask(server, "/films.html/", "POST")[0] == 501


def test_pages_hear_of_changes(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    script = ask(server, "/.changed.js")[2].decode()
    waiting = re.search(r'"(/\.changed/.*\.js\?)"', script)
    assert waiting
    monkeypatch.setattr("convert.tools.local_server.HOLD_S", 0.05)
    assert ask(server, waiting[1])[2] == b""
    server.renew({}, reload=False)
    assert ask(server, waiting[1])[2] == b""
    server.renew({})
    assert ask(server, waiting[1])[2] == b"location.reload();"


def test_the_command_builds_serves_and_builds_again(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/one.md": note("## A start [00:00:10]\n", "One")})
    env = environment(PYTHONUNBUFFERED="1")
    command = [*COMMAND, "serve", "films", "--to", "chapters", "--no-open", "--jobs", "1"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = next(found[1] for line in process.stdout if (found := re.search(r"(127\.0\.0\.1:[0-9]+)/", line)))
        assert get(address, "/films.chapters/aqz-KE-bpKQ.srt").startswith(b"1\n")
        assert b"A start" in page_of(address)
        waiting = re.search(r'"(/\.changed/.*\.js)\?"', get(address, "/.changed.js").decode())
        assert waiting
        (tmp_path / "films" / "one.md").write_text(note("## Another start [00:00:10]\n", "One"), "utf-8")
        assert any(get(address, waiting[1]) == b"location.reload();" for _ in range(3))
        assert b"Another start" in page_of(address)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def page_of(address: str) -> bytes:
    """Return the page of the only video."""
    index = get(address, "/films.html/index.html").decode()
    name = re.findall(r'href="(one-[^"#]+)"', index)[0]
    return get(address, f"/films.html/{name}")


def get(address: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", path)
    data = connection.getresponse().read()
    connection.close()
    return data


def test_a_port_that_is_taken_is_one_line(tmp_path: Path, server: LocalServer) -> None:
    lay_out(tmp_path, {"films/one.md": note("## A start [00:00:10]\n", "One")})
    port = server.address.rpartition(":")[2]
    env = environment()
    command = [
        *COMMAND,
        "serve",
        str(tmp_path / "films"),
        "--no-open",
        "--port",
        port,
        "--output",
        str(tmp_path / "new"),
    ]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"port {port} cannot be used (Address already in use): choose another --port" in done.stderr
