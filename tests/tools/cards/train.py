"""Trains the ranker of cards: `make train-cards` (needs scikit-learn; `--refresh` needs the corpus beside the project).

labels.jsonl has the names of the features and then one judged candidate on each line: note, [line, rule, hash of
question and answer], the verdict by the criteria of docs/cards.md, and its features by number, but no text.
Prints the figures on channels that a model has not seen, and writes a model of all labels.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

from convert.extract.cards.candidate import Candidate
from convert.extract.cards.english import normal
from convert.extract.cards.features import Features, Judged
from convert.extract.cards.mining import candidates, clauses_of
from convert.extract.cards.passages import passages
from convert.reader import read_bytes
from tests.support.needs import CORPUS, ROOT, SHARED

LABELS = Path(__file__).with_name("labels.jsonl")
RANKER = ROOT / "convert" / "extract" / "cards" / "ranker.json"
TEST_CHANNELS = ("khanacademy", "nisanyans", "hubermanlab", "cleoabram")
FRESH = {12: 90, 13: 135}
"""The batches of cards of fresh notes, chosen by models that had not seen their channel, and the notes."""
TESTED = 75
"""The number of these notes that belong to `TEST_CHANNELS`."""
STRENGTH = 0.2
"""Inverse strength of the ridge (C of scikit-learn)."""
RETIRED = frozenset(
    """term name quoted defined quantity complement glossary subject headed why object how condition counted
    apposition gloss""".split()  # noqa: SIM905
)
"""Removed rules: their labels still show which sentences are worth a card."""
SURE = "acronym"
"""A rule whose cards are nearly all kept, so that the model does not rank them."""
YIELDS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0)

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="compute the features again from the corpus")
    parser.add_argument(
        "--sentences", action="store_true", help="fit the model of sentences too (needs ../shared/cards)"
    )
    options = parser.parse_args()
    data = json.loads(RANKER.read_text("utf-8"))
    if options.sentences:
        data["sentence"] = fitted(*judged_sentences(), 0.1)
        save(data)
    rows = read_labels()
    if options.refresh:
        rows = refreshed(rows)
        write_labels(rows)
    report(rows)
    data["card"] = model_of(rows)
    data["sure"] = {SURE: round(sure_odds(rows), 4)}
    save(data)


def model_of(rows: list[Row]) -> dict[str, float]:
    """Train a model on all labels except for the rule that needs no model."""
    judged = [row for row in rows if row["at"][1] != SURE]
    return fitted([row["features"] for row in judged], [row["keep"] for row in judged], STRENGTH)


def sure_odds(rows: list[Row]) -> float:
    """Return the log-odds that a card of the sure rule is kept."""
    kept = [row["keep"] for row in rows if row["at"][1] == SURE]
    return math.log((sum(kept) + 1) / (len(kept) - sum(kept) + 1))


def score(weights: dict[str, float], row: Row, sure: float) -> float:
    return sure if row["at"][1] == SURE else odds(weights, row["features"])


def fitted(features: list[Features], verdicts: list[int], strength: float) -> dict[str, float]:
    """Return the coefficients by feature name, with the intercept as `bias`."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    table = DictVectorizer(sparse=False)
    model = LogisticRegression(C=strength, max_iter=5000).fit(table.fit_transform(features), verdicts)
    weights = dict(zip(table.feature_names_, model.coef_[0], strict=True))
    bias = model.intercept_[0] + weights.pop("bias", 0.0)
    return {"bias": round(float(bias), 4)} | {n: round(float(w), 4) for n, w in weights.items() if abs(w) >= 0.005}


def odds(weights: dict[str, float], features: Features) -> float:
    return weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items() if name != "bias")


def read_labels() -> list[Row]:
    first, *others = map(json.loads, LABELS.read_text("utf-8").splitlines())
    for row in others:
        row["features"] = {first["names"][int(number)]: value for number, value in row["features"].items()}
    return others


def write_labels(rows: list[Row]) -> None:
    names = sorted({name for row in rows for name in row["features"]})
    numbers = {name: number for number, name in enumerate(names)}
    lines: list[Row] = [{"names": names}]
    lines += [row | {"features": {numbers[n]: v for n, v in row["features"].items()}} for row in rows]
    text = "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in lines)
    LABELS.write_text(text, "utf-8")


def report(rows: list[Row]) -> None:
    """Print how many of the best cards are kept, ranked by models that have not seen their channel."""
    print(f"{len(rows)} labels, {sum(row['keep'] for row in rows)} kept")
    unseen = [row for row in rows if not tested(row)]
    weights, sure = model_of(unseen), sure_odds(unseen)
    held_out = [(score(weights, row, sure), row["keep"]) for row in rows if tested(row) and fresh(row)]
    curve(f"trained on {len(unseen)} labels of six channels, graded on others", held_out, TESTED)
    graded: list[tuple[float, int]] = []
    for name in sorted({channel(row) for row in rows}):
        others = [row for row in rows if channel(row) != name]
        weights, sure = model_of(others), sure_odds(others)
        own = [row for row in rows if channel(row) == name and fresh(row)]
        graded += [(score(weights, row, sure), row["keep"]) for row in own]
    curve("each channel graded by a model of the other nine", graded, sum(FRESH.values()))


def curve(title: str, graded: list[tuple[float, int]], notes: int) -> None:
    graded.sort(key=lambda pair: -pair[0])
    print(f"\n{title}: {len(graded)} cards of {notes} notes\ncards a note   kept")
    for number in YIELDS:
        best = graded[: round(number * notes)]
        if len(best) < round(number * notes):
            break
        print(f"{number:12}   {sum(keep for _, keep in best) / len(best):.0%}")


def channel(row: Row) -> str:
    return str(row["note"].split("/")[0])


def tested(row: Row) -> bool:
    return any(name in channel(row) for name in TEST_CHANNELS)


def made(row: Row) -> bool:
    """Return whether the rule of a label still makes cards."""
    return row["at"][1] not in RETIRED


def fresh(row: Row) -> bool:
    """Return whether a label comes from the check of fresh notes."""
    return row["batch"] in FRESH and made(row)


def refreshed(rows: list[Row]) -> list[Row]:
    """Return the rows with newly computed features, without candidates that are no longer proposed."""
    by_note: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_note[row["note"]].append(row)
    kept = []
    for name, asked in by_note.items():
        found = {place(one.candidate): one for one in all_candidates(name)}
        kept += [row | {"features": rounded(found[at])} for row in asked if (at := tuple(row["at"])) in found]
        kept += [row for row in asked if row["at"][1] in RETIRED]
    return kept


def all_candidates(name: str) -> list[Judged]:
    channel, file = name.split("/")
    note = read_bytes((CORPUS / name).read_bytes(), name, channel, file.removesuffix(".md")).note
    return list(candidates(note, passages(note)))


def place(candidate: Candidate) -> tuple[int, str, str]:
    """Return what identifies a candidate in its note: line, rule, and a hash of question and answer."""
    asked = normal(candidate.question or str(candidate.gap) + candidate.clause.text)
    mark = hashlib.blake2b(f"{asked}|{normal(candidate.answer)}".encode(), digest_size=6).hexdigest()
    return candidate.clause.prose.line, candidate.rule, mark


def rounded(one: Judged) -> Features:
    features = sorted((one.sentence | one.gap).items())
    return {name: round(float(value), 3) for name, value in features if value and name != "bias"}


def judged_sentences() -> tuple[list[Features], list[int]]:
    """Return features and verdicts of the sentences judged by hand in ../shared/cards."""
    worth: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (SHARED / "cards" / "worth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        worth[row["note"]][normal(row["sentence"])] = int(row["worth"] == 2)
    features, verdicts = [], []
    for name, asked in worth.items():
        channel, file = name.split("/")
        note = read_bytes((CORPUS / name).read_bytes(), name, channel, file.removesuffix(".md")).note
        for clause, seen in clauses_of(note, passages(note)):
            verdict = asked.get(normal(clause.prose.sentence.text))
            if verdict is not None:
                features.append({n: float(v) for n, v in seen.items() if n != "worth"})
                verdicts.append(verdict)
    return features, verdicts


def save(data: dict[str, Any]) -> None:
    RANKER.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
