"""A web server for this machine only: serves a folder and media files, with byte ranges and reloads.

Kept apart because only `notebind serve` loads it, and because it knows nothing of notes or books.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from email.message import Message
from functools import partial
from hashlib import file_digest
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from convert.files import open_file, read_all
from convert.tools import package_data

HOLD_S = 10
"""Seconds to hold a request for changes."""
CHUNK = 1 << 18
MOST_WAITING = 50
"""Connections that have asked nothing yet; the one that has waited longest makes room for the next."""
MOST_OPEN = 100
"""Connections at a time; a browser opens six, and each has a thread."""
LARGEST_PAGE = 100_000_000
"""Bytes of a page that gets the script; a bigger one is sent as it lies there."""

TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".json": "application/json", ".vtt": "text/vtt; charset=utf-8", ".xml": "text/xml; charset=utf-8",
    **dict.fromkeys((".srt", ".txt", ".ffmeta"), "text/plain; charset=utf-8"),
    ".pdf": "application/pdf", ".epub": "application/epub+zip",
    **dict.fromkeys((".mp4", ".m4v"), "video/mp4"), ".webm": "video/webm", ".mov": "video/quicktime",
    ".mkv": "video/x-matroska", ".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".flac": "audio/flac", ".wav": "audio/wav",
    **dict.fromkeys((".ogg", ".opus"), "audio/ogg"),
}  # fmt: skip
ACTIVE = frozenset((".html", ".css", ".js", ".xml"))
"""Suffixes of files that a browser obeys: they are sent only as they were made. The others do nothing as pages."""
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Accept-Ranges": "bytes",
}

_BOOK_LIST = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>notebind</title>
<link rel="icon" href="data:,"><script src="/.changed.js" defer></script></head>
<body><h1>Books</h1><ul>%s</ul></body></html>
"""


Versions = Mapping[str, Collection[tuple[int, str]]]
"""The sizes and SHA-256 digests that files may have, by their path below the folder."""


class LocalServer:
    """Serves a folder on 127.0.0.1 on the given port (0: any free one); raises OSError if the port is taken.

    `open_below` opens an ordinary file by its path below the folder, and follows no link on the way; `made` says which
    files were made there; `policy` is the Content Security Policy of all answers; `handler` answers the requests, by
    default with files.
    """

    def __init__(
        self,
        open_below: Callable[[str], BufferedReader],
        made: Callable[[], Versions] = dict,
        policy: str = "default-src 'none'",
        port: int = 0,
        handler: Callable[..., Handler] | None = None,
    ) -> None:
        self._open_below = open_below
        self._made = made
        self._known = made()
        self.policy = f"{policy}; frame-ancestors 'none'"
        self._media: Mapping[str, Path] = {}
        self._changes = 0
        self._changed = threading.Condition()
        self._server = _Connections(("127.0.0.1", port), partial(handler or Handler, self))
        self._begun = f"{time.time_ns():x}"

    @property
    def address(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Start answering requests in threads."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def renew(self, media: Mapping[str, Path], reload: bool = True) -> None:
        """Set the files outside the folder, by path of their address; with `reload`, open pages load again."""
        with self._changed:
            self._media = media
            self._changes += reload
            self._changed.notify_all()

    @property
    def state(self) -> str:
        """A token that differs after each change."""
        return f"{self._begun}-{self._changes}"

    def hold(self, state: str) -> bool:
        """Wait at most `HOLD_S` seconds until the state differs from a page's; return whether it does."""
        with self._changed:
            return self._changed.wait_for(lambda: self.state != state, HOLD_S)

    def is_own_host(self, host: str) -> bool:
        """Return whether a request names this server by its own address, against DNS rebinding."""
        port = self._server.server_address[1]
        return host.lower() in (f"127.0.0.1:{port}", f"localhost:{port}")

    def is_own_page(self, headers: Message) -> bool:
        """Return whether a request comes from a page of this server, or from nowhere, as an address that was typed."""
        if any(site not in ("none", "same-origin") for site in headers.get_all("Sec-Fetch-Site", [])):
            return False
        return all(map(self._is_own_address, headers.get_all("Origin", []) + headers.get_all("Referer", [])))

    def _is_own_address(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return parts.scheme == "http" and self.is_own_host(parts.netloc)

    def open(self, path: str) -> BufferedReader | None:
        """Return the file at the path of an address; None if it is hidden, missing, outside or not an ordinary file."""
        names = path.split("/")[1:]
        with suppress(OSError, ValueError):
            if path in self._media:
                return open_file(self._media[path])
            if all(name and name[0] != "." for name in names) and not {*"\\:\0"} & {*path}:
                return self._open_below(path[1:])
        return None

    def is_made(self, path: str, file: BufferedReader) -> bool:
        """Return whether a file has bytes that were made for the path of its address; its reading begins anew."""
        if not self._has_version(path, file):
            self._known = self._made()  # something may have been made since
            return self._has_version(path, file)
        return True

    def _has_version(self, path: str, file: BufferedReader) -> bool:
        size, versions = os.fstat(file.fileno()).st_size, self._known.get(path[1:], ())
        if all(size != known for known, _ in versions):  # or of a huge one all bytes would be read
            return False
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        return (size, digest) in versions

    def pages(self) -> list[str]:
        """Return the paths of the sites' first pages."""
        return sorted(f"/{path}" for path in self._made() if path.partition("/")[2] == "index.html")


class _Connections(ThreadingHTTPServer):
    """Gives each connection a thread, up to a bound; connections that ask nothing cannot keep others out."""

    daemon_threads = True
    request_queue_size = MOST_OPEN

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        self._waiting: dict[socket.socket, None] = {}
        """Those without a request, the longest waiting first."""
        self._counting = threading.Lock()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._counting:
            full = len(self._open) >= MOST_OPEN
            if not full:
                self._open.add(request)
        if full:
            self.shutdown_request(request)
            return
        self.waits(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._counting:
            self._open.discard(request)
            self._waiting.pop(request, None)
        super().shutdown_request(request)

    def waits(self, request: socket.socket) -> None:
        """Count a connection among those that wait; the oldest of too many is ended."""
        with self._counting:
            self._waiting[request] = None
            if len(self._waiting) > MOST_WAITING:
                oldest = next(iter(self._waiting))
                del self._waiting[oldest]
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)

    def asks(self, request: socket.socket) -> None:
        """Count a connection no longer among those that wait."""
        with self._counting:
            self._waiting.pop(request, None)


class Handler(BaseHTTPRequestHandler):
    """Handles the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "notebind"
    sys_version = ""
    timeout = 60
    server: _Connections

    def __init__(self, site: LocalServer, *arguments: object) -> None:
        self.site = site
        super().__init__(*arguments)  # type: ignore[arg-type]

    def handle(self) -> None:
        """Answer until the browser closes the connection."""
        with suppress(OSError):
            super().handle()

    def handle_one_request(self) -> None:
        self.server.waits(self.connection)
        super().handle_one_request()

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Send a file, or a range of it."""
        self.server.asks(self.connection)
        # What follows as the body of this request must not be read as the next one.
        self.close_connection |= "Content-Length" in self.headers or "Transfer-Encoding" in self.headers
        if self.is_allowed():
            self.answer(unquote(re.split(r"[?#]", self.path, maxsplit=1)[0], errors="surrogateescape"))

    def answer(self, path: str) -> None:
        """Send what is at the path of an address."""
        if path == "/":
            self._welcome()
        elif path.startswith("/.changed"):
            self._script(path)
        elif file := self.site.open(path := path + "index.html" if path.endswith("/") else path):
            with file:
                self._send_if_made(file, path)
        else:
            self.say(HTTPStatus.NOT_FOUND, "There is no such page.")

    def _send_if_made(self, file: BufferedReader, path: str) -> None:
        """Send a file; one that a browser obeys only as it was made, since other pages here could read all."""
        suffix = PurePosixPath(path).suffix.lower()
        if suffix in ACTIVE and not self.site.is_made(path, file):
            self.say(
                HTTPStatus.FORBIDDEN, "notebind did not make this, or it was changed since: open it from the disk."
            )
        else:
            self._page(file) if suffix == ".html" else self._file(file, path)

    def is_allowed(self) -> bool:
        """Return whether a request may be answered; say to others why they are not."""
        hosts = self.headers.get_all("Host", [])
        if self.headers.defects or self.headers.get_payload():
            # The parser ends at such a line, as one with a blank before the colon: what follows is no next request.
            self.close_connection = True
            self.say(HTTPStatus.BAD_REQUEST, "A line of this request is no header.")
        elif self.request_version == "HTTP/0.9" or not self.path.startswith("/"):
            self.say(HTTPStatus.BAD_REQUEST, "This is not a browser's request.")
        elif len(hosts) != 1 or not self.site.is_own_host(hosts[0]):
            self.say(HTTPStatus.MISDIRECTED_REQUEST, "This server is for http://127.0.0.1 alone.")
        elif not self.site.is_own_page(self.headers):
            self.say(HTTPStatus.FORBIDDEN, f"Other sites get nothing here: type {self.site.address}/ yourself.")
        else:
            return True
        return False

    do_HEAD = do_GET

    def _welcome(self) -> None:
        pages = self.site.pages()
        if len(pages) == 1:
            self.send(HTTPStatus.FOUND, "text/plain", b"", {"Location": _quoted(pages[0])})
            return
        names = ((_quoted(page), escape(page.split("/")[1].removesuffix(".html"))) for page in pages)
        links = "".join(f'<li><a href="{address}">{name}</a></li>' for address, name in names)
        text = _BOOK_LIST % (links or "<li>Nothing was made yet.</li>")
        self.send(HTTPStatus.OK, TYPES[".html"], text.encode(errors="replace"))

    def _script(self, path: str) -> None:
        state = path.removeprefix("/.changed/").removesuffix(".js")
        if path == "/.changed.js":
            text = package_data("convert.tools", "reload.js").replace(b"@STATE@", self.site.state.encode())
        else:
            text = b"location.reload();" if self.site.hold(state) else b""
        self.send(HTTPStatus.OK, TYPES[".js"], text)

    def _page(self, file: BufferedReader) -> None:
        """Send a page of the site with the script that reloads it after changes."""
        if os.fstat(file.fileno()).st_size > LARGEST_PAGE:
            self._file(file, ".html")
        else:
            script = b'<script src="/.changed.js" defer="defer"></script>\n</head>'
            self.send(HTTPStatus.OK, TYPES[".html"], read_all(file).replace(b"</head>", script, 1))

    def _file(self, file: BufferedReader, name: str) -> None:
        kind = TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
        about = os.fstat(file.fileno())
        tag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
        wanted = self._range(about.st_size, tag)
        if self.headers.get("If-None-Match") == tag:
            self.send(HTTPStatus.NOT_MODIFIED, kind, b"", {"ETag": tag})
        elif wanted is None:
            more = {"Content-Range": f"bytes */{about.st_size}"}
            self.send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, kind, b"", more)
        else:
            self._bytes(file, wanted, about.st_size, kind, tag)

    def _bytes(self, file: BufferedReader, wanted: tuple[int, int], size: int, kind: str, tag: str) -> None:
        first, end = wanted
        status, more = HTTPStatus.OK, {"ETag": tag}
        if "Range" in self.headers:
            status, more["Content-Range"] = HTTPStatus.PARTIAL_CONTENT, f"bytes {first}-{end - 1}/{size}"
        self._begin(status, kind, end - first, more)
        if self.command == "HEAD":
            return
        file.seek(first)
        while first < end and (data := file.read(min(CHUNK, end - first))):
            self.wfile.write(data)
            first += len(data)
        self.close_connection |= first < end  # the file became shorter meanwhile

    def _range(self, size: int, tag: str) -> tuple[int, int] | None:
        """Return start and end of the requested range (RFC 9110, 14), None if the file is too short for it."""
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        if not asked or not any(asked.groups()) or self.headers.get("If-Range", tag) != tag:
            del self.headers["Range"]  # several ranges, or a range of another version: the whole file is a valid answer
            return 0, size
        if not asked[1]:
            first, end = max(0, size - int(asked[2])), size
        else:
            first, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
        return (first, end) if first < end else None

    def send_error(self, code: int, *_: object) -> None:
        """Answer anything but a request to read with one line."""
        self.close_connection = True
        self.say(HTTPStatus(code), "Only GET and HEAD are answered here.")

    def say(self, status: HTTPStatus, text: str) -> None:
        """Send a line of text."""
        self.send(status, "text/plain; charset=utf-8", f"{text}\n".encode())

    def send(self, status: HTTPStatus, kind: str, data: bytes, more: Mapping[str, str] | None = None) -> None:
        """Send bytes of a type, with more headers."""
        self._begin(status, kind, len(data), more or {})
        if self.command != "HEAD":
            self.wfile.write(data)

    def _begin(self, status: HTTPStatus, kind: str, length: int, more: Mapping[str, str]) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(length), **_HEADERS}
        headers |= {"Content-Security-Policy": self.site.policy, **more}
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _quoted(path: str) -> str:
    return quote(path, errors="surrogateescape")
