"""Lets a model of the `llm` command with little memory write cards: `python small_model.py MODEL < passages > answers`.

SmolLM2 reads 512 tokens, prompt and answer together, so it is asked for one card of one sentence at a time, and the
quotes are filled in here. `make recipe-llm` runs this with the Python that has `llm`, which knows nothing of notebind.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable

LONGEST = 400
"""Characters of a sentence."""
LONGEST_ANSWER = 600
"""Characters after which an answer without a card is given up."""
PROMPT = 'Write one quiz question about this text, and its short answer. Begin with "Question:", then "Answer:".\n\n{}'
_CARD = re.compile(r"Question:[ \t]*([^\n]+)\n+Answer:[ \t]*([^\n]+)")


def _first_card(chunks: Iterable[str]) -> re.Match[str] | None:
    """Return the first card of an answer; the rest of the answer is not waited for."""
    said = ""
    for chunk in chunks:
        said += chunk
        if (found := _CARD.search(said)) and said.find("\n", found.start(2)) >= 0:
            return found
        if len(said) > LONGEST_ANSWER:
            break
    return _CARD.search(said)


def main() -> None:
    """Read passages of an export, and print an answer for each sentence of which the model makes a card."""
    import llm

    model = llm.get_model(sys.argv[1])
    asked = made = 0
    for line in sys.stdin:
        for sentence in json.loads(line)["sentences"]:
            if len(sentence["text"]) > LONGEST:
                continue
            asked += 1
            found = _first_card(model.prompt(PROMPT.format(sentence["text"])))
            if found:
                made += 1
                quote = {"id": sentence["id"], "text": sentence["text"]}
                print(json.dumps({"quotes": [quote], "front": found[1].strip(), "back": found[2].strip()}), flush=True)
    print(f"{asked} sentences, {made} cards written", file=sys.stderr)


if __name__ == "__main__":
    main()
