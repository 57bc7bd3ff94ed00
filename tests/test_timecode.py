"""Tests how times are read and written."""

from __future__ import annotations

import time

import pytest

from convert.document.timecode import BARE_STAMP, STAMP, clock, parse_timestamp, time_fields

READ = {
    "00:00:00": 0,
    "00:03:10": 190_000,
    "3:10": 190_000,
    "03:10": 190_000,
    "1:02:03": 3_723_000,
    "12:30:0": 45_000_000,
    "02:8:21": 7_701_000,
    ":9:02": 542_000,
    ":12:03": 723_000,
    "127:15": 7_635_000,
    "01:74:05": 8_045_000,
    "00:14:75": 915_000,
    "00:01:10:02": 70_000,
    "0:0:55:00": 55_000,
    "1:36:07:00": 5_767_000,
    "0:00:00.413Z": 413,
    "00:01:02.5": 62_500,
    "00:01:02.123456": 62_123,
    "00:01:02,250": 62_250,
    "00:01:02,00:03:04": 62_000,
    "[00:01:02]": 62_000,
    " 00:01:02]": 62_000,
    "(00:01:02)": 62_000,
    "00:01:02]-[00:03:04]</a>. More text": 62_000,
    "00:12:34 - 00:13:00": 754_000,
    "00:12:34\u201300:13:00": 754_000,
    "190s": 190_000,
    "1h2m3s": 3_723_000,
    "2M": 120_000,
    "N/A": None,
    "HH:MM:SS": None,
    "HH:01:02": None,
    "2241": None,
    "": None,
    "]": None,
    ":": None,
    "1:2:3:4:5": None,
    "00:00:012": None,
    "Link": None,
}


@pytest.mark.parametrize(("raw", "expected"), READ.items())
def test_reads_every_spelling(raw: str, expected: int | None) -> None:
    assert parse_timestamp(raw) == expected


def test_fields_are_the_numbers_as_written() -> None:
    assert time_fields("01:14:00") == (1, 14, 0)
    assert time_fields(":9:02") == (0, 9, 2)
    assert time_fields("soon") is None


@pytest.mark.parametrize(
    ("text", "raws"),
    [
        ("so it went [00:12:34].", ["00:12:34"]),
        ("so it went [12:34].", ["12:34"]),
        ("[:9:02]", [":9:02"]),
        ("[00:12:34 - 00:13:00]", ["00:12:34", "00:13:00"]),
        ("[00:12:34\u201300:13:00]", ["00:12:34", "00:13:00"]),
        ("[00:01:02, 00:03:04, 00:05:06]", ["00:01:02", "00:03:04", "00:05:06"]),
        ("[00:00:01.500]", ["00:00:01.500"]),
        ("[01:02:03:00]", ["01:02:03:00"]),
        ("(0:07:53-0:08:06)", ["0:07:53", "0:08:06"]),
        ("John (3:16) and a score (2:1)", []),
        ("a slice [1:2] or [a:b]", []),
        ("[00:12:34, see there]", []),
        ("12:34 without brackets", []),
        ("[00:01:02][00:03:04]", ["00:01:02", "00:03:04"]),
        ("\u301001:30\u3011\uff3b2:10\uff3d\uff0801:30\uff09", ["01:30", "2:10"]),
    ],
)
def test_bare_stamps(text: str, raws: list[str]) -> None:
    found = [raw for match in BARE_STAMP.finditer(text) for raw in STAMP.findall(match[0])]
    assert found == raws


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "[00:12:34, " * 30_000, "[" + "00:12:34," * 40_000, "0:" * 200_000, "1" * 300_000]
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    list(BARE_STAMP.finditer(text))
    list(STAMP.finditer(text))
    parse_timestamp(text)
    assert time.process_time() - began < 1.0


def test_shows_time() -> None:
    assert [clock(ms) for ms in (0, 62_999, 3_600_000)] == ["0:00", "1:02", "1:00:00"]
