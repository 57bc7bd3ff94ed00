"""Stand-ins for programs in the docs that tests cannot run because they need the network, Anki or a screen.

`install(folder)` writes a script for each of them into a folder that is first on PATH; the scripts run this module.
A stand-in fails for options that the program does not have, for other packages and for missing files.
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
    """Write a script for every stand-in into the folder."""
    folder.mkdir()
    for name in STAND_INS:
        script = folder / name
        command = f"{shlex.quote(sys.executable)} -m tests.support.stand_ins {name}"
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
        script.chmod(0o755)


INSTALLED = os.environ.get("NOTEBIND_PYTHON", "")
"""The Python of an environment with notebind installed, to test that instead of the code beside the tests."""

ENTRY = "from convert import push, cli; import os; push.ADDRESS = os.environ['ANKI_STAND_IN']; cli.main()"


def notebind(arguments: list[str]) -> int:
    """Run the command itself, with ANKI_STAND_IN for Anki; those that run until Ctrl-C end after their first line."""
    if arguments[:1] in (["serve"], ["watch"], ["review"]):
        return _endless(arguments)
    return subprocess.call([*python(), "-c", ENTRY, *arguments])


def python() -> list[str]:
    """Return the Python that runs blocks; with an installed notebind, PYTHONPATH must not lead to this code."""
    return ["env", "-u", "PYTHONPATH", INSTALLED] if INSTALLED else [sys.executable]


def _endless(arguments: list[str]) -> int:
    """Run a command until it prints its first line, then press Ctrl-C."""
    # A shell's background jobs ignore Ctrl-C, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    more = ["--no-open"] if arguments[0] in ("serve", "review") else []
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
    """Check that a make target and the notes exist, without running it."""
    notes = next((word.partition("=")[2] for word in arguments if word.startswith("NOTES=")), "seeds")
    if not Path(notes).exists():
        return _refuse(f"make: no {notes}")
    return subprocess.call([_real("make"), "-n", "-C", str(ROOT), *arguments], stdout=subprocess.DEVNULL)


def pip(arguments: list[str]) -> int:
    """Accept pip, pipx and uv commands that install this project from its folder, with its own extras and pins."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    known = {name + f"[{extra}]" for name in (".", "./notebind", "notebind") for extra in extras} | {".", "./notebind"}
    words = [word for word in arguments if word not in ("tool", "install", "--constraint")]
    wrong = [word for word in words if word not in known and word != "notebind/constraints.txt"]
    return _refuse(f"not of this project: {wrong}") if wrong or "install" not in arguments else 0


def yt_dlp(arguments: list[str]) -> int:
    """Accept yt-dlp's options only, and write small films where yt-dlp would write the downloads."""
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
    """Run mpv for a moment without screen and sound; if it is not installed, check that its files exist."""
    files = [word for word in arguments if not word.startswith("--")]
    if any(not Path(name).is_file() for name in files):
        return _refuse(f"mpv: not all there: {files}")
    quick = ["--no-config", "--vo=null", "--ao=null", "--end=0.2", "--really-quiet"]
    return subprocess.call([_real("mpv"), *quick, *arguments]) if _real("mpv") else 0


def ffprobe(arguments: list[str]) -> int:
    """Run ffprobe if it is installed; otherwise read the chapters with PyAV."""
    if _real("ffprobe"):
        return subprocess.call([_real("ffprobe"), *arguments])
    import av

    with av.open(arguments[-1]) as media:
        return 0 if media.chapters() else _refuse("no chapters")


def llm(arguments: list[str]) -> int:
    """Run the `llm` command with a model that answers from a file; without it, as without a model, fail."""
    from tests.support.llm_from_file import install as install_model

    own = Path(os.environ["STAND_INS"]) / "llm-model"
    if not own.exists():
        install_model(own)
    places = os.pathsep.join((str(own), str(ROOT), os.environ.get("PYTHONPATH", "")))
    env = os.environ | {"PYTHONPATH": places, "LLM_USER_PATH": str(own)}
    return subprocess.call([sys.executable, "-m", "llm", *arguments], env=env)


def _real(name: str) -> str:
    """Return the path of the program that a stand-in replaces, or ""."""
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
    "llm": llm,
}

if __name__ == "__main__":
    called = sys.argv.pop(1)
    sys.exit(STAND_INS[called](sys.argv[1:]))
