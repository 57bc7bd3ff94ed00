"""Refusals of what strict readers did not keep, rule by rule: cards that are correct, but not worth a year of reviews.

Kept apart from `refusals` because that module knows what makes any card unusable, this one what each rule overrates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.english import LISTS, content, stem
from convert.extract.cards.refusals import before_date

_UNIT = r"(?:decades?|years?|months?|weeks?|days?|centuries|century|hours?|generations?)"
_OPENS = re.compile(
    rf"(?:\w+ ){{1,5}}{_UNIT} (?:later|earlier|after|before|ago)\b"
    r"|(?:At (?:this|that|the) (?:time|point)|In response|Since then|Until then|By then|After that|Later|Soon"
    r"|The (?:same|following|next) (?:year|day|month)|Shortly (?:after|before))\b"
)
"""Openings that count from something before the sentence."""
_POINTS = re.compile(
    r"\b(?:this|these|those|such(?! as)|the (?:latter|former|following|same|other|two|three|above))\b(?! way\b)",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(?:After|Following|Before|During|In|On|By|Despite|While|As|Since|Under|With|When|Upon|From|Until)\b[^,]*+,"
    r" (?:it|they|their|its|he|she|his|her|there)\b"
)
"""A circumstance, and then a pronoun as the subject."""
_PRONOUN = frozenset("he she it they his her their its him them we our us you your i my".split())  # noqa: SIM905
_UNNAMED = re.compile(
    r"\b[Tt]he (?:\w+ )?(?:territory|region|militia|company|islands?|issue|agreement|country|countries|sides|paper"
    r"|groups?|movement|conflict|system|project|case|operation|deal|talks|party|parties|leader|speaker|video|author"
    r"|province|area|city|town|event|matter|problem|dispute|bill|document|mission|team|couple|suspect|victim|regime"
    r"|program|plan|toolbox|series|crisis|situation|referendum|law|clashes|incident|ceasefire|rebels|invasion)\b"
    r"(?! (?:of|that|which|in|for|between|on|against) )"
)
"""Somebody or something that an earlier sentence named."""
_NEWS = re.compile(
    r"\b(?:papers?|releas\w{1,4}|models?|versions?|compan\w{1,3}|startups?|percent|projected|expected|forecasts?|born"
    r"|arrest\w{0,4}|trials?|murder\w{0,6}|police|market|visit\w*+|letters?|speech|tariffs?|blockade|book|novel|song"
    r"|album|film|podcast)\b|%|€|\$",
)
"""Words of news, of products, of crime and of private lives, whose years nobody learns."""
_TEXTBOOK = re.compile(
    r"\b(?:independen\w*+|wars?|invad\w++|invasion|conque\w++|annex\w++|ceded|captur\w++|seiz\w++|occup\w++|coup"
    r"|overthr\w++|revolution|revolt|rebellion|uprising|insurgency|treaty|armistice|peace|united (?:with|to)"
    r"|unif\w++|merged|partition\w*+|founded|proclaimed|formed|created|abolished|repealed|assassinat\w++"
    r"|genocide|massacre|invented|discovered|proved|coined|collaps\w++|dissol\w++|emerged|attack)\b",
    re.IGNORECASE,
)
"""Words of events that textbooks date: states and their wars and treaties, discoveries and inventions."""
_MONTH = frozenset(
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_VAGUE_DATE = re.compile(
    r"\b(?:by|since|until|after|before|around|between|from|approximately|as early as|and|or|early|late|mid)(?: the)? $",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"\b(?:including|such as|like|e\.g\.)")
_DEGREES = re.compile(r" ?°| ?degrees?\b| ?[A-Z]\b")
_OTHER_YEAR = re.compile(r"(?:\b1[0-9]\d\d|\b20[0-3]\d)s?\b")
_QUOTED = re.compile(r"[\"“”]")
_TERM = re.compile(r"\b[Tt]erm [\"“]")
_WHOLE = re.compile(r"[^\W\d_].*[.!][\"”’)]?$", re.DOTALL)
"""A sentence from its first letter to its full stop, no jotting."""
RECENT, NEW = 1990, 2010
"""The first years of which it is too early to say what textbooks will date, but for wars and peace."""
_WAR = re.compile(
    r"\b(?:wars?|invad\w++|invasion|offensive|seized|independen\w++|peace|new attack|overthr\w++|killed)\b"
)

_PRODUCT = re.compile(
    r"\b(?:platforms?|tools?|toolkit|SDK|templates?|dashboard|librar(?:y|ies)|apps?|startup|company|open-source"
    r"|frameworks?|databases?|software|plugin|packages?|data ?sets?|benchmarks?|podcast|episode|paper|foundation"
    r"|project|website|department|organization|service|offerings?|film|movie|initiative|metric"
    r"|series of large|family of multimodal|salesman|teller|programming language|windows?|buttons?|screens?|menus?"
    r"|panels?|tabs?|components?|plug-?ins?|feature|setting|file|folder|node|brand|channel|community|event|course|festival|museum"
    r"|restaurant)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"\b(?:leading|serious|novel|new|newer|groundbreaking|innovative|popular|latest|powerful|simple|preferred|exciting|multifaceted"
    r"|fascinating|concept that|gained|culmination|combination|work in progress|evolution|subject|contributor|art"
    r"|basis for|visual tool|obvious|best|most|unique|significant|important|crucial|essential|choice|recently"
    r"|considered|hidden|proposed|methodology|potent|practice that has|widely used|single, indivisible|generic"
    r"|high-level|approach designed|landlocked|opposite|counterparts?|neighbor)\b",
    re.IGNORECASE,
)
"""Praise, and words that say nothing, where a definition has its kind and its difference."""
_OF_MANY = re.compile(
    r"(?:one|some|another|parts?|a part|the first|the second|a bit|a known|an example|each|all|often|in|two|three"
    r"|several|different|various|more|any)\b",
    re.IGNORECASE,
)
_LOOSE_SUBJECT = re.compile(
    r"\b(?:example|case|choice|principle in|trigger|source|outcome|key factor|every|simplest|convenient|numbers in"
    r"|states|indicated|template|process|described)\b|['’]s?\b|[a-z][A-Z]|\w\.\w|\d\(|\(x\)|\?|\""
)
LONGEST_TITLE = 300
"""Characters of a title that are looked at."""
FEWEST = 5
"""Words of a definition."""
LEAST_LETTERS = 4
"""Letters that two words must share at their beginning to be alike."""
LEAST_INNER = 5
"""Letters of a stem that gives away a longer word: "regulates" for "thermoregulation"."""
ALIKE = 0.6
"""The least share of the longer of two words that are alike."""
_LONG_WORD = re.compile(r"[^\W\d_]{4,}+")

_CUES = frozenset({"called", "known", "termed", "referred", "dubbed", "nicknamed"})
_NAME_GOES_ON = re.compile(r" (?:of\b|or\b|and\b|[A-Z]|the\b|-)|[^\s,;:.!?)—–]|\.\w")
_AGENCY = re.compile(r"\b(?:Police|Commission|Administration|Department|Ministry|Bureau|Office|Hub|Inc)\b")
_OWN_WORDS = re.compile(
    r"\b(?:speaker|author|he|she|we|I|prefers?|termed|whether|would|should be|could be|might be|what is)\b"
)


def is_worthless(candidate: Candidate, title: str) -> bool:
    """Return whether strict readers would not keep a card for a reason that can be seen.

    `title` is that of the note.
    """
    refused = _REFUSED.get(candidate.rule)
    return refused is not None and refused(candidate, title[:LONGEST_TITLE])


def dangles(text: str, clause: Clause) -> bool:
    """Return whether a sentence, or a text of it, needs an earlier one to be understood."""
    return bool(_OPENS.match(text) or _SETTING.match(text) or _POINTS.search(text) or _begins_with_pronoun(clause))


def _begins_with_pronoun(clause: Clause) -> bool:
    """Return whether a pronoun comes before every noun."""
    for word in clause.words:
        if word.lower in _PRONOUN:
            return True
        if word.tag in "NP":
            return False
    return False


def _names_somebody(candidate: Candidate) -> bool:
    """Return whether the front has a proper name; months are none."""
    start, end = candidate.gap
    words = [word for word in candidate.clause.words if word.end <= start or word.start >= end]
    return any(word.tag == "P" and len(word.text) > 1 and word.lower not in _MONTH for word in words)


def _is_minor_date(candidate: Candidate, title: str) -> bool:
    """Return whether no textbook would give the date, or the sentence gives it away or does not say of what."""
    text, (start, end) = candidate.clause.text, candidate.gap
    front = f"{text[:start]}…{text[end:]}"
    if "(" in front or not _WHOLE.match(text) or _is_one_of_many(candidate, front):
        return True
    if not _TEXTBOOK.search(front) or _NEWS.search(front) or not _names_somebody(candidate):
        return True
    if dangles(front, candidate.clause) or _UNNAMED.search(front) or _DEGREES.match(text, end):
        return True
    if _QUOTED.search(front) and not _TERM.search(front):
        return True
    if _EXAMPLE.search(text, text.rfind(",", 0, start) + 1, start):
        return True
    return bool(_VAGUE_DATE.search(text, max(start - 20, 0), start))


def _is_one_of_many(candidate: Candidate, front: str) -> bool:
    """Return whether a year is one of several, coarse or recent: so are dates of news, not of history.

    When a term was coined is history at any time, and so is the year of a day or month that tells of war.
    """
    if _TERM.search(front):
        return False
    text, (start, end) = candidate.clause.text, candidate.gap
    year = text[start:end]
    if len(before_date(text, start)) < start:
        # A month may stand before a century, too.
        return not year[:4].isdigit() or (int(year[:4]) >= NEW and not _WAR.search(front))
    return not year.isdigit() or int(year) >= RECENT or bool(_OTHER_YEAR.search(front))


def _defines_nothing(candidate: Candidate, title: str) -> bool:
    """Return whether an answer has no kind or no difference, or the question asks for a product or a detail."""
    answer, subject, clause = candidate.answer, candidate.subject, candidate.clause
    if (
        not says_what(answer)
        or _LOOSE_SUBJECT.search(subject)
        or candidate.question.startswith(("Who", "What was", "What were"))
    ):
        return True
    asked, told = set(content(subject)), set(content(answer))
    known = set(content(" ".join((title, *clause.passage.path))))
    if not asked or asked <= told or (" the " in candidate.question and (not asked <= known or len(asked) < 2)):
        return True
    return dangles(answer, clause)


def says_what(answer: str) -> bool:
    """Return whether words name a kind and a difference, of something that is no product."""
    words = answer.split()
    opening = " ".join(words[:9])
    return len(words) >= FEWEST and not (_PRODUCT.search(opening) or _EMPTY.search(opening) or _OF_MANY.match(answer))


def _names_nothing(candidate: Candidate, title: str) -> bool:
    """Return whether a name is cut, given away, a coinage, or the name of a product."""
    text, answer, (start, end) = candidate.clause.text, candidate.answer, candidate.gap
    front = f"{text[:start]}…{text[end:]}"
    if (
        not _WHOLE.match(text)
        or _NAME_GOES_ON.match(text, end)
        or dangles(front, candidate.clause)
        or not answer.islower()
    ):
        return True
    if text[start - 1 : start] in {'"', "“", "‘", "'"} or _QUOTED.match(text, end + 1) or _OWN_WORDS.search(front):
        return True
    words = [word for word in candidate.clause.words if start <= word.start and word.end <= end]
    if any(word.tag in "Vmscwto" for word in words[1:]) or (words and words[-1].tag in "VDmpscwtoRd"):
        return True
    if not _has_kind(candidate):
        return True
    return resembles(answer, f"{front} {title}")


def _has_kind(candidate: Candidate) -> bool:
    """Return whether the kind of what is named stands before the name: "a hormone called", "a process known as"."""
    before = [word for word in candidate.clause.words if word.end <= candidate.gap[0]]
    cue = next((index for index in reversed(range(len(before))) if before[index].lower in _CUES), 0)
    return cue > 0 and before[cue - 1].tag == "N" and before[cue - 1].text.isalpha()


def resembles(answer: str, shown: str) -> bool:
    """Return whether a word of an answer is like one that is shown: "crista" gives "cristae" away."""
    seen = _LONG_WORD.findall(shown.casefold())
    return any(_are_alike(word, other) for word in _LONG_WORD.findall(answer.casefold()) for other in seen)


def _are_alike(word: str, other: str) -> bool:
    """Return whether two words share their first letters, and most of them, or one has the stem of the other."""
    shared = max(ceil(ALIKE * max(len(word), len(other))), LEAST_LETTERS)
    pairs = ((stem(word), other), (stem(other), word))
    return word[:shared] == other[:shared] or any(
        len(inner) >= LEAST_INNER and inner in whole for inner, whole in pairs
    )


def _spells_nothing(candidate: Candidate, title: str) -> bool:
    """Return whether everybody knows the letters, or the title tells what they stand for."""
    short = candidate.subject
    letters = short.casefold()
    if len(short) < 3 or letters in LISTS["known_letters"] or candidate.answer.casefold().startswith(letters):
        return True
    if _AGENCY.search(candidate.answer):
        return True
    told = set(content(candidate.answer))
    return bool(told) and told <= set(content(title))


_REFUSED: dict[str, Callable[[Candidate, str], bool]] = {
    "date": _is_minor_date,
    "definition": _defines_nothing,
    "naming": _names_nothing,
    "acronym": _spells_nothing,
}
