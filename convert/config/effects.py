"""What each setting may do in a file that nobody has trusted: a table, so that no new option is obeyed unnoticed.

A settings file may come with somebody's notes. It may change how the results look. What reads, writes, deletes or runs
something beyond that, or costs more than the default, is power: it needs the command line, the user's own file
(`read.user_file`), or a file that the user has trusted.
"""

from __future__ import annotations

from typing import Literal

Effect = Literal["looks", "power", "inside", "limit", "formats"]
OBEYED: dict[Effect, str] = {
    "looks": "always",
    "power": "if trusted",
    "inside": "in the file's folder; elsewhere if trusted",
    "limit": "if lower than without it; higher if trusted",
    "formats": "for formats of notebind; for those of plug-ins if trusted",
}
"""When a setting of an effect is obeyed, in the words of docs/configuration.md and `notebind config`."""
EFFECTS: dict[str, Effect] = {
    "output": "inside",
    "to": "formats",
    "vault": "power",
    "videos": "power",
    "stills": "looks",
    "still-height": "looks",
    "one-book": "looks",
    "title": "looks",
    "author": "looks",
    "language": "looks",
    "typography": "looks",
    "time-format": "looks",
    "as": "looks",
    "times": "looks",
    "jobs": "power",
    "strict": "looks",
    "prune": "power",
    "set": "power",
    "max-note-size": "limit",
    "max-picture-size": "limit",
    "max-minutes": "limit",
    "cards": "looks",
    "max-cards-per-note": "looks",
    "section-cards": "looks",
    "deck": "looks",
    "deck-per-video": "looks",
    "inline-cards": "looks",
    "reversed-cards": "looks",
    "highlight-cards": "looks",
    "heading-cards": "looks",
    "obsidian-link": "looks",
    "obsidian-vault": "looks",
    "tsv": "looks",
    "chapters-formats": "looks",
    "chapters-depth": "looks",
    "chapters-rate": "looks",
    "chapters-nested": "looks",
    "cues": "looks",
    "cover": "power",
    "css": "power",
    "split": "looks",
    "links": "looks",
    "device": "looks",
    "copy-videos": "power",
    "paper": "looks",
    "font": "power",
    "font-path": "power",
    "pdf-margin": "looks",
    "pdf-engine": "power",
    "plain": "looks",
}
"""The effect of each setting; every setting has a line here."""
