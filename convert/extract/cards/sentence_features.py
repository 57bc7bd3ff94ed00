"""What can be seen of a sentence without reading it: the features by which its worth is guessed.

Every feature is 0 to about 1, so that coefficients can be compared. What they mean is in the names.
"""

from __future__ import annotations

import re

import msgspec

from convert.extract.cards.candidate import Clause
from convert.extract.cards.english import SIGNS, rarity
from convert.extract.cards.terms import content

Features = dict[str, float]

_BY_WORD: dict[str, tuple[str, ...]] = {}
for _name, _listed in sorted(SIGNS.items()):
    for _word in _listed:
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _name)
_PATTERNS: dict[str, re.Pattern[str]] = {
    "gloss": re.compile(
        r"\([^)]{4,}\)|, (?:a|an|the|which|who|known|called|meaning|where|or) |[—–]|, (?:including|such as) "
    ),
    "cause": re.compile(
        r" (?:because|due to|caused? by|leads? to|led to|result(?:s|ed|ing)? (?:in|from)|in order to|so that"
        r"|therefore|causes?"
        r"|prevents?|allows?|enables?|triggers?|by \w+ing) "
    ),
    "naming": re.compile(
        r" (?:called|known as|termed|refers? to|referred to|defined|definition|named|means|denotes?|stands for"
        r"|coined|term"
        r"|concept of) "
    ),
    "is_a": re.compile(r" (?:is|are|was|were) (?:a|an|the|one of) "),
    "contrast": re.compile(r"(?: (?:rather than|instead of|whereas|while|but not|compared|versus|than)|\bUnlike) "),
    "example": re.compile(
        r"(?i:\b(?:for example|for instance|e\.g\.|such as|like|including|imagine|suppose|consider)) "
    ),
}
_NUMERIC: dict[str, re.Pattern[str]] = {
    "year": re.compile(r"\b(?:1[0-9]\d\d|20[0-2]\d)s?\b|\bcentury\b"),
    "unit": re.compile(
        r"\d ?(?:%|percent|million|billion|trillion|thousand|hours?|minutes?|seconds?|days?|weeks?|months?"
        r"|years?|miles?|k?m\b"
        r"|feet|kg|mg|degrees)|[$€£]\d"
    ),
    "several_numbers": re.compile(r"\d[\d.,]*[^\d.,]+\d[\d.,]*[^\d.,]+\d"),
}
_DIGIT = re.compile(r"\d")
_ACRONYM = re.compile(r"\([A-Z]{2,6}s?\)")
_QUOTE = re.compile(r"[\"“][^\"”]{3,}[\"”]")
_LONG_QUOTE = re.compile(r"[\"“][^\"”]{60,}[\"”]")
_I = re.IGNORECASE
_FIRST: dict[str, re.Pattern[str]] = {
    "starts_demonstrative": re.compile(r"(?:This|These|That|Those|Such)\b"),
    "starts_pronoun": re.compile(
        r"(?:It|They|He|She|His|Her|Their|Its|We|You|I|One|Both|Another|Others|Some|Many|All|Each)\b"
    ),
    "starts_there": re.compile(r"(?:There|Here|What|How|Why)\b"),
    "starts_the": re.compile(r"The\b"),
    "starts_a": re.compile(r"An?\b"),
    "starts_setting": re.compile(
        r"(?:In|On|At|By|During|After|Before|Since|From|With|Under|Until|Between|Following|Upon)\b"
    ),
    "starts_condition": re.compile(r"(?:If|When|While|Although|Though|Despite|Unlike|Because|As|To|For)\b"),
}
EMPTY_HEADING = re.compile(
    r"\b(?:conclusion|outlook|implications?|advice|summary|introduction|overview|future|key takeaways?"
    r"|takeaways?|final|closing"
    r"|about|example|case study|tips|steps?|setup|setting|customi[sz]\w*|using|how to|features?|benefits?"
    r"|challenges?)\b", _I)  # fmt: skip
_TERM_HEADING = re.compile(
    r"\b(?:what is|definition|defin\w+|types?|history|origins?|background|concepts?|theory|principles?|causes?"
    r"|structure|discovery|anatomy|mechanism\w*|formula|law)\b",
    _I,
)


class Page(msgspec.Struct, gc=False):
    """What the features know of the note around a sentence."""

    title: frozenset[str]
    """Stems of the title."""
    names: set[str]
    """Proper nouns seen so far."""
    count: int
    """Sentences of the note."""
    seen: int = 0
    """Sentences before this one."""


def sentence_features(clause: Clause, page: Page) -> Features:
    """The features of a sentence; notes its proper nouns in `page`."""
    text, tags = clause.text, clause.tags
    length = sum(tag.isalpha() or tag == "#" for tag in tags)
    found: Features = {"bias": 1.0}
    for word in clause.words:
        for name in _BY_WORD.get(word.text.casefold(), ()):
            found[name] = 1.0
    _search(found, text)
    for name, pattern in _FIRST.items():
        if pattern.match(text):
            found[name] = 1.0
            break
    _shape(found, clause, length)
    _place(found, clause, page)
    _words(found, clause, page, length)
    return found


def _search(found: Features, text: str) -> None:
    patterns = _PATTERNS
    if _DIGIT.search(text):
        found["number"] = 1.0
        patterns = _PATTERNS | _NUMERIC
    for name, pattern in patterns.items():
        if pattern.search(text):
            found[name] = 1.0
    if '"' in text or "“" in text:
        found["quote"] = float(bool(_QUOTE.search(text)))
        found["long_quote"] = float(bool(_LONG_QUOTE.search(text)))
    if "(" in text:
        found["acronym"] = float(bool(_ACRONYM.search(text)))


def _shape(found: Features, clause: Clause, length: int) -> None:
    tags = clause.tags
    found["short"] = max(0.0, (10 - length) / 10)
    found["long"] = max(0.0, min((length - 22) / 20, 1.0))
    found["starts_verb"] = float(tags[:1] == "V" or tags[:2] == "RV")
    found["starts_ing"] = float(tags[:1] == "G")
    found["past"] = float("D" in tags and "m" not in tags)
    found["commas"] = min(tags.count(",") / 4, 1.0)
    found["no_end"] = float(clause.text[-1:] not in '.!?"”)')
    found["question"] = float(clause.text.endswith("?"))
    found["colon"] = float(clause.text.endswith(":"))
    found["maths"] = min(len(clause.prose.sentence.atoms) / 2, 1.0)
    found["formula"] = float(bool(re.search(r"[=+²√∑∫≤≥×]| [a-z] ", clause.text.replace(" a ", " "))))


def _place(found: Features, clause: Clause, page: Page) -> None:
    prose, path = clause.prose, clause.passage.path
    found["resolved"] = float(clause.resolved)
    found["item"] = float(prose.item)
    found["labelled"] = float(bool(clause.label))
    found["first_of_paragraph"] = float(prose.index == 0)
    found["before_heading"] = float(not path)
    found["late_in_note"] = page.seen / max(page.count, 1)
    heading = path[-1] if path else ""
    found["empty_heading"] = float(bool(EMPTY_HEADING.search(heading)))
    found["term_heading"] = float(bool(_TERM_HEADING.search(heading)))
    page.seen += 1


def _words(found: Features, clause: Clause, page: Page, length: int) -> None:
    names = {w.text for w in clause.words if w.tag == "P"}
    found["names"] = min(len(names) / 4, 1.0)
    found["new_name"] = float(bool(names - page.names))
    page.names |= names
    rare = [rarity(w.text) for w in clause.words if w.tag in "NPJVGD"]
    found["rare"] = sum(r == 3 for r in rare) / max(len(rare), 1)
    found["common"] = sum(r == 1 for r in rare) / max(len(rare), 1)
    stems = clause.stems
    heading = set(content(clause.passage.path[-1])) if clause.passage.path else set()
    found["title_words"] = min(sum(s in page.title for s in stems) / 4, 1.0)
    found["heading_words"] = min(sum(s in heading for s in stems) / 3, 1.0)
    links = [s for s in clause.prose.sentence.spans if s.kind == "link"]
    found["links"] = min(len(links) / 2, 1.0)
    found["verbs"] = min(clause.tags.count("V") / 3, 1.0)
    found["adverbs"] = min(clause.tags.count("R") / 3, 1.0)
    found["prepositions"] = clause.tags.count("p") / max(length, 1) * 3
