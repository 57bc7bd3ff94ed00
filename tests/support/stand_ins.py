"""Programs that blocks of the papers call and tests cannot: those that need the network, Anki or a screen.

`install(folder)` puts one script a name into a folder for the front of PATH; every script comes here. A stand-in does
not nod: it fails on options that the program does not have, packages that are not ours, files that are not there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TITLES = {"eRsGyueVLvQ": "Sintel", "aqz-KE-bpKQ": "Big Buck Bunny"}
PATIENCE_S = 60


def install(folder: Path) -> None:
    """Writes a script for every stand-in into the folder."""
    folder.mkdir()
    for name in STAND_INS:
        script = folder / name
        command = f"{shlex.quote(sys.executable)} -m tests.support.stand_ins {name}"
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
        script.chmod(0o755)


INSTALLED = os.environ.get("NOTEBIND_PYTHON", "")
"""The Python of an environment with notebind installed, when that is to be tested and not the code beside the tests."""

ENTRY = "from convert import push, cli; import os; push.ADDRESS = os.environ['ANKI_STAND_IN']; cli.main()"


def notebind(arguments: list[str]) -> int:
    """The command itself; ANKI_STAND_IN answers for Anki, and `serve` and `watch` end after their first build."""
    if arguments[:1] in (["serve"], ["watch"]):
        return _endless(arguments)
    return subprocess.call([*python(), "-c", ENTRY, *arguments])


def python() -> list[str]:
    """The Python that blocks run in; an installed notebind is not shadowed by the code beside the tests."""
    return ["env", "-u", "PYTHONPATH", INSTALLED] if INSTALLED else [sys.executable]


def _endless(arguments: list[str]) -> int:
    """Runs until the first thing is said, then Ctrl-C, as a user would."""
    # In the background of a shell Ctrl-C is ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    more = ["--no-open"] if arguments[0] == "serve" else []
    command = [*python(), "-m", "convert", *arguments, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        signal.alarm(PATIENCE_S)
        assert running.stdout
        first = running.stdout.readline()
        running.send_signal(signal.SIGINT)
        said = first + running.stdout.read()
    sys.stdout.write(said)
    return 0 if first and "Traceback" not in said else 1


def make(arguments: list[str]) -> int:
    """make without doing it: the target is there, and so are the notes."""
    notes = next((word.partition("=")[2] for word in arguments if word.startswith("NOTES=")), "seeds")
    if not Path(notes).exists():
        return _refuse(f"make: no {notes}")
    return subprocess.call([_real("make"), "-n", "-C", str(ROOT), *arguments], stdout=subprocess.DEVNULL)


def pip(arguments: list[str]) -> int:
    """pip, pipx and uv: they may install this project, by its folder, with its own extras and pins."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    known = {name + f"[{extra}]" for name in (".", "./notebind", "notebind") for extra in extras} | {".", "./notebind"}
    words = [word for word in arguments if word not in ("tool", "install", "--constraint")]
    wrong = [word for word in words if word not in known and word != "notebind/constraints.txt"]
    return _refuse(f"not of this project: {wrong}") if wrong or "install" not in arguments else 0


def yt_dlp(arguments: list[str]) -> int:
    """Takes only options that yt-dlp has, and puts small films where it would put the downloads."""
    import yt_dlp as real

    from tests.support.media import make_media

    asked = real.parse_options(arguments)
    with real.YoutubeDL(asked.ydl_opts) as download:
        for url in asked.urls:
            video = url[-11:]
            path = Path(download.prepare_filename({"id": video, "title": TITLES[video], "ext": "mp4"}))
            path.parent.mkdir(parents=True, exist_ok=True)
            make_media(path)
    return 0


def mpv(arguments: list[str]) -> int:
    """mpv without screen and loudspeaker, for a moment; where it is not installed, its files have to be there."""
    files = [word for word in arguments if not word.startswith("--")]
    if any(not Path(name).is_file() for name in files):
        return _refuse(f"mpv: not all there: {files}")
    quick = ["--no-config", "--vo=null", "--ao=null", "--end=0.2", "--really-quiet"]
    return subprocess.call([_real("mpv"), *quick, *arguments]) if _real("mpv") else 0


def ffprobe(arguments: list[str]) -> int:
    """ffprobe where it is installed; PyAV reads the chapters of the file where it is not."""
    if _real("ffprobe"):
        return subprocess.call([_real("ffprobe"), *arguments])
    import av

    with av.open(arguments[-1]) as media:
        return 0 if media.chapters() else _refuse("no chapters")


def _real(name: str) -> str:
    """The program behind its stand-in, or nothing."""
    own = os.environ["STAND_INS"]
    rest = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if folder != own)
    return shutil.which(name, path=rest) or ""


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


STAND_INS: dict[str, Callable[[list[str]], int]] = {
    "notebind": notebind,
    "make": make,
    "pip": pip,
    "pipx": pip,
    "uv": pip,
    "yt-dlp": yt_dlp,
    "mpv": mpv,
    "ffprobe": ffprobe,
}

if __name__ == "__main__":
    called = sys.argv.pop(1)
    sys.exit(STAND_INS[called](sys.argv[1:]))
