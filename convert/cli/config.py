"""`notebind config`: each setting, its value, and where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convert.storage.location import Location, path_or_address

if TYPE_CHECKING:
    from convert.config.keys import Key
    from convert.config.read import Setting, Settings

Places = Annotated[
    list[Path] | None, typer.Argument(parser=path_or_address, help="Folders or files of notes; default: this folder.")
]


def config(notes: Places = None) -> None:
    """Show each setting that holds for NOTES, and where it comes from."""
    from convert.cli.settings import keys, settings_of
    from convert.cli.summary import must_exist
    from convert.report import visible

    places = notes or [Path(".")]
    must_exist(places)
    found = settings_of(places)
    for line in _lines(keys(), found, places):
        typer.echo(visible(line))


def _lines(known: Mapping[str, Key], found: Settings | None, notes: Sequence[Location]) -> Iterator[str]:
    from convert.config.read import shown

    path = found.path if found else None
    values = found.values if found else {}
    yield (
        f"Settings: {shown(path)}" if path else "Settings: no notebind.toml here or above (`notebind init` writes one)"
    )
    wide = max(len(name) for name in known)
    for key in known.values():
        yield _line(key, values.get(key.name), path, wide)
    folders = _channels(notes) if found and found.channels else frozenset()
    for channel, own in found.channels.items() if found else ():
        yield f"[channel.{channel}]" + ("" if channel in folders else "  (no folder of notes has this name)")
        for name, setting in own.items():
            yield _line(known[name], setting, path, wide)


def _line(key: Key, setting: Setting | None, path: Path | None, wide: int) -> str:
    from convert.config.read import shown

    if not setting or not path:
        return f"{key.name:{wide}}  {key.written(key.default):24}  default"
    return f"{key.name:{wide}}  {key.written(setting.value):24}  {shown(path, setting.line)}"


def _channels(notes: Sequence[Location]) -> frozenset[str]:
    """The names of the folders that hold files which may be notes."""
    from convert.vault.discovery import find_sources, plain_name

    sources, _ = find_sources(notes)
    return frozenset(plain_name(Path(source.folder).name) for source in sources)
