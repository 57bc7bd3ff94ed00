"""What a person decided about a card, as `cards.toml` keeps it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

LONGEST_WORDS = 80
"""Characters of a front that are kept for comparison."""
LONGEST_TEXT = 8_000
"""Characters of a text of a card that is kept."""

Short = Annotated[str, msgspec.Meta(max_length=1_000)]
Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
Identity = tuple[str, str, str]
"""Owner, kind and anchor of a card: what its GUID is made of."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A card that was kept, discarded or edited, or that waits for that; the order of its fields is the file's."""

    verdict: Literal["keep", "discard", "waiting"]
    front: Text = ""
    """The question in plain text, a gap as `{{c1::words}}`; "" if it is too long to be kept."""
    back: Text = ""
    """The answer in plain text; lines that begin with `- ` are a list."""
    edited: bool = False
    """Whether front and back are the person's words and replace those of the notes."""
    imported: bool = False
    """Whether the card is whole in this entry, because another writer made it."""
    doubt: Short = ""
    """What the gate for other writers' cards could not settle, for a person to look at."""
    suspended: bool = False
    """Whether it was suspended in Anki when a push saw it last."""
    deleted: bool = False
    """Whether it counts as discarded because it was deleted in Anki."""
    note: Short = ""
    """The slug of its note."""
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e8)] | None = None
    rule: Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9-]{1,40}\Z")]
    context: Short = ""
    sentence: Text = ""
    kind: Literal["basic", "cloze", "list", "section"]
    owner: Short
    anchor: Text
    words: Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)] = ""
    """The front that it was made with, to recognise it if its anchor changes."""
    guid: Annotated[str, msgspec.Meta(pattern=r"\A(?:[A-Za-z0-9_-]{22})?\Z")] = ""
    """The GUID in Anki of a card of which a push knew no more; then there is no anchor."""
    odds: Annotated[float, msgspec.Meta(ge=-50, le=50)] | None = None
    """The log-odds that the ranker gave it, from which it learns."""

    @property
    def identity(self) -> Identity:
        """The identity of its card."""
        return self.owner, self.kind, self.guid or self.anchor

    @property
    def start_ms(self) -> int | None:
        """The time of its card in milliseconds."""
        return None if self.seconds is None else round(self.seconds * 1000)
