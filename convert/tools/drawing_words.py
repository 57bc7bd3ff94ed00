"""The elements of SVG that drawings are made of, and those that show nothing."""

from __future__ import annotations

_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_PAINTS = {"linearGradient", "radialGradient", "stop", "pattern", "clipPath", "mask", "marker"}
_FILTERS = {"filter", "feBlend", "feColorMatrix", "feComponentTransfer", "feFuncR", "feFuncG", "feFuncB", "feFuncA"}
_FILTERS |= {"feComposite", "feDropShadow", "feFlood", "feGaussianBlur", "feMerge", "feMergeNode", "feOffset"}
"""Without those that cost more than their pixels."""

DRAWN = frozenset(_SHAPES | {"svg", "g", "switch", "use", "image", "text", "tspan", "textPath"})
"""What can be seen."""

ELEMENTS = frozenset(DRAWN | _PAINTS | _FILTERS | {"defs", "symbol", "title", "desc", "style"})
"""All that is known: no scripts, no pages of HTML, no other media."""

_MOVEMENT = {"animate", "animateColor", "animateMotion", "animateTransform", "set", "mpath", "discard"}
_FONTS = {"font", "font-face", "font-face-src", "font-face-uri", "font-face-format", "font-face-name"}
_FONTS |= {"glyph", "missing-glyph", "hkern", "vkern"}

SHOWING_NOTHING = frozenset(_MOVEMENT | _FONTS | {"metadata", "cursor", "view", "color-profile"})
"""Left out: data of editors, movement (the beginning is shown), fonts that no browser reads."""
