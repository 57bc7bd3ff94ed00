"""Tests `cards.toml`: what is written is read, what others wrote stays, damage is one line, and the rest counts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convert.document.verdict import Verdict
from convert.errors import SaveError, UsageError
from convert.vault import verdicts
from convert.vault.verdicts import NAME, read_verdicts, save_verdicts

VIDEO = "youtube:aaaaaaaaaaa"


def verdict(anchor: str = "tides", **about: object) -> Verdict:
    told = {"verdict": "keep", "rule": "date", "kind": "cloze", "owner": VIDEO, "anchor": anchor, "words": "A […]"}
    return Verdict(**(told | about))  # type: ignore[arg-type]


def entry(anchor: str = "tides", line: str = "") -> str:
    told = (
        'verdict = "discard"',
        'rule = "date"',
        'kind = "cloze"',
        f'owner = "{VIDEO}"',
        f'anchor = "{anchor}"',
        line,
    )
    return "\n".join(("[[card]]", *told, ""))


def write(folder: Path, text: str) -> None:
    (folder / NAME).write_text(text, "utf-8")


def lines(folder: Path) -> list[str]:
    return [f"{one.line} {one.message}" for one in read_verdicts(str(folder), "films").problems]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    odd = verdict(
        'say "it" \\ […]\n# no comment\t\x1b\U0001f30a',
        front="In {{c1::1859}}",
        back="- a\n- b",
        edited=True,
        seconds=12.5,
    )
    whole = verdict("b", imported=True, verdict="waiting", sentence="Tides rise.", odds=-1.25)
    saved = save_verdicts(str(tmp_path), [odd, whole])
    read = read_verdicts(str(tmp_path))
    assert read == saved
    assert read.problems == ()
    assert read.entries == (
        verdict(odd.anchor.replace("\x1b", ""), **{n: getattr(odd, n) for n in ("front", "back", "edited", "seconds")}),
        whole,
    )
    assert read.entries[0].start_ms == 12_500
    text = (tmp_path / NAME).read_text("utf-8")
    assert text.startswith("# Verdicts")
    assert '[[card]]\nverdict = "keep"\nfront = "In {{c1::1859}}"\nback = "- a\\n- b"\n' in text


def test_a_folder_without_verdicts_says_nothing(tmp_path: Path) -> None:
    assert read_verdicts(str(tmp_path)) == verdicts.VerdictFile()


def test_comments_order_and_what_another_wrote_stay(tmp_path: Path) -> None:
    mine = "# of mine\n\n[[card]]\n# why: too easy\n" + entry("a").removeprefix("[[card]]\n") + "# after\nlater = 'x'\n"
    write(tmp_path, mine + "\n" + entry("b"))
    save_verdicts(str(tmp_path), [verdict("c")])
    save_verdicts(str(tmp_path), [verdict("a")], removed=[verdict("b").identity])
    text = (tmp_path / NAME).read_text("utf-8")
    kept = mine.replace("discard", "keep").rstrip("\n")
    assert text.startswith(kept)
    assert text.count("[[card]]") == 2
    found = read_verdicts(str(tmp_path)).entries
    assert [one.identity for one in found] == [verdict("a").identity, verdict("c").identity]


def test_saving_the_same_again_changes_no_byte(tmp_path: Path) -> None:
    save_verdicts(str(tmp_path), [verdict("a"), verdict("b")])
    before = (tmp_path / NAME).stat()
    save_verdicts(str(tmp_path), [verdict("a")])
    after = (tmp_path / NAME).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_file_that_changes_while_it_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_verdicts(str(tmp_path), [verdict("a")])
    change, times = verdicts._changed, [0]

    def meanwhile(*arguments: object) -> str:
        times[0] += 1
        if times[0] < 4:
            with (tmp_path / NAME).open("a") as file:
                file.write(entry(f"other {times[0]}"))
        return change(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(verdicts, "_changed", meanwhile)
    save_verdicts(str(tmp_path), [verdict("b")])
    assert [one.anchor for one in read_verdicts(str(tmp_path)).entries] == ["a", "other 1", "other 2", "other 3", "b"]


def test_a_file_that_never_rests_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "_put", lambda *_: False)
    with pytest.raises(SaveError, match="another program writes it"):
        save_verdicts(str(tmp_path), [verdict()])


DAMAGE = {
    "an unknown verdict": (entry("a") + entry("b").replace("discard", "perhaps") + entry("c"), 8, "cannot be read"),
    "a number for a text": (entry("a") + entry("b", "note = 3") + entry("c"), 8, "Expected"),
    "no owner": (entry("a") + "[[card]]\nverdict = 'keep'\n" + entry("c"), 8, "cannot be read"),
    "a field twice": (entry("a") + entry("b", "rule = 'date'") + entry("c"), 8, "cannot be read"),
    "a nested value": (entry("a", "x = { a.a.a = 1 }") + entry("c"), 7, "key = value"),
    "a list": (entry("a", "x = [1, 2]") + entry("c"), 7, "key = value"),
    "dots": (entry("a", "a.a.a.a = 1") + entry("c"), 7, "key = value"),
    "lines in a text": (entry("a", 'x = """\n') + entry("c"), 7, "key = value"),
    "a bad escape": (entry("a") + entry("b", r'note = "\q"') + entry("c"), 8, "cannot be read"),
    "no number": (entry("a") + entry("b", "seconds = nan") + entry("c"), 14, "key = value"),
    "endless": (entry("a") + entry("b", "seconds = 1e999") + entry("c"), 8, "cannot be read"),
    "before the first": ("verdict = keep\n" + entry("a") + entry("c"), 1, "no line of an entry"),
    "another table": (entry("a", "[other]") + entry("c"), 7, "key = value"),
    "an unfinished merge": (
        entry("a") + "<<<<<<< HEAD\n" + entry("b") + "=======\n>>>>>>> theirs\n" + entry("c"), 8, "merge",
    ),
    "NUL": (entry("a", "\0") + entry("c"), 7, "key = value"),
    "too long": (entry("a") + entry("b", "#" * 200_000) + entry("c"), 8, "at most"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_by_its_line_and_the_rest_counts(name: str, tmp_path: Path) -> None:
    text, line, reason = DAMAGE[name]
    write(tmp_path, text)
    read = read_verdicts(str(tmp_path), "films")
    assert read.problems
    assert (read.problems[0].code, read.problems[0].note) == ("verdict-unreadable", os.path.join("films", NAME))
    assert read.problems[0].line == line
    assert reason in read.problems[0].message
    assert {"a", "c"} <= {one.anchor for one in read.entries}
    save_verdicts(str(tmp_path), [verdict("new")])
    after = (tmp_path / NAME).read_text("utf-8")
    assert [piece for piece in text.split("\n") if piece and piece not in after] == []
    assert {"a", "c", "new"} <= {one.anchor for one in read_verdicts(str(tmp_path)).entries}


NO_UTF8 = {
    "Latin-1": "# café\n".encode("latin-1"),
    "UTF-16": "# café\n".encode("utf-16"),
    "UTF-16, little end first": "# café\n".encode("utf-16-le"),
    "UTF-16, big end first": "# café\n".encode("utf-16-be"),
    "UTF-32": "# café\n".encode("utf-32"),
    "Shift JIS": "# 橋\n".encode("shift-jis"),
    "a cut letter": "# café".encode()[:-1],
    "a surrogate": "# \ud800\n".encode("utf-8", "surrogatepass"),
    "overlong": b"# \xc0\xaf\n",
    "beyond Unicode": b"# \xf4\x90\x80\x80\n",
}


@pytest.mark.parametrize("name", NO_UTF8)
@pytest.mark.parametrize("before", ["", entry("a")])
def test_what_is_no_utf8_is_read_and_never_written(name: str, before: str, tmp_path: Path) -> None:
    data = (before.encode() if "UTF-" not in name else b"") + NO_UTF8[name]
    (tmp_path / NAME).write_bytes(data)
    for changed, removed in (([verdict("a")], []), ([verdict("b")], []), ([], [verdict("a").identity]), ([], [])):
        with pytest.raises(
            SaveError, match=rf"{NAME}:\d+: is no UTF-8, so nothing was written: save the file as UTF-8"
        ):
            save_verdicts(str(tmp_path), changed, removed)
        assert (tmp_path / NAME).read_bytes() == data
    assert len(read_verdicts(str(tmp_path)).entries) == data.count(b"[[card]]")


ODD = {
    "as we write it": b"%s",
    "a mark at the start": b"\xef\xbb\xbf%s",
    "a mark before the first entry": b"\xef\xbb\xbf[[card]]\nowner = 1\n\n%s",
    "NUL": b"# mine\n\n[[card]]\nnote = '\0'\n\n%s",
    "empty lines": b"\n\n# mine\n\n\n\n%s\n\n\n",
    "no line end": b"%s# end",
    "separators of lines": "# \u2028 \x85 \x0c\n\n%s# \u2029\n".encode(),
    "another table": b"%s[other]\nx = 1\n",
    "a merge": b"<<<<<<< HEAD\n%s=======\n>>>>>>> theirs\n",
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_bytes_that_are_not_ours_stay(name: str, end: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAME
    data = (ODD[name] % (entry("a") + "\n" + entry("b") + "\n" + entry("c")).encode()).replace(b"\n", end)
    path.write_bytes(data)
    save_verdicts(str(tmp_path), [])
    assert path.read_bytes() == data
    save_verdicts(str(tmp_path), [verdict("new")])
    added = path.read_bytes()
    assert added.startswith(data)
    assert added.count(b"\r") - added.count(b"\r\n") == (added.count(b"\n") == 0) * added.count(b"\r")
    path.write_bytes(data)
    save_verdicts(str(tmp_path), [verdict("b", words="", verdict="keep")])
    before, _, after = data.partition(b'anchor = "b"')
    assert path.read_bytes() == before[: before.rindex(b"discard")] + b"keep" + before[
        before.rindex(b"discard") + 7 :
    ] + (b'anchor = "b"' + after)
    save_verdicts(str(tmp_path), [], [verdict("b").identity])
    assert path.read_bytes() == data.replace(entry("b").encode().replace(b"\n", end) + end, b"")


def test_damaged_lines_of_an_entry_stay_when_it_changes(tmp_path: Path) -> None:
    write(tmp_path, entry("a", "<<<<<<< HEAD") + '"""mine\n\n' + entry("b"))
    save_verdicts(str(tmp_path), [verdict("a")])
    text = (tmp_path / NAME).read_text("utf-8")
    assert '<<<<<<< HEAD\n"""mine\n\n[[card]]' in text
    assert [one.verdict for one in read_verdicts(str(tmp_path)).entries] == ["keep", "discard"]


def test_another_name_of_the_file_keeps_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"# mine\n")
    os.link(tmp_path / "mine", tmp_path / NAME)
    save_verdicts(str(tmp_path), [verdict()])
    assert (tmp_path / "mine").read_bytes() == b"# mine\n"
    assert (tmp_path / NAME).read_bytes().startswith(b"# mine\n\n[[card]]\n")


def test_no_text_takes_long(tmp_path: Path) -> None:
    for text in ("a." * 400_000, "[[card]]\n" * 90_000, "[[card]]\nx=" + "[" * 800_000, "[[card]]\n" + "a" * 800_000):
        write(tmp_path, text)
        begun = time.process_time()
        read_verdicts(str(tmp_path))
        assert time.process_time() - begun < 10


def test_only_ordinary_files_of_the_folder_are_read_and_written(tmp_path: Path) -> None:
    films, other = tmp_path / "films", tmp_path / "other.toml"
    films.mkdir()
    other.write_text(entry("a"))
    (films / NAME).symlink_to(other)
    assert "a link is not followed" in lines(films)[0]
    with pytest.raises(SaveError, match=r"\(a link is not followed\): move it away"):
        save_verdicts(str(films), [verdict()])
    assert other.read_text() == entry("a")
    (films / NAME).unlink()
    os.mkfifo(films / NAME)
    assert "not an ordinary file" in lines(films)[0]
    with pytest.raises(SaveError, match=r"\(not an ordinary file.*\): move it away"):
        save_verdicts(str(films), [verdict()])
    (films / NAME).unlink()
    (films / NAME).mkdir()
    assert "irectory" in lines(films)[0]
    with pytest.raises(SaveError, match=r"irectory\): move it away"):
        save_verdicts(str(films), [verdict()])
    (films / NAME).rmdir()
    (films / NAME).write_bytes(b"#" * 16_000_001)
    with pytest.raises(SaveError, match=r"\(has more than 16 MB\): delete entries"):
        save_verdicts(str(films), [verdict()])


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(verdicts.below.Opened, "replace", refuse)
    with pytest.raises(SaveError, match=r"cards.toml: cannot be written \(Permission denied\): make the folder"):
        save_verdicts(str(tmp_path), [verdict()])
    with pytest.raises(UsageError, match="folders of this machine only"):
        save_verdicts("s3://bucket/films", [verdict()])


def test_a_merge_in_git_keeps_the_verdicts_of_both(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True, capture_output=True
        )

    git("init", "-b", "main")
    save_verdicts(str(tmp_path), [verdict(letter) for letter in "abcdefgh"])
    git("add", ".")
    git("commit", "-m", "1")
    git("checkout", "-b", "other")
    save_verdicts(str(tmp_path), [verdict("a", verdict="discard")])
    git("commit", "-am", "2")
    git("checkout", "main")
    save_verdicts(str(tmp_path), [verdict("h", verdict="discard"), verdict("i")])
    git("commit", "-am", "3")
    git("merge", "other")
    read = read_verdicts(str(tmp_path))
    assert read.problems == ()
    assert {one.anchor: one.verdict[0] for one in read.entries} == dict.fromkeys("bcdefgi", "k") | dict.fromkeys(
        "ah", "d"
    )


def test_reading_does_not_load_the_writer(tmp_path: Path) -> None:
    write(tmp_path, entry())
    told = (
        "import sys",
        "from convert.vault.verdicts import read_verdicts",
        "assert read_verdicts(sys.argv[1]).entries",
    )
    script = "; ".join((*told, "print('tomlkit' in sys.modules)"))
    run = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
