"""What no ranker need judge: sentences on which no card can stand, and answers that cannot be one."""

from __future__ import annotations

import re

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.context import Leak
from convert.extract.cards.english import LISTS, rarity

FEWEST, MOST = 5, 45
"""Words of a sentence."""
_BACK = LISTS["back"]  # fmt: skip
_NO_NOTE = re.compile(r"\b(?:transcript|subgraph|no information|not (?:contain|provide|include) )\b|-->", re.IGNORECASE)
EVENT = re.compile(
    r"\b(?:emerged|erupted|arose|coined|appeared|proclaimed|moved|attacked|launched|founded|established|signed"
    r"|declared|invaded|elected|merged|published|joined|ratified"
    r"|announced|captured|won"
    r"|died|born|discovered|invented|introduced|created|became|began|ended|seized|overthr\w+|independence|treaty"
    r"|agreement|war"
    r"|coup|released|developed|proposed|formed|adopted|annexed|occupied|conquered|defeated|abolished|recognized"
    r"|granted|voted"
    r"|won|opened|collapsed|killed|assassinated|unveiled|wrote|proved|awarded|approved|imposed|banned"
    r"|sanctioned)\b")  # fmt: skip
"""Words of an event that has a date."""
_SINCE = re.compile(
    r"(?:[Ss]ince (?:at least )?the |[Tt]he date |particularly (?:since|around) "
    r"|specifically since (?:the )?|(?:especially|particularly) (?:since|after|in) (?:the )?"
    r"|as seen in \w+ in (?:the )?)$"
)
_UNSURE = re.compile(r"\b(?:could|should|might|would have|perhaps|possibly|seems?|appears?|unwilling)\b")
"""Words by which a sentence is no statement of what happened."""
_OTHER_YEAR = re.compile(r" or |/| and (?:the )?(?:\d0s|1\d\d0s|20\d0s)")
_TALKED = re.compile(r"\b(?:he|she|his|her|speaker|example|described as|seen in)\b", re.IGNORECASE)
"""What makes a date one of a tale, of a quotation or of an example."""
_ABOUT = re.compile(r"(?:\b(?:around|circa|about|late|early|mid|the beginning of|the end of) (?:the )?)$")
_COARSE = re.compile(r"\ds$|century$")
_LETTERS = re.compile(r"[^()]{0,12} ?\([A-Z][A-Za-z]?[A-Z]+s?\)")
_TITLE = re.compile(r"(?:e\.?g|i\.?e|etc|vs|dr|mr|mrs|ms|prof|st|[a-z])\.?$", re.IGNORECASE)


def refused(clause: Clause) -> bool:
    """Whether no card can stand on a clause: too short or long, a question, a fragment, or pointing back."""
    if not FEWEST <= len(clause.text.split()) <= MOST or clause.text[-1] in ":?" or not clause.words:
        return True
    tags = clause.tags
    first = clause.words[0].text.casefold()
    return first in _BACK or _fragment(tags) or bool(_NO_NOTE.search(clause.text))


def _fragment(tags: str) -> bool:
    """Whether a clause has no subject or no finite verb, as items of lists often do."""
    if tags[0] == "V" or tags[:2] == "RV" or not ("m" in tags or "V" in tags[1:] or "D" in tags[1:]):
        return True
    return tags[0] in "sw" and "," not in tags and tags.count("m") + tags.count("V") + tags.count("D") < 2


def hopeless(candidate: Candidate, leak: Leak) -> bool:
    """Whether an answer cannot be one: given away, without content, a title or an abbreviation, an example's."""
    if leak.title > 0.5 or (candidate.kind == "cloze" and leak.rest > 0.5):
        return True
    if candidate.kind != "cloze":
        return False
    if candidate.rule == "date" and _loose(candidate.clause, *candidate.gap):
        return True
    answer = candidate.answer
    if _TITLE.fullmatch(answer) or (not any(c.isdigit() for c in answer) and max(map(rarity, answer.split())) < 2):
        return True
    return _spelled_out(candidate) or _in_example(candidate.clause.text, candidate.gap[0])


def _loose(clause: Clause, start: int, end: int) -> bool:
    """Whether a date only colours a noun, or tells since when an opinion has held."""
    if (
        _UNSURE.search(clause.text)
        or _TALKED.search(clause.text)
        or _OTHER_YEAR.match(clause.text, end)
        or clause.text[:start].endswith((" or ", "/"))
    ):
        return True
    coarse = _COARSE.search(clause.text[start:end]) or _ABOUT.search(clause.text, 0, start)
    if coarse and not EVENT.search(clause.text):
        return True
    year = clause.text[max(end - 4, start) : end]
    if year.isdigit() and clause.text.count(year) > 1:
        return True
    after = next((word for word in clause.words if word.start >= end), None)
    colours = clause.text[end : end + 1] == "-" or (
        after is not None
        and (
            after.tag in "NJ"
            or (after.tag == "P" and clause.text[end : end + 1] == " " and clause.text[:start].endswith("the "))
        )
    )
    return colours or bool(_SINCE.search(clause.text, 0, start))


def _spelled_out(candidate: Candidate) -> bool:
    """Whether the letters in brackets after a gap, or the words before letters in brackets, tell the answer."""
    start, end = candidate.gap
    text = candidate.clause.text
    return bool(_LETTERS.match(text, end)) or (
        text[start - 1 : start] == "(" and candidate.answer.rstrip("s").isupper()
    )


def _in_example(text: str, start: int) -> bool:
    """Whether a gap stands in brackets that give an example."""
    opened = text.rfind("(", 0, start)
    return opened > text.rfind(")", 0, start) and text[opened + 1 : opened + 5].casefold() in {
        "e.g.",
        "for ",
        "such",
        "like",
    }
