"""Tests pictures of a vault: which file an image means, what is refused and why, and where pictures are put."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import pytest

from convert.document.nodes import Image, Paragraph, Picture
from convert.document.note import ImageFact
from convert.document.walk import inlines
from convert.errors import WriterError
from convert.pipeline.run import build
from convert.render.pandoc import Context
from convert.render.pandoc_tree import note_body
from convert.request import Request
from convert.storage.folder import Folder
from convert.storage.sealed import read_sealed, write_sealed
from convert.vault.pictures import PictureFile, PictureIndex, read_picture
from convert.vault.vault import Vault
from tests.support.pictures import SEA, SKY, drawn
from tests.support.vaults import Files, all_diagnostics, lay_out, note, open_files

FILES = {
    "films/sea.png": SEA,
    "attachments/sky.png": SKY,
    "attachments/deep/sky.png": drawn(color="red"),
    "one/twin.png": SEA,
    "two/twin.png": SKY,
    "attachments/Two words.jpg": drawn("JPEG"),
    "attachments/moving.gif": drawn("GIF"),
    "attachments/small.webp": drawn("WEBP"),
    "attachments/named.png": drawn("JPEG"),
    "attachments/press.jpg": drawn("JPEG", mode="CMYK"),
    "attachments/torn.png": SEA[:60],
    "attachments/text.png": b"no picture",
    "attachments/drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>',
    "attachments/acting.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "attachments/Plan.excalidraw.md": b"# Excalidraw data",
    "attachments/Plan.excalidraw.png": SEA,
    "attachments/Plan.excalidraw.light.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"/>',
    "attachments/Map.excalidraw.png": SKY,
    ".hidden/secret.png": SEA,
}


def shown(vault: Vault, name: str = "films/a") -> list[Picture | None]:
    """Return the pictures of a note in the order of its images."""
    return [one.picture for one in inlines(vault.note(name).blocks) if type(one).__name__ == "Image"]


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("![a](sea.png)", "films/sea.png"),
        ("![a](./sea.png)", "films/sea.png"),
        ("![a](../attachments/sky.png)", "attachments/sky.png"),
        ("![a](attachments/sky.png)", "attachments/sky.png"),
        ("![a](/attachments/sky.png)", "attachments/sky.png"),
        ("![[sky.png]]", "attachments/sky.png"),
        ("![[SKY.png|300]]", "attachments/sky.png"),
        ("![[deep/sky.png]]", "attachments/deep/sky.png"),
        ("![[two/twin.png]]", "two/twin.png"),
        ("![a](Two%20words.jpg)", "attachments/Two words.jpg"),
        ("![[Two words.jpg|Words]]", "attachments/Two words.jpg"),
        ("![[moving.gif]]", "attachments/moving.gif"),
        ("![[small.webp]]", "attachments/small.webp"),
        ("![[named.png]]", "attachments/named.png"),
        ("![[Map.excalidraw]]", "attachments/Map.excalidraw.png"),
        ("![[Map.excalidraw.md|300]]", "attachments/Map.excalidraw.png"),
        ('<img src="sea.png" alt="x"/> text', "films/sea.png"),
    ],
)
def test_an_image_means_a_file(image: str, path: str, tmp_path: Path) -> None:
    vault = open_files(tmp_path, {**FILES, "films/a.md": note(image)})
    (picture,) = shown(vault)
    assert picture
    assert (picture.width, picture.height) == (40, 20)
    assert Path(vault.picture_paths[picture.name]).read_bytes() == (tmp_path / path).read_bytes()
    assert "picture" not in " ".join(one.code for one in all_diagnostics(vault))


@pytest.mark.parametrize(
    ("image", "code", "why"),
    [
        ("![a](gone.png)", "picture-missing", "no such file"),
        ("![[twin.png]]", "picture-missing", "2 files"),
        ("![a](../../secret.png)", "picture-missing", "no such file"),
        ("![a](../.hidden/secret.png)", "picture-missing", "no such file"),
        ("![[linked.png]]", "picture-missing", "no such file"),
        ("![a](../folder/secret.png)", "picture-missing", "no such file"),
        ("![a](https://example.org/a.png)", "picture-elsewhere", "on the web"),
        ("![a](data:image/png;base64,AAAA)", "picture-elsewhere", "on the web"),
        ("![[Sketch.excalidraw]]", "picture-missing", "export"),
        ("![[press.jpg]]", "picture-unfit", "CMYK"),
        ("![[torn.png]]", "picture-unfit", "damaged"),
        ("![[text.png]]", "picture-unfit", "convert it"),
        ("![[acting.svg]]", "picture-unfit", "with a script"),
    ],
)
def test_an_image_that_means_none_keeps_its_words(image: str, code: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(SEA)
    vault_folder = tmp_path / "vault"
    lay_out(vault_folder, FILES)
    (vault_folder / "attachments" / "linked.png").symlink_to(tmp_path / "secret.png")
    (vault_folder / "folder").symlink_to(tmp_path)
    vault = open_files(vault_folder, {"films/a.md": note(f"\n{image}")})
    assert shown(vault) == [None]
    (said,) = [one for one in all_diagnostics(vault) if one.code.startswith("picture-")]
    assert (said.code, said.line) == (code, 5)
    assert why in said.message


def test_of_the_exports_of_a_drawing_the_sharp_one_is_shown(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {**FILES, "films/a.md": note("![[Plan.excalidraw]]")})
    (picture,) = shown(vault)
    assert picture
    assert picture.name.endswith(".svg")


def test_a_picture_that_is_too_big_is_left_out(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {**FILES, "films/a.md": note("![a](sea.png)")}, max_picture_bytes=len(SEA) - 1)
    assert shown(vault) == [None]
    assert ["--max-picture-size" in one.message for one in all_diagnostics(vault) if one.code == "picture-unfit"]


def test_a_picture_of_billions_of_pixels_is_not_decoded(tmp_path: Path) -> None:
    header = SEA[:16] + (60_000).to_bytes(4, "big") * 2 + SEA[24:]
    vault = open_files(tmp_path, {"films/sea.png": header, "films/a.md": note("![a](sea.png)")})
    assert shown(vault) == [None]


def test_pictures_of_a_single_file_lie_beside_it(tmp_path: Path) -> None:
    files = {"a.md": note("![a](b.png) ![a](in/c.png) ![a](in/deep/d.png)"), "b.png": SEA, "in/c.png": SKY}
    vault = open_files(tmp_path, {**files, "in/deep/d.png": drawn(color="red")}, "a.md")
    assert [bool(picture) for picture in shown(vault, next(iter(vault.sources)))] == [True, True, False]


TEXT = "## Waves [00:01:00]\n\nWaves are water that the wind moves.\n\n![[sky.png|Sky]] ![a](sea.png) ![[sky.png]]\n"


def made(folder: Path, files: Files = FILES, **settings: object) -> dict[str, bytes]:
    """Build a small vault and return its artifacts by path."""
    lay_out(folder, {**files, "films/a.md": note(TEXT, "Waves")})
    writers = ("epub", "html", "anki")
    options = {"anki": {"section_cards": True}}
    report = build(Request((folder,), folder / "output", writers, options, jobs=1, **settings))  # type: ignore[arg-type]
    assert not report.failed()
    return {
        saved.path: (folder / "output" / saved.path).read_bytes() for book in report.books for saved in book.artifacts
    }


def test_pictures_lie_in_books_once_as_they_are(tmp_path: Path) -> None:
    files = made(tmp_path)
    with zipfile.ZipFile(io.BytesIO(files["films.epub"])) as book:
        names = sorted(name for name in book.namelist() if "/images/" in name)
        assert sorted(map(book.read, names)) == sorted([SEA, SKY])
        page = next(
            book.read(name).decode()
            for name in book.namelist()
            if name.endswith(".xhtml") and "waves" not in name and b'<img src="images/' in book.read(name)
        )
    assert page.count("<img ") == 3
    assert 'alt="Sky"' in page
    site = {path: data for path, data in files.items() if "/images/" in path}
    assert sorted(site.values()) == sorted([SEA, SKY])


def test_pictures_on_cards_are_media_of_the_deck(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(made(tmp_path)["films.apkg"])) as deck:
        media = json.loads(deck.read("media"))
        assert sorted(deck.read(number) for number in media) == sorted([SEA, SKY])
        content = deck.read("collection.anki2")
    assert all(name.startswith("notebind-") and f'<img src="{name}"'.encode() in content for name in media.values())


def test_a_changed_picture_is_a_new_book_and_an_unchanged_one_none(tmp_path: Path) -> None:
    first = made(tmp_path)
    again = build(Request((tmp_path,), tmp_path / "output", ("epub",), jobs=1))
    assert [book.unchanged for book in again.books] == [["epub"]]
    assert made(tmp_path, FILES | {"films/sea.png": drawn(color="green")})["films.epub"] != first["films.epub"]


def test_a_picture_that_changes_meanwhile_ends_its_book_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(SEA)
    with pytest.raises(WriterError, match="run this again"):
        read_picture({"0" * 32 + ".png": str(tmp_path / "a.png")}, "0" * 32 + ".png")


EVIL = (
    'x.png", 1, 1); read("/etc/passwd") //',
    "../../../evil.png",
    "DIGEST.html",
    "DIGEST.png/../../x.png",
    "DIGEST.png\n",
    "DIGEST<script>.png",
    "",
    "\x1b]0;x.png",
    "F" * 32 + ".png",
    "DIGEST" + "0" * 300 + ".png",
)


@pytest.mark.parametrize("name", EVIL)
def test_a_forged_memory_of_pictures_is_not_believed(name: str, tmp_path: Path) -> None:
    first = made(tmp_path)
    folder, kept = Folder(tmp_path / "output"), ".notebind/pictures.msgpack"
    known = msgspec.msgpack.decode(b"".join(read_sealed(folder, kept)))
    for _, picture in known:
        picture["name"] = name.replace("DIGEST", picture["name"].partition(".")[0])
    write_sealed(folder, kept, (msgspec.msgpack.encode(known),))
    (tmp_path / "films" / "a.md").unlink()
    for record in folder.records():
        folder.remove(record)
    assert made(tmp_path) == first


@pytest.mark.parametrize("name", ["DIGEST.svg", "DIGEST.jpg", "DIGEST", "DIGEST.html", 'DIGEST.png"', "../DIGEST.png"])
def test_a_picture_is_of_the_kind_that_its_name_says(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(SEA)
    digest = blake2b(SEA, digest_size=16).hexdigest()
    assert read_picture({f"{digest}.png": str(tmp_path / "a.png")}, f"{digest}.png")
    name = name.replace("DIGEST", digest)
    with pytest.raises(WriterError, match="run this again"):
        read_picture({name: str(tmp_path / "a.png")}, name)


def test_no_name_of_a_picture_becomes_code() -> None:
    picture = Picture('x.png", 1, 1); read("/etc/passwd") //', 4, 3)
    body = note_body([Paragraph((Image("b.png", "a", picture=picture),), 1)], Context(typst=True))
    assert '#picture("x.png\\", 1, 1)' in body[0]["c"][0]["c"][1]


def test_a_picture_of_a_name_that_many_have_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [PictureFile(f"/v/{number}/x.png", 1, "1") for number in range(2_000)]
    index = PictureIndex(files, ["/v"])
    counted: list[str] = []
    monkeypatch.setattr(index, "_names", Counting(index._names, counted))
    for number in range(50):
        assert len(index.find(ImageFact("x.png", 1, True), f"/v/films/{number}.md")) == 2_000
    assert len(counted) == 1


class Counting(dict[str, Any]):
    """A dictionary that notes each look-up."""

    def __init__(self, values: dict[str, Any], counted: list[str]) -> None:
        super().__init__(values)
        self._counted = counted

    def __getitem__(self, key: str) -> Any:
        self._counted.append(key)
        return super().__getitem__(key)
