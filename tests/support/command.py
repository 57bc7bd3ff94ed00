"""The command as a process of its own, and a folder in which tests run it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.artifacts import read_all
from tests.support.needs import ROOT

COMMAND = (sys.executable, "-c", "from convert.cli import main; main()")
GOOD = "---\ntitle: Good note\nvideoId: aqz-KE-bpKQ\n---\n\n## A start\n\nSome words [00:00:10].\n"


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that imports the package of this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


class Desk:
    """A folder with one good note, in which the command runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.put("films/good.md", GOOD)

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *arguments: str, **env: str) -> Ran:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.env(env),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert "Traceback" not in done.stderr + done.stdout
        return Ran(done.returncode, done.stdout, done.stderr)

    def env(self, more: dict[str, str]) -> dict[str, str]:
        return environment(**{"COLUMNS": "200", **more})

    def build(self, *arguments: str, **env: str) -> Ran:
        return self.run("build", "--to", "chapters", "--jobs", "1", *arguments, **env)

    def made(self, output: str = "output") -> list[str]:
        return [name for name in read_all(self.folder / output) if not name.startswith(".notebind/")]
