"""Runs the command without network, and records what it reads, writes and calls."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.command import COMMAND
from tests.support.needs import ROOT
from tests.tools.hostile.sockets import CAN_FORBID, forbid

GUARD = ROOT / "tests" / "tools" / "hostile" / "guard"
SECRET = "hush-hush-do-not-tell"
"""The contents of files that no note may reach."""


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    code: int
    out: str
    err: str
    touched: list[tuple[str, str]]
    """("read" or "write" or "call", path or call), without Python's own files."""


class Box:
    """A folder with a vault, an output, temporary files, and secrets beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.vault, self.output = self.folder / "vault", self.folder / "output"
        self.temporary, self.secrets = self.folder / "tmp", self.folder / "secrets"
        for one in (self.vault, self.output, self.temporary, self.secrets):
            one.mkdir(exist_ok=True)
        for name in ("secret.md", "secret.svg", "secret.txt"):
            (self.secrets / name).write_text(f"{SECRET} [00:00:01]\n", "utf-8")

    def run(self, *arguments: str, seconds: float = 60) -> Ran:
        """Run the command; raise TimeoutExpired when it takes longer."""
        log = self.folder / "audit.log"
        log.unlink(missing_ok=True)
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.temporary,
            env=self._environment(log),
            capture_output=True,
            timeout=seconds,
            preexec_fn=forbid if CAN_FORBID else None,
            check=False,
        )
        out, err = (stream.decode("utf-8", "backslashreplace") for stream in (done.stdout, done.stderr))
        return Ran(done.returncode, out, err, [tuple(json.loads(line)) for line in log.read_text("utf-8").splitlines()])

    def build(self, *arguments: str, to: str = "epub,pdf,chapters,anki", seconds: float = 60) -> Ran:
        """Build the whole vault into the output."""
        every = ("--chapters-formats", "all") if "chapters" in to else ()
        return self.run(
            "build", str(self.vault), "--output", str(self.output), "--to", to, *every, *arguments, seconds=seconds
        )

    def _environment(self, log: Path) -> dict[str, str]:
        own = {
            "PYTHONPATH": os.pathsep.join((str(GUARD), str(ROOT))),
            "NOTEBIND_AUDIT": str(log),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "COLUMNS": "200",
        }
        return {**os.environ, **own}

    def escapes(self, ran: Ran) -> list[tuple[str, str]]:
        """Return what a run must not do: calls, writes outside the output, reads beside the vault."""
        return sorted({one for one in ran.touched if self._is_escape(*one)})

    def _is_escape(self, kind: str, path: str) -> bool:
        own = [f"{one}{os.sep}" for one in (self.output, self.temporary)]
        if kind == "write":
            return not f"{path}{os.sep}".startswith((*own, "/dev/null/", "/dev/shm/"))
        if kind == "read" and path == str(self.folder / "pyproject.toml"):
            return False  # settings are searched in the folders above the notes; this one has none
        if kind == "read":
            return path.startswith(f"{self.folder}{os.sep}") and not f"{path}{os.sep}".startswith(
                (*own, f"{self.vault}{os.sep}")
            )
        return True
