"""The page of a review and its requests: on this machine only, behind a token in its address.

Kept apart because it knows no notes: what a request means, the session decides.
"""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus
from io import BufferedReader
from pathlib import Path
from typing import Any

import msgspec

from convert.errors import NotebindError
from convert.review.session import Answer, Session
from convert.tools import package_data
from convert.tools.local_server import TYPES, Handler, LocalServer

LARGEST_ANSWER = 100_000
"""Bytes of a request that says something about a card."""
_FILES = {"": "review.html", "review.css": "review.css", "review.js": "review.js"}
_ONLY_OURS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _no_file(path: str) -> BufferedReader:
    raise FileNotFoundError(path)


class ReviewServer(LocalServer):
    """Serves the page of a session; its address has a token that nobody else knows."""

    def __init__(self, session: Session, port: int = 0) -> None:
        """Begin to listen. Raises OSError if the port is taken."""
        self.session = session
        self.token = secrets.token_urlsafe(18)
        super().__init__(_no_file, port=port, handler=_ReviewHandler)

    @property
    def page(self) -> str:
        """The address of the page."""
        return f"{self.address}/{self.token}/"


class _ReviewHandler(Handler):
    """Answers the page."""

    site: ReviewServer

    def answer(self, path: str) -> None:
        """Send the page, what belongs to it, or the cards; nothing without the token."""
        name = self._below_token(path)
        if name in _FILES:
            kind = TYPES[Path(_FILES[name]).suffix]
            self.send(HTTPStatus.OK, kind, package_data("convert.review", _FILES[name]), _ONLY_OURS)
        elif name == "cards.json":
            session = self.site.session
            told = {"cards": list(session.shown.values()), "sections": session.sections, "marked": session.marked}
            self._json(HTTPStatus.OK, told)
        else:
            self.say(HTTPStatus.NOT_FOUND, "Open the address that notebind review printed.")

    def do_POST(self) -> None:
        """Take a verdict from our own page: with the token, its own origin, as JSON of bounded length."""
        self.server.asks(self.connection)
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        addresses = (self.site.address, self.site.address.replace("127.0.0.1", "localhost"))
        own = self.headers.get_all("Origin", []) in ([address] for address in addresses)
        if not self.is_allowed():
            return
        if not own or self.headers.get("Content-Type") != "application/json":
            self.say(HTTPStatus.FORBIDDEN, "Only the page itself may say what becomes of a card.")
        elif self._below_token(self.path) != "verdict":
            self.say(HTTPStatus.NOT_FOUND, "Open the address that notebind review printed.")
        elif not (length.isascii() and length.isdigit() and len(length) < 8 and int(length) <= LARGEST_ANSWER):
            self.say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is too long for a card.")
        else:
            self._judge(self.rfile.read(int(length)))

    def _judge(self, body: bytes) -> None:
        try:
            shown = self.site.session.judge(msgspec.json.decode(body, type=Answer))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.say(HTTPStatus.BAD_REQUEST, "This is no verdict.")
        except NotebindError as error:
            self._json(HTTPStatus.CONFLICT, {"error": str(error)})
        else:
            self._json(HTTPStatus.OK, {"card": shown})

    def _json(self, status: HTTPStatus, value: Any) -> None:
        self.send(status, TYPES[".json"], msgspec.json.encode(value), _ONLY_OURS)

    def _below_token(self, path: str) -> str | None:
        """Return what follows the token in a path, None if the token is another."""
        token, slash, name = path[1:].partition("/")
        known = token.isascii() and hmac.compare_digest(token, self.site.token)
        return name if known and slash else None
