"""Draws cost against size as SVG. Both axes are logarithmic, so a straight line is a linear cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 40, 20, 50


class _Axis:
    """Positions on an axis between two powers of ten."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self._first, self._last = floor(log10(min(values))), ceil(log10(max(values)))
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        part = (log10(value) - self._first) / (self._last - self._first)
        return self._start + part * (self._end - self._start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._first, self._last + 1)]


def curve(cpu_s: Mapping[int, float]) -> str:
    """Return the SVG of CPU seconds by number of notes."""
    across = _Axis(list(cpu_s), LEFT, WIDTH - RIGHT)
    up = _Axis(list(cpu_s.values()), HEIGHT - BOTTOM, TOP)
    points = [(across.at(notes), up.at(cost), notes, cost) for notes, cost in cpu_s.items()]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in points)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13"'
    caption = "notes, to EPUB and chapter markers from nothing; CPU seconds of all processes"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for tick in across.ticks():
        x = across.at(tick)
        parts += [_grid(x, TOP, x, HEIGHT - BOTTOM), _text(x, HEIGHT - BOTTOM + 18, f"{tick:,.0f}")]
    for tick in up.ticks():
        y = up.at(tick)
        parts += [_grid(LEFT, y, WIDTH - RIGHT, y), _text(LEFT - 8, y + 4, f"{tick:g} s", "end")]
    parts.append(f'<polyline points="{line}" fill="none" stroke="#0b5c6b" stroke-width="2"/>')
    parts += [_dot(*point) for point in points]
    return "\n".join([*parts, _text(WIDTH / 2, HEIGHT - 10, caption), "</svg>\n"])


def _dot(x: float, y: float, notes: int, cost: float) -> str:
    title = f"<title>{notes:,} notes: {cost:.2f} s</title>"
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#0b5c6b">{title}</circle>'


def _grid(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#333">{text}</text>'
