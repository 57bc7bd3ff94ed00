"""Draws docs/pictures/reading_room.png: the site on a desk and on a phone, while a film plays (Playwright)."""

from __future__ import annotations

import math
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright

from convert.pipeline.run import build
from convert.request import Request
from tests.support.needs import ROOT, program

TARGET = ROOT / "docs" / "pictures" / "reading_room.png"
SECONDS, STEP = 888, 4
GAP, BACKGROUND, EDGE = 20, "#d9dce1", "#b4b8bf"


def draw() -> None:
    """Build the seeds with a film beside them, play it, and put two screenshots side by side."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film(folder / "hills [eRsGyueVLvQ].webm")
        build(Request((ROOT / "seeds" / "open_movies",), folder / "out", ("chapters", "html"), videos=folder))
        (page,) = (folder / "out" / "open_movies.html").glob("sintel-*.html")
        screens = [screen(page, *size) for size in ((1180, 720, "light"), (360, 720, "dark"))]
    sheet(screens).quantize(128, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1000} kB")


def screen(page: Path, width: int, height: int, colours: Any) -> Image.Image:
    """Take a screenshot of the page at the second of a stamp."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
        tab.goto(page.as_uri())
        tab.click("text='3:48'")
        tab.wait_for_function("() => document.querySelector('video').currentTime > 228")
        tab.evaluate("document.querySelector('video').pause()")
        tab.wait_for_timeout(700)
        tab.screenshot(path=page.with_suffix(".png"))
        browser.close()
    return Image.open(page.with_suffix(".png")).convert("RGB")


def sheet(screens: list[Image.Image]) -> Image.Image:
    width = sum(one.width + GAP for one in screens) + GAP
    picture = Image.new("RGB", (width, screens[0].height + 2 * GAP), BACKGROUND)
    left = GAP
    for one in screens:
        picture.paste(one, (left, GAP))
        ImageDraw.Draw(picture).rectangle((left - 1, GAP - 1, left + one.width, GAP + one.height), outline=EDGE)
        left += one.width + GAP
    return picture


def film(path: Path) -> None:
    """Draw a film of hills under a moon."""
    with av.open(str(path), "w") as new:
        stream: Any = new.add_stream("libvpx", rate=Fraction(1, STEP))
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(SECONDS // STEP):
            frame = av.VideoFrame.from_image(hills(number * STEP))
            frame.pts, frame.time_base = number, Fraction(STEP, 1)
            new.mux(stream.encode(frame))
        new.mux(stream.encode(None))


def hills(second: int) -> Image.Image:
    picture = Image.new("RGB", (640, 360), "#33507c")
    pencil = ImageDraw.Draw(picture)
    pencil.ellipse((470, 60, 530, 120), fill="#f0e1be")
    for number, (height, colour) in enumerate(((150, "#465a78"), (210, "#2d3e58"), (270, "#192437"))):
        heights = (
            (x, height + 30 * math.sin(x / (70 - 15 * number) + number * 2 + second / 60)) for x in range(0, 644, 4)
        )
        pencil.polygon([(0, 360), *heights, (640, 360)], fill=colour)
    return picture
