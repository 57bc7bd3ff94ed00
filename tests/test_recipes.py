"""Runs the code blocks of the README and docs as they are written, in order, in a folder with seeds.

Stand-ins (tests/support/stand_ins.py) replace programs that need the network, Anki or a screen.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from convert.reader import read_bytes
from tests.support.anki_connect import anki
from tests.support.needs import ROOT
from tests.support.stand_ins import install
from tests.support.stand_ins import python as interpreter

__all__ = ["anki"]
PAGES = (
    "README.md",
    "docs/recipes.md",
    "docs/python.md",
    "docs/reading_room.md",
    "docs/configuration.md",
    "docs/plugins.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ACTIONS = {"actions/checkout", "actions/setup-python", "actions/upload-artifact", "actions/cache"}


@dataclass(frozen=True)
class Place:
    """A user's folder with the seeds, also as `path/to/notes`, `notes` and `~/notes`, and with programs."""

    folder: Path
    env: dict[str, str]

    def run(self, command: list[str]) -> str:
        """Run a command and return its output; raise AssertionError when it fails or prints a traceback."""
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout


def sh(place: Place, block: str) -> None:
    # The last word keeps bash running, because completion looks for the shell that called it.
    place.run(["bash", "-euo", "pipefail", "-c", f"{block}\n:"])


def python(place: Place, block: str) -> None:
    path = place.folder / "example.py"
    path.write_text(block, "utf-8")
    place.run([*interpreter(), str(path)])


def toml(place: Place, block: str) -> None:
    """Check a settings file, which `notebind config` must name as a source, or the metadata of a plug-in."""
    if "[project.entry-points" in block:
        assert tomllib.loads(block)["project"]["entry-points"]["notebind.writers"]
        return
    path = place.folder / "settings" / "notebind.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(block, "utf-8")
    shutil.copytree(ROOT / "seeds", path.parent / "seeds", dirs_exist_ok=True)
    assert "notebind.toml" in place.run(["notebind", "config", "settings/seeds"])


def yaml_(place: Place, block: str) -> None:
    """Check a workflow: every step is a known action with a version, or commands that run here."""
    jobs = yaml.safe_load(block)["jobs"]
    for step in (step for job in jobs.values() for step in job["steps"]):
        if "uses" in step:
            assert re.fullmatch(rf"(?:{'|'.join(sorted(ACTIONS))})@v\d+", step["uses"])
        else:
            sh(place, step["run"])
        wanted = step.get("with", {}).get("path")
        assert wanted is None or (place.folder / wanted).exists()


def crontab(place: Place, block: str) -> None:
    for line in block.splitlines():
        *when, command = line.split(maxsplit=5)
        assert all(re.fullmatch(r"[\d*,/-]+", field) for field in when)
        sh(place, command)


def markdown(_: Place, block: str) -> None:
    reading = read_bytes(block.encode(), "note.md", "films", "note")
    assert reading.note.video
    assert reading.facts.stamps
    assert reading.diagnostics == ()


KINDS: dict[str, Callable[[Place, str], None]] = {
    "sh": sh,
    "python": python,
    "toml": toml,
    "yaml": yaml_,
    "crontab": crontab,
    "markdown": markdown,
}


@pytest.fixture
def place(tmp_path: Path, anki: tuple[object, object]) -> Place:
    for name in ("seeds", "path/to/notes", "notes"):
        shutil.copytree(ROOT / "seeds", tmp_path / name)
    (tmp_path / "path" / "to" / "films").mkdir()
    programs = tmp_path / ".programs"
    install(programs)
    own = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "STAND_INS": str(programs),
        "ANKI_STAND_IN": str(getattr(anki[1], "address", "")),
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
        "PYTHONUTF8": "1",
    }
    return Place(tmp_path, os.environ | own)


def blocks(page: str) -> list[tuple[str, str]]:
    return FENCE.findall((ROOT / page).read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs(page: str, place: Place) -> None:
    found = blocks(page)
    assert found
    assert {kind for kind, _ in found} <= set(KINDS)
    for kind, block in found:
        KINDS[kind](place, block)


def test_the_gate_stands_between_a_model_and_the_deck(place: Place) -> None:
    (block,) = [block for _, block in blocks("docs/recipes.md") if "llm --model" in block]
    said = place.run(["bash", "-euo", "pipefail", "-c", f"{block}\ncat answers.jsonl >&2\n"])
    assert "4 of 10 cards accepted (2 doubtful), 6 refused" in said
    kept = tomllib.loads((place.folder / "seeds" / "open_movies" / "cards.toml").read_text("utf-8"))["card"]
    assert {one["verdict"] for one in kept} == {"waiting"}
    good = {"the Netherlands Film Festival in Utrecht", "Creative Commons Attribution"}
    assert {one["back"] for one in kept} == good | {"Peach", "Tears of Steel"}
    assert {one["back"] for one in kept if "doubt" in one} == {"Peach", "Tears of Steel"}


@pytest.mark.parametrize("page", ["README.md", "docs/questions.md"])
def test_commands_in_tables_and_text_run(page: str, place: Place) -> None:
    """Commands between backticks run too, except for those that are named without their arguments."""
    commands = re.findall(r"`((?:notebind [a-z-]|grep ).*?)`", (ROOT / page).read_text("utf-8"))
    assert len(commands) > 4
    for command in commands:
        if not command.startswith(("notebind mux", "notebind serve")) or "notes" in command:
            sh(place, command)


@pytest.mark.parametrize(
    ("block", "kind"),
    [
        ("notebind build nowhere", "sh"),
        ("yt-dlp --no-such-option eRsGyueVLvQ", "sh"),
        ("pip install somebody-elses", "sh"),
        ("make no-such-target", "sh"),
        ("no_such = 1", "toml"),
        ("jobs: {a: {steps: [{uses: unknown/action@v1}]}}", "yaml"),
    ],
)
def test_a_wrong_block_is_found(block: str, kind: str, place: Place) -> None:
    with pytest.raises(AssertionError):
        KINDS[kind](place, block)
