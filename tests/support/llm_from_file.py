"""A model for the `llm` command that answers from `llm_answers.jsonl`, good cards and bad ones mixed.

`llm` finds it by the entry point that `install` writes. It is given a passage of an export and writes the cards of the
file whose sentence the passage has, wrapped in words and fences as models like to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).with_name("llm_answers.jsonl")
MODEL = "SmolLM2"
"""The name of the model that the recipe uses."""


def install(folder: Path) -> None:
    """Write the metadata of a package that brings this model to `llm`, in a folder of PYTHONPATH."""
    about = folder / "llm_from_file-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: llm-from-file\nVersion: 1\n", "utf-8")
    (about / "entry_points.txt").write_text("[llm]\nfrom-file = tests.support.llm_from_file\n", "utf-8")


def answer(prompt: str) -> str:
    """Return the answer to a passage; the id of each quote is that of the sentence that begins as its text does."""
    ids = {one["text"][:20]: one["id"] for one in json.loads(prompt)["sentences"]}
    cards = []
    for line in ANSWERS.read_text("utf-8").splitlines():
        card = json.loads(line)
        text = card.pop("text")
        if text[:20] in ids:
            cards.append(card | {"quotes": [{"id": ids[text[:20]], "text": text}]})
    return f"Here are the cards:\n```json\n{json.dumps({'cards': cards}, indent=1)}\n```" if cards else '{"cards": []}'


try:
    import llm
except ImportError:  # `install` is imported without it
    pass
else:

    class FromFile(llm.Model):  # type: ignore[misc]
        """The model."""

        model_id = MODEL

        def execute(self, prompt: Any, stream: bool, response: Any, conversation: Any) -> Iterator[str]:
            """Yield the answer at once."""
            yield answer(prompt.prompt)

    @llm.hookimpl  # type: ignore[untyped-decorator]
    def register_models(register: Any) -> None:
        """Make the model known."""
        register(FromFile())
