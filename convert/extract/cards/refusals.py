"""Refusals before any scoring: sentences that cannot give a card, and answers without content or given away."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.english import LISTS, content, rarity

FEWEST, MOST = 5, 45
"""Words of a sentence."""
LETTERS = 7
"""Fewest letters of an answer that is searched in a title without its punctuation ("timerestricted")."""
_LETTER = re.compile(r"[^\W_]")
_NO_NOTE = re.compile(r"\b(?:transcript|subgraph|no information|not (?:contain|provide|include) )\b|-->", re.IGNORECASE)
EVENT = re.compile(
    r"\b(?:emerged|erupted|arose|coined|appeared|proclaimed|moved|attacked|launched|founded|established|signed"
    r"|declared|invaded|elected|merged|published|joined|ratified|announced|captured|won|died|born|discovered|invented"
    r"|introduced|created|became|began|ended|seized|overthr\w+|independence|treaty|agreement|war|coup|released"
    r"|developed|proposed|formed|adopted|annexed|occupied|conquered|defeated|abolished|recognized|granted|voted"
    r"|opened|collapsed|killed|assassinated|unveiled|wrote|proved|awarded|approved|imposed|banned|sanctioned)\b"
)
"""Words of an event that has a date."""
_SINCE = re.compile(
    r"(?:[Ss]ince (?:at least )?the |[Tt]he date |particularly (?:since|around) "
    r"|specifically since (?:the )?|(?:especially|particularly) (?:since|after|in) (?:the )?"
    r"|as seen in \w+ in (?:the )?)$"
)
_UNSURE = re.compile(r"\b(?:could|should|might|would have|perhaps|possibly|seems?|appears?|unwilling)\b")
"""Words that mark a sentence as uncertain."""
_OTHER_YEAR = re.compile(r" or |/| and (?:the )?(?:\d0s|1\d\d0s|20\d0s)")
_TALKED = re.compile(r"\b(?:he|she|his|her|speaker|example|described as|seen in)\b", re.IGNORECASE)
"""Words of stories, quotations and examples, whose dates are not worth a card."""
_ABOUT = re.compile(r"(?:\b(?:around|circa|about|late|early|mid|the beginning of|the end of) (?:the )?)$")
_COARSE = re.compile(r"\ds$|century$")
_LETTERS = re.compile(r"[^()]{0,12} ?\([A-Z][A-Za-z]?[A-Z]+s?\)")
_TITLE = re.compile(r"(?:e\.?g|i\.?e|etc|vs|dr|mr|mrs|ms|prof|st|[a-z])\.?$", re.IGNORECASE)
_OF_EXAMPLE = frozenset({"e.g.", "for ", "such", "like"})
"""The first four characters of brackets that give an example."""


_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = re.compile(rf"(?:\b\d{{1,2}} (?:{_MONTH}),? |\b(?:{_MONTH})(?: \d{{1,2}}(?:st|nd|rd|th)?)?,? (?:of )?)$")
LONGEST_DAY = 22
"""Characters of the longest day and month before a year."""


class Leak(msgspec.Struct, frozen=True, gc=False):
    """Shares (0 to 1) of the content words of an answer that occur elsewhere on the card."""

    title: float = 0.0
    heading: float = 0.0
    rest: float = 0.0


def title_words(title: str) -> frozenset[str]:
    """Return the stems of a title, and all its letters as one word."""
    return frozenset((*content(title), "".join(_LETTER.findall(title.casefold()))))


def leak_of(title: frozenset[str], candidate: Candidate) -> Leak:
    """Return how much of the answer the title, the nearest heading and the rest of the front give away."""
    letters = "".join(_LETTER.findall(candidate.answer.casefold()))
    if len(letters) >= LETTERS and any(letters in known for known in title if len(known) > LETTERS):
        return Leak(title=1.0)
    answer = content(candidate.answer)
    if not answer:
        return Leak()
    clause, (start, end) = candidate.clause, candidate.gap
    rest: Sequence[str] = content(candidate.question)
    if candidate.kind == "cloze":
        around = [word.text for word in clause.words if word.end <= start or word.start >= end]
        rest = [stem for word in around for stem in content(word)]
    readable = (title, content(clause.passage.heading), rest)
    return Leak(*[len([stem for stem in answer if stem in words]) / len(answer) for words in readable])


def is_barren(clause: Clause) -> bool:
    """Return whether a clause cannot give a card: too short or long, a question, a fragment, or pointing back."""
    if not FEWEST <= len(clause.text.split()) <= MOST or clause.text[-1] in ":?" or not clause.words:
        return True
    return clause.words[0].lower in LISTS["back"] or _is_fragment(clause.tags) or bool(_NO_NOTE.search(clause.text))


def _is_fragment(tags: str) -> bool:
    """Return whether a clause has no subject or no finite verb, as items of lists often do."""
    if tags[0] == "V" or tags[:2] == "RV" or not ("m" in tags or "V" in tags[1:] or "D" in tags[1:]):
        return True
    return tags[0] in "sw" and "," not in tags and tags.count("m") + tags.count("V") + tags.count("D") < 2


def is_hopeless(candidate: Candidate, leak: Leak) -> bool:
    """Return whether an answer is unusable: given away, empty, a title, an abbreviation or an example."""
    if leak.title > 0.5 or (candidate.kind == "cloze" and leak.rest > 0.5):
        return True
    if candidate.kind != "cloze":
        return False
    answer, text, (start, end) = candidate.answer, candidate.clause.text, candidate.gap
    if candidate.rule == "date" and _is_loose(candidate.clause, start, end):
        return True
    if _TITLE.fullmatch(answer) or (not any(map(str.isdigit, answer)) and max(map(rarity, answer.split())) < 2):
        return True
    # Letters in brackets after the gap, or the words before letters in brackets, tell the answer.
    if _LETTERS.match(text, end) or (text[start - 1 : start] == "(" and answer.rstrip("s").isupper()):
        return True
    opened = text.rfind("(", 0, start)
    return opened > text.rfind(")", 0, start) and text[opened + 1 : opened + 5].casefold() in _OF_EXAMPLE


def before_date(text: str, start: int) -> str:
    """Return the text before a date whose year starts at `start`, without its day and month."""
    day = _DAY.search(text, max(start - LONGEST_DAY, 0), start)
    return text[: day.start() if day else start]


def _is_loose(clause: Clause, start: int, end: int) -> bool:
    """Return whether a date is incidental: an attribute of a noun, or the start of an opinion."""
    text, before = clause.text, before_date(clause.text, start)
    if _UNSURE.search(text) or _TALKED.search(text) or _OTHER_YEAR.match(text, end) or before.endswith((" or ", "/")):
        return True
    if (_COARSE.search(text[start:end]) or _ABOUT.search(before)) and not EVENT.search(text):
        return True
    year = text[max(end - 4, start) : end]
    if year.isdigit() and text.count(year) > 1:
        return True
    behind = text[end : end + 1]
    after = next((word.tag for word in clause.words if word.start >= end), ".")
    if behind == "-" or after in "NJ" or (after == "P" and behind == " " and before.endswith(("the ", "The "))):
        return True
    return bool(_SINCE.search(before))
