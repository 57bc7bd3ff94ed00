"""Tests `notebind serve`: who is answered, what is sent, byte ranges, and pages that reload."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest

from convert import push
from convert.cli.build_options import PORT
from convert.storage.folder import Folder
from convert.tools.local_server import LocalServer
from tests.support.command import COMMAND, environment
from tests.support.needs import ROOT
from tests.support.swapping import swapping
from tests.support.vaults import lay_out, note


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """Serve a site and a film; the test may change them."""
    with serving(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """Serve the same to all tests that only ask."""
    with serving(tmp_path_factory.mktemp("asked")) as server:
        yield server


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[LocalServer]:
    files = {"films.html/index.html": "<head>\n</head>first", "films.html/a b.js": "0123456789", ".notebind/x": "state"}
    lay_out(folder / "out", files)
    made = {name: {(len(text), sha256(text.encode()).hexdigest())} for name, text in files.items()}
    (folder / "secret.txt").write_text("secret")
    (folder / "film [x].mp4").write_bytes(bytes(range(256)) * 4000)
    (folder / "out" / "link.txt").symlink_to(folder / "secret.txt")
    server = LocalServer(Folder(folder / "out").open, lambda: made, "default-src 'self'")
    server.renew({"/videos/film [x].mp4": folder / "film [x].mp4"})
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
        "/films.html/" + "a/" * 2000,
        "/%252e%252e/secret.txt",
        "/films.html/%252e%252e%252f%252e%252e%252fsecret.txt",
        "/..%255csecret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/%ff%fe",
        "/films.html/a%20b.js%ff",
        "/.%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/....//secret.txt",
        "/films.html/..;/../secret.txt",
        "/films.html/./../../secret.txt",
        "//127.0.0.1/../secret.txt",
        "//[::1",
        "/~/secret.txt",
        "/films.html/%0d%0aX:%20y",
        "/films.html/a%20b.js%00.html",
        "/films.html",
        "/%2e",
        "/films.html//index.html",
        "/%2fetc/passwd",
    ],
)
def test_nothing_else_is_sent(asked: LocalServer, path: str) -> None:
    status, _, data = ask(asked, path)
    assert (status, b"secret" in data, b"root:" in data) == (404, False, False)


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example", "rebound.example:PORT", "127.0.0.1", "localhost", "", "127.0.0.1.rebound.example", ":PORT",
        "127.0.0.1.:PORT", "localhost.:PORT", "127.0.0.1:PORT.", "[::1]:PORT", "[::ffff:127.0.0.1]:PORT",
        "0.0.0.0:PORT", "user@127.0.0.1:PORT", "127.0.0.1:PORT@rebound.example", "127.1:PORT", "2130706433:PORT",
        "127.0.0.2:PORT", "127.0.0.1:0PORT", "127.0.0.1:1", "127.0.0.1:PORT,rebound.example", "http://127.0.0.1:PORT",
        "sub.localhost:PORT",
    ],
)  # fmt: skip
def test_a_name_that_leads_here_is_not_answered(asked: LocalServer, host: str) -> None:
    host = host.replace("PORT", asked.address.rpartition(":")[2])
    for path in ("/films.html/", "/.changed.js"):
        status, _, data = ask(asked, path, Host=host)
        assert (status, data) == (421, b"This server is for http://127.0.0.1 alone.\n")


OTHER_PAGES = [
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "anything"},
    {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
    {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "script"},
    {"Origin": "http://rebound.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "https://OWN"},
    {"Origin": "http://OWN.rebound.example"},
    {"Origin": "http://OWN@rebound.example"},
    {"Origin": "http://["},
    {"Referer": "http://rebound.example/OWN"},
    {"Referer": "http://127.0.0.1/"},
    {"Origin": "http://OWN", "Sec_Fetch_Site": "cross-site"},
]


@pytest.mark.parametrize("path", ["/films.html/", "/", "/videos/film%20%5Bx%5D.mp4", "/.changed.js", "/.changed/0.js"])
@pytest.mark.parametrize("headers", OTHER_PAGES, ids=str)
def test_a_page_of_another_site_gets_nothing(asked: LocalServer, headers: dict[str, str], path: str) -> None:
    own = asked.address.removeprefix("http://")
    status, answered, data = ask(asked, path, **{name: value.replace("OWN", own) for name, value in headers.items()})
    assert (status, data) == (403, f"Other sites get nothing here: type {asked.address}/ yourself.\n".encode())
    assert answered["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answered


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "http://OWN"},
        {"Referer": "http://OWN/films.html/index.html?x#y"},
    ],
    ids=str,
)
def test_an_address_that_was_typed_and_own_pages_are_answered(asked: LocalServer, headers: dict[str, str]) -> None:
    own = asked.address.removeprefix("http://")
    given = {name: value.replace("OWN", own) for name, value in headers.items()}
    assert [ask(asked, path, **given)[0] for path in ("/films.html/", "/.changed.js")] == [200, 200]


def test_the_port_is_left_to_anki() -> None:
    """If the site used AnkiConnect's port, `push` would not find an Anki that is opened later."""
    assert f":{PORT}" not in push.ADDRESS


def test_localhost_is_answered(server: LocalServer) -> None:
    assert ask(server, "/films.html/", Host=server.address.replace("http://127.0.0.1", "LocalHost"))[0] == 200


@pytest.mark.parametrize(
    ("wanted", "status", "sent", "data"),
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
        ("bytes=-3-5", 200, None, b"0123456789"),
        ("bytes=--3", 200, None, b"0123456789"),
        ("bytes=-", 200, None, b"0123456789"),
        ("bytes", 200, None, b"0123456789"),
        ("bytes=a-b", 200, None, b"0123456789"),
        ("bytes=0x1-0x2", 200, None, b"0123456789"),
        ("bytes= 2 - 4", 200, None, b"0123456789"),
        ("bytes=1.5-2", 200, None, b"0123456789"),
        ("bytes=999999999999999999-", 416, "bytes */10", b""),
        ("bytes=0-999999999999999999", 206, "bytes 0-9/10", b"0123456789"),
        ("bytes=-999999999999999999", 206, "bytes 0-9/10", b"0123456789"),
        ("bytes=0-99999999999999999999999999", 200, None, b"0123456789"),
        ("bytes=" + "9" * 5000 + "-", 200, None, b"0123456789"),
        ("bytes=" + ",".join(["0-"] * 5000), 200, None, b"0123456789"),
    ],
)
def test_ranges(asked: LocalServer, wanted: str, status: int, sent: str | None, data: bytes) -> None:
    got, headers, body = ask(asked, "/films.html/a%20b.js", Range=wanted)
    assert (got, headers["Content-Range"], body) == (status, sent, data)


def test_a_film_outside_the_folder_is_sent_in_parts(server: LocalServer) -> None:
    status, headers, data = ask(server, "/videos/film%20%5Bx%5D.mp4", Range="bytes=1000000-1000003")
    assert (status, headers["Content-Type"], data) == (206, "video/mp4", bytes([64, 65, 66, 67]))
    assert ask(server, "/videos/film%20%5Bx%5D.mp4", "HEAD")[1]["Content-Length"] == "1024000"
    assert ask(server, "/films.html/a%20b.js", Range="bytes=2-4", If_Range='"other"')[0] == 200
    mark = ask(server, "/films.html/a%20b.js")[1]["ETag"]
    assert ask(server, "/films.html/a%20b.js", If_None_Match=mark)[0] == 304


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "GETS", "__init__"]
)
def test_only_reading_is_answered(asked: LocalServer, method: str) -> None:
    status, headers, data = ask(asked, "/films.html/", method)
    assert (status, data) == (501, b"Only GET and HEAD are answered here.\n")
    assert headers["Connection"] == "close"


def raw(server: LocalServer, request: bytes) -> bytes:
    """Return all that the server sends for these bytes until it ends the connection."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(request.replace(b"OWN", f"{host}:{port}".encode()))
            connection.shutdown(socket.SHUT_WR)
        sent = b""
        with contextlib.suppress(OSError):
            while piece := connection.recv(1 << 16):
                sent += piece
        return sent


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"\r\n",
        b"\x00\xff\x16\x03\x01\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /films.html/index.html\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html HTTP/9.9\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1.1\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html HTTP/x\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\nHost: OWN\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\nHost: OWN\r\nHost: rebound.example\r\n\r\n",
        b"GET http://OWN/films.html/index.html HTTP/1.1\r\nHost: OWN\r\n\r\n",
        b"GET http://rebound.example/films.html/index.html HTTP/1.1\r\nHost: OWN\r\n\r\n",
        b"GET films.html/index.html HTTP/1.1\r\nHost: OWN\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html more HTTP/1.1\r\nHost: OWN\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: OWN\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\nHost: OWN\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\nHost: OWN\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\nHost: OWN\r\nContent-Length : 5\r\n\r\n",
        b"GET /films.html/index.html HTTP/1.1\r\nHost: OWN\r\nno header\r\n\r\n",
        b"A" * 200_000,
    ],
)
def test_what_is_no_request_gets_no_page(
    asked: LocalServer, request_: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert b"first" not in raw(asked, request_)
    assert ask(asked, "/films.html/")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_body_is_not_read_as_the_next_request(server: LocalServer) -> None:
    inner = b"GET /films.html/a%20b.js HTTP/1.1\r\nHost: OWN\r\n\r\n"
    broken = (b"Content-Length : 5", b"Transfer-Encoding : chunked", b"Content-Length\t:5", b"no header", b": 5")
    for header in (b"Content-Length: 5", b"Transfer-Encoding: chunked", *broken):
        sent = raw(server, b"GET /none HTTP/1.1\r\nHost: OWN\r\n" + header + b"\r\n\r\n" + inner)
        assert (sent.count(b"HTTP/1.1 "), b"0123456789" in sent) == (1, False)


@pytest.fixture
def silent(server: LocalServer) -> Iterator[list[socket.socket]]:
    """Open more connections than are kept, which send nothing, half a request, or a request and read no answer."""
    host, _, port = server.address.removeprefix("http://").partition(":")
    with contextlib.ExitStack() as stack:
        opened = []
        for number in range(300):
            connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=10))
            with contextlib.suppress(OSError):
                connection.sendall((b"", b"GET /films", b"GET /films.html/ HTTP/1.1\r\nHost: x\r\n")[number % 3])
            opened.append(connection)
        yield opened


def test_connections_that_ask_nothing_keep_nobody_out(server: LocalServer, silent: list[socket.socket]) -> None:
    began = time.monotonic()
    assert [ask(server, "/films.html/")[0] for _ in range(5)] == [200] * 5
    server.close()
    assert time.monotonic() - began < 5
    assert threading.active_count() < 200


def test_readers_that_read_nothing_are_bounded(server: LocalServer, tmp_path: Path) -> None:
    host, _, port = server.address.removeprefix("http://").partition(":")
    request = f"GET /videos/film%20%5Bx%5D.mp4 HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode() * 50
    before = threading.active_count()  # other tests may have left some
    with contextlib.ExitStack() as stack:
        for _ in range(150):
            connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=10))
            with contextlib.suppress(OSError):
                connection.sendall(request)
        time.sleep(0.3)
        assert threading.active_count() - before < 130
    deadline = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert ask(server, "/films.html/")[0] == 200
            break
        assert time.monotonic() < deadline


def test_only_ordinary_files_of_the_folder_are_sent(server: LocalServer, tmp_path: Path) -> None:
    site = tmp_path / "out" / "films.html"
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "index.html").write_text("secret")
    (site / "inside.js").symlink_to("a b.js")
    (site / "zero.js").symlink_to("/dev/zero")
    (tmp_path / "out" / "linked.html").symlink_to(tmp_path / "private")
    (tmp_path / "out" / "loop.html").symlink_to("loop.html")
    os.mkfifo(site / "pipe.html")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(site / "s"))
    names = ["films.html/inside.js", "films.html/zero.js", "films.html/pipe.html", "films.html/s", "linked.html/"]
    for name in (*names, "linked.html/index.html", "loop.html/"):
        status, _, data = ask(server, f"/{name}")
        assert (status, data) == (404, b"There is no such page.\n"), name


def test_a_film_that_became_a_pipe_is_not_waited_for(server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "film [x].mp4").unlink()
    os.mkfifo(tmp_path / "film [x].mp4")
    assert ask(server, "/videos/film%20%5Bx%5D.mp4")[0] == 404


def test_a_folder_that_is_swapped_for_a_link_leads_nowhere(server: LocalServer, tmp_path: Path) -> None:
    """While one thread swaps the site for a link to a private folder, no request ever gets a file from there."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "index.html").write_text("secret")
    with swapping(tmp_path / "out" / "films.html", tmp_path / "private"):
        seen = {ask(server, "/films.html/")[::2] for _ in range(300)}
    assert {status for status, _ in seen} <= {200, 404}
    assert not any(b"secret" in data for _, data in seen)


def test_a_huge_page_is_sent_as_it_lies_there(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.tools.local_server.LARGEST_PAGE", 5)
    status, headers, data = ask(server, "/films.html/index.html", Range="bytes=0-3")
    assert (status, headers["Content-Range"], data) == (206, "bytes 0-3/19", b"<hea")


NOT_MADE = b"notebind did not make this, or it was changed since: open it from the disk.\n"


@pytest.mark.parametrize(
    "name",
    ["evil.html", "evil.HTML", "evil.js", "evil.css", "evil.xml", "films.html/evil.html", "evil.html/index.html",
     "films.html/deep/a b.js", "films.html/index.xml", "films.chapters/x.xml"],
)  # fmt: skip
def test_what_a_browser_obeys_is_sent_only_as_it_was_made(server: LocalServer, tmp_path: Path, name: str) -> None:
    lay_out(tmp_path / "out", {name: "<head>\n</head>first"})
    assert ask(server, f"/{quote(name)}")[::2] == (403, NOT_MADE)
    if name.endswith("/index.html"):
        assert ask(server, f"/{quote(name.removesuffix('index.html'))}")[::2] == (403, NOT_MADE)


def test_what_was_made_and_changed_is_not_sent(server: LocalServer, tmp_path: Path) -> None:
    for name, text in {"index.html": "<head>\n</head>First", "a b.js": "0123456780"}.items():
        path = tmp_path / "out" / "films.html" / name
        path.write_text(text)
        assert ask(server, f"/films.html/{quote(name)}")[::2] == (403, NOT_MADE)
    with (tmp_path / "out" / "films.html" / "index.html").open("wb") as file:
        file.truncate(6_000_000_000)
    assert ask(server, "/films.html/")[0] == 403


@pytest.mark.parametrize("name", ["x.svg", "x.xhtml", "x.htm", "x.shtml", "x.mht", "x.pdf", "x.txt", "x", "x.html.vtt"])
def test_what_else_lies_there_is_no_page(server: LocalServer, tmp_path: Path, name: str) -> None:
    lay_out(tmp_path / "out", {name: "<script>1</script>"})
    status, headers, _ = ask(server, f"/{name}")
    kinds = ("application/octet-stream", "application/pdf", "text/plain; charset=utf-8", "text/vtt; charset=utf-8")
    assert (status, headers["Content-Type"] in kinds, headers["X-Content-Type-Options"]) == (200, True, "nosniff")


def test_all_answers_have_a_policy(asked: LocalServer) -> None:
    for path in ("/", "/films.html/", "/films.html/a%20b.js", "/none", "/.changed.js", "/videos/film%20%5Bx%5D.mp4"):
        policies = ask(asked, path)[1].get_all("Content-Security-Policy")
        assert policies == ["default-src 'self'; frame-ancestors 'none'"], path


def test_the_list_has_the_books_that_were_made(tmp_path: Path) -> None:
    made = {"a&b.html/index.html": [(1, "")], "ü.html/index.html": [(1, "")], "ü.html/x/index.html": [(1, "")]}
    lay_out(tmp_path, {"mine.html/index.html": "mine"})
    server = LocalServer(Folder(tmp_path).open, lambda: made)
    server.start()
    page = ask(server, "/")[2].decode()
    server.close()
    assert re.findall('href="(/.*?)"', page) == ["/a%26b.html/index.html", "/%C3%BC.html/index.html"]
    assert ">a&amp;b<" in page


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
    lay_out(tmp_path, {"films/one.md": note("## A start [00:00:10]\n", "One"), "output/evil.html": "<p>evil"})
    forged = b"notebind kept 2 0\nend 0\n", b'{"artifacts": [{"path": "evil.html", "bytes": 7, "sha256": ""}]}'
    for number, record in enumerate(forged):
        path = tmp_path / "output" / ".notebind" / f"evil{number}.html.record.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(record)
    plays = ["build", str(ROOT / "seeds"), "--to", "html", "--quiet"]
    assert subprocess.run([*COMMAND, *plays], cwd=tmp_path, env=environment()).returncode == 0
    env = environment(PYTHONUNBUFFERED="1")
    command = [*COMMAND, "serve", "films", "--to", "chapters", "--no-open", "--jobs", "1"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = next(found[1] for line in process.stdout if (found := re.search(r"(127\.0\.0\.1:[0-9]+)/", line)))
        assert get(address, "/films.chapters/aqz-KE-bpKQ.srt").startswith(b"1\n")
        assert b"A start" in page_of(address)
        assert get(address, "/evil.html") == NOT_MADE
        assert b"open_movies.html/index.html" in get(address, "/"), "what an earlier run made"
        assert b"</html>" in get(address, "/open_movies.html/index.html")
        waiting = re.search(r'"(/\.changed/.*\.js)\?"', get(address, "/.changed.js").decode())
        assert waiting
        (tmp_path / "films" / "one.md").write_text(note("## Another start [00:00:10]\n", "One"), "utf-8")
        assert any(get(address, waiting[1]) == b"location.reload();" for _ in range(3))
        assert b"Another start" in page_of(address)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20)[0].splitlines()[-1] == "Ended; what was made is saved."
        assert process.returncode == 0


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
