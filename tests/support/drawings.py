"""SVG drawings for tests, as drawing programs export them."""

from __future__ import annotations

import base64

from tests.support.pictures import drawn

PICTURE = base64.b64encode(drawn()).decode()
FONT = "data:font/woff2;base64,d09GMgABAAAAAAA="

PLAN = f"""<?xml version="1.0" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:editor="urn:editor" viewBox="0 0 240 120" width="240" height="120" editor:zoom="2">
  <!-- svg-source:excalidraw -->
  <metadata><!-- payload-type:application/vnd.excalidraw+json -->AAAA</metadata>
  <editor:view zoom="2"/>
  <defs>
    <style class="style-fonts">
      @font-face {{ font-family: "Drawn"; src: url({FONT}); }}
      @font-face {{ font-family: "Far"; src: url("https://example.org/far.woff2"); }}
      .water {{ fill: url(#depth); }}
    </style>
    <linearGradient id="depth"><stop offset="0" stop-color="teal"/><stop offset="1" stop-color="navy"/></linearGradient>
    <symbol id="image-1"><image width="100%" height="100%" href="data:image/png;base64,{PICTURE}"/></symbol>
    <mask id="Hole 1"><rect width="240" height="120" fill="#fff"/><circle cx="60" cy="60" r="20"/></mask>
    <filter id="soft"><feGaussianBlur stdDeviation="2"/></filter>
  </defs>
  <rect x="0" y="0" width="240" height="120" fill="#ffffff"/>
  <g stroke-linecap="round" transform="translate(10 10) rotate(0 50 20)" mask="url(#Hole 1)">
    <path class="water" d="M0 0 C40 10, 60 10, 100 0 L100 80 L0 80 Z" stroke="#1e1e1e" stroke-width="2"/>
  </g>
  <use href="#image-1" x="130" y="10" width="40" height="20"/>
  <use xlink:href="#image-1" x="130" y="40" width="40" height="20" filter="url('#soft')"/>
  <a href="https://example.org"><text x="130" y="100" font-family="Drawn, Far, Segoe UI Emoji" font-size="20px"
    fill="#1e1e1e" style="white-space: pre;" direction="ltr" dominant-baseline="alphabetic">A harbour</text></a>
  <switch>
    <foreignObject width="10" height="10"><p xmlns="http://www.w3.org/1999/xhtml">10 m</p></foreignObject>
    <text x="200" y="30">10 m</text>
  </switch>
</svg>
""".encode()
"""A harmless drawing with everything that Excalidraw, draw.io, Graphviz and Inkscape write."""


def svg(inside: str, before: str = "") -> bytes:
    """Return a drawing of 10 by 10 with these elements."""
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'{before}<svg {spaces} viewBox="0 0 10 10">{inside}</svg>'.encode()
