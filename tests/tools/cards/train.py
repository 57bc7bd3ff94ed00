"""Trains the ranker of cards: `make train-cards` (needs scikit-learn; `--refresh` needs the corpus beside the project).

labels.jsonl has the names of the features and then one judged candidate on each line: note, [line, rule, hash of
question and answer], the strict verdict by the criteria of docs/cards.md, and its features by number, but no text.
Notes that are not in the corpus have a hash for a name; their features are not computed again.
Candidates that the rules refuse or that no rule makes any more are in it too: they show which notes and sentences are
worth a card. Prints how many cards are kept on channels that a model has not seen, at each chance that it estimates,
and writes a model of all labels; `--level normal date=0.3 definition=0.8` sets a level of `--cards`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from convert.extract.cards.candidate import Candidate
from convert.extract.cards.english import normal
from convert.extract.cards.features import Features, Judged, group_of
from convert.extract.cards.mining import candidates, clauses_of
from convert.extract.cards.passages import passages
from convert.reader import read_bytes
from tests.support.needs import CORPUS, ROOT, SHARED

LABELS = Path(__file__).with_name("labels.jsonl")
RANKER = ROOT / "convert" / "extract" / "cards" / "ranker.json"
STRENGTH = 1.0
"""Inverse strength of the ridge (C of scikit-learn)."""
REFUSED = "refused"
"""A feature that only labels have: the rules refuse the candidate, so that it is no card."""
CHANCES = (0.2, 0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="compute the features again from the corpus")
    parser.add_argument("--add", type=Path, help="a file of more labels: JSON Lines of note, at, keep and features")
    parser.add_argument(
        "--sentences", action="store_true", help="fit the model of sentences too (needs ../shared/cards)"
    )
    parser.add_argument(
        "--level", nargs="+", action="append", default=[], metavar="WORD",
        help="strict, normal or all, then the least chance of cards by rule: date=0.3",
    )  # fmt: skip
    options = parser.parse_args()
    data = json.loads(RANKER.read_text("utf-8"))
    if options.sentences:
        data["sentence"] = fitted(*judged_sentences(), 0.1)
        save(data)
    rows = read_labels()
    if options.add:
        rows += [json.loads(line) for line in options.add.read_text("utf-8").splitlines()]
    if options.refresh:
        rows = refreshed(rows)
    if options.add or options.refresh:
        write_labels(rows)
    report(rows)
    data["card"] = model_of(rows)
    for name, *chances in options.level:
        data["levels"][name] |= {rule: float(least) for rule, least in (word.split("=") for word in chances)}
    save(data)


def model_of(rows: list[Row]) -> dict[str, float]:
    """Train a model on labels."""
    return fitted([row["features"] for row in rows], [row["keep"] for row in rows], STRENGTH)


def fitted(features: list[Features], verdicts: list[int], strength: float) -> dict[str, float]:
    """Return the coefficients by feature name, with the intercept as `bias`."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    table = DictVectorizer(sparse=False)
    model = LogisticRegression(C=strength, max_iter=5000).fit(table.fit_transform(features), verdicts)
    weights = dict(zip(table.feature_names_, model.coef_[0], strict=True))
    bias = model.intercept_[0] + weights.pop("bias", 0.0)
    return {"bias": round(float(bias), 4)} | {n: round(float(w), 4) for n, w in weights.items() if abs(w) >= 0.005}


def chance(weights: dict[str, float], features: Features) -> float:
    """Return the chance that a card is kept."""
    import math

    odds = weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items() if name != "bias")
    return 1 / (1 + math.exp(-odds))


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
    """Print how many cards are kept at each chance, estimated by models that have not seen their channel."""
    made = [row for row in rows if REFUSED not in row["features"]]
    print(f"{len(rows)} labels; {len(made)} of them are cards now, {sum(row['keep'] for row in made)} kept")
    graded = []
    for name in sorted({channel(row) for row in made}):
        weights = model_of([row for row in rows if channel(row) != name])
        graded += [(chance(weights, row["features"]), row) for row in made if channel(row) == name]
    rules = sorted({group(row) for row in made})
    print("chance   kept of cards   " + "   ".join(rules))
    for least in CHANCES:
        best = [row for estimate, row in graded if estimate >= least]
        if best:
            print(
                f"{least:6}   {share(best)}   " + "   ".join(share([r for r in best if group(r) == x]) for x in rules)
            )


def share(rows: list[Row]) -> str:
    kept = sum(row["keep"] for row in rows)
    return f"{kept} of {len(rows)} ({kept / len(rows):.0%})" if rows else "-"


def channel(row: Row) -> str:
    return str(row["note"].split("/")[0])


def group(row: Row) -> str:
    """Return the name by which a level of `--cards` has a least chance for a card."""
    return group_of(row["at"][1], row["features"], row["features"])


def refreshed(rows: list[Row]) -> list[Row]:
    """Return the rows with newly computed features; those that no rule proposes keep what they have."""
    by_note: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_note[row["note"]].append(row)
    found = []
    for name, asked in by_note.items():
        if not (CORPUS / name).is_file():
            found += asked
            continue
        made, proposed = (features_of(name, strictly) for strictly in (True, False))
        for row in asked:
            at = tuple(row["at"])
            features = made.get(at) or (proposed.get(at) or row["features"]) | {REFUSED: 1.0}
            found.append(row | {"features": features})
    return found


def features_of(name: str, strictly: bool) -> dict[tuple[int, str, str], Features]:
    """Return the features of the candidates of a note of the corpus by their place."""
    channel, file = name.split("/")
    note = read_bytes((CORPUS / name).read_bytes(), name, channel, file.removesuffix(".md")).note
    return {place(one.candidate): rounded(one) for one in candidates(note, passages(note), strictly=strictly)}


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
