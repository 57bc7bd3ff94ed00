"""The rules that propose cards: each takes a clause and yields candidates, good and bad; `mining` judges them.

Dates and acronyms are one pattern of a sentence or a heading; definitions and names need its grammar.

Kept apart because `mining`, which chooses among candidates, need not know how they are found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from convert.extract.cards.candidate import Candidate, Clause, clause_of
from convert.extract.cards.english import COMMON, LISTS, STOP, content, is_plural, rarity
from convert.extract.cards.passages import Passage, Prose, Sentence

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:(?:{_MONTH})(?: \d{{1,2}}(?:st|nd|rd|th)?)?,? (?:of )?|\d{{1,2}} (?:{_MONTH}),? )?"
    r"(?<![-–\d$€£,.])(?:1[0-9]\d\d|20[0-3]\d)s?\b(?![-–]\d|,\d{3}|%| ?(?:percent|people|million|years|times|miles"
    r"|dollars|meters|km|kg|words))"
    r"|\b(?:early |mid-|late )?\d{1,2}(?:st|nd|rd|th)[ -]century\b"
)
_YEAR = re.compile(r"\d{4}s?$")
_MEASURES = re.compile(r"\b(?:of|to|is|size|than|over|about|equals?|at least|up to|bit|for|with|and its|requires?) $")
"""Words before a number that is more often a size than a year."""

_SHORT = r"([A-Z][A-Za-z]{0,4}[A-Z]s?)"
# Hyphens belong to the word before them unless blanks follow: with one way to read each text, none is tried twice.
_WORDS = r"[A-Za-z][\w'’-]{0,60}+(?: [ -]{0,9}+[A-Za-z][\w'’-]{0,60}+){0,6}+"
_LETTERS_FIRST = re.compile(rf"\b{_SHORT} \((?=[^()]*[ -][A-Za-z])({_WORDS})\)")
_ACRONYM = re.compile(rf"(?<![A-Za-z])({_WORDS}) \({_SHORT}\)")
_GAP = re.compile(r"[ -]++")
_SINGULAR = (("ies", "y"), ("oses", "osis"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("ss", "ss"))
"""Endings of plurals, but for those that only lose their s."""
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to"})


def dates(clause: Clause) -> Iterator[Candidate]:
    """Yield a gap for the year of every date, or for its decade or century."""
    for match in _DATE.finditer(clause.text):
        if not _MEASURES.search(clause.text, 0, match.start()):
            # Day and month stay on the card: only the year is worth learning.
            year = _YEAR.search(match.group())
            start = match.start() + (year.start() if year else 0)
            yield Candidate("date", "cloze", clause, clause.text[start : match.end()], (start, match.end()))


def acronyms(clause: Clause) -> Iterator[Candidate]:
    """Yield what the letters of "Words Of It (WOI)" or "WOI (Words Of It)" stand for."""
    for text in (clause.label, clause.text):
        if "(" not in text:
            continue
        for match in _LETTERS_FIRST.finditer(text):
            if _spells(_GAP.split(match[2]), match[1].removesuffix("s")):
                yield _acronym(clause, match[1], match[2])
        for match in _ACRONYM.finditer(text):
            if answer := _words_of(match[1], match[2].removesuffix("s")):
                yield _acronym(clause, match[2], answer)


def _words_of(before: str, short: str) -> str:
    """Return the last words of `before` that letters stand for, or "".

    As many words as letters are tried first.
    """
    starts = [0, *[gap.end() for gap in _GAP.finditer(before)]]
    words = _GAP.split(before)
    counts = range(1, min(len(words), len(short) + 2) + 1)
    for count in sorted(counts, key=lambda count: (_initials(words[-count:]) != short.casefold(), count)):
        if _spells(words[-count:], short):
            return before[starts[-count] :]
    return ""


def _acronym(clause: Clause, short: str, answer: str) -> Candidate:
    answer = answer.rstrip("'’")
    if short.endswith("s") or (short.endswith("S") and _initials(_GAP.split(answer)) == short[:-1].casefold()):
        short = short[:-1]
        head, of, rest = answer.partition(" of ")
        answer = answer if " and " in answer else _singular(head) + of + rest
    return Candidate("acronym", "basic", clause, answer, question=f"What does {short} stand for?", subject=short)


def _initials(words: list[str]) -> str:
    return "".join([word[0] for word in words if word and word.casefold() not in _SMALL]).casefold()


def _singular(words: str) -> str:
    """Return words without the plural of the last: "area", "body", "index", "anastomosis"."""
    for ending, single in _SINGULAR:
        if words.endswith(ending):
            return words.removesuffix(ending) + single
    return words.removesuffix("s")


def _spells(words: list[str], short: str) -> bool:
    """Return whether letters stand for words: each word gives its first letter, and all letters occur in order."""
    letters, text = short.casefold(), "".join(words)
    if words[0].casefold() in _SMALL or words[1:2] == ["the"] or words[0][:1].casefold() != letters[0] or len(text) < 8:
        return False
    return _is_within(_initials(words), letters) and _is_within(letters, text.casefold())


def _is_within(letters: str, text: str) -> bool:
    """Return whether the letters occur in the text in this order."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


def titled(passage: Passage) -> Iterator[Candidate]:
    """Yield what the letters in a heading stand for."""
    if passage.section is not None and "(" in passage.heading:
        heading = Sentence(passage.heading, passage.start_ms)
        yield from acronyms(clause_of(Prose(heading, passage.start_ms, passage.section.line), passage))


_SUBJECT = r"((?:(?:A|An|The) )?[^,;:]{2,70}?)(?: \([^)]*+\))?"
_IS = re.compile(
    rf"^{_SUBJECT},? (is|are|was|were|refers? to|referred to|means?|denotes?|describes?|represents?"
    r"|(?:is|are|was|were) defined as|(?:is|are|was|were) (?:simply |essentially |basically )?(?:the|an?)"
    r"|stands? for|measures?) ++(.{12,200}?)[.!]?$"
)
_NAMING = re.compile(
    r"\b(?:called|known as|termed|referred to as|dubbed|coined|nicknamed|so-called|labeled|the term)(?: as)? ++"
    r"(?:the |a |an )?[\"“']?((?:[\w'’-]++ ?){1,5})"
)
_CALLS = re.compile(
    r"(?:\b(?:he|she|they|it|we|I|who|then)|[A-Z][\w'’]{1,60}) (?:also |later |once )?(?:called|named)"
    r"|\bthe term (?![\"“'])"
)
"""Not namings if no comma follows: a phone call, a child's name, a term that is discussed."""
_CAPITAL_ARTICLE = re.compile(r"^(?:A|An|The) ")
_SPELLED = re.compile(r"[\w'’-]++")

_BE = ("is", "are", "was", "were")
_POINTING = frozenset("this that these those it them him her his their its such".split())  # noqa: SIM905
_NO_NAME = STOP - {"of"}
_NO_SUBJECT = frozenset({"Since", "Because", "Despite", "Like", "Unlike", "Within", "Among"})
_EMPTY_SUBJECT = re.compile(
    r"(?i)(?:(?:a|an|the|one|another|key|main|primary|significant|major|core|crucial|important|notable|common|specific"
    r"|special|first|final|more|most|fundamental|understanding|development|constraint|challenge|insight|idea|goal|aim"
    r"|purpose|point|aspect|step|benefit|example|result|reason|answer|question|speaker|author|video|difference|focus"
    r"|approach|way|thing|advantage|issue|problem|issues|problems|concern|element|component|feature|features|solution"
    r"|outcome|method|process|tool|system|it|rule) ?)+"
)
_ONE_OF_MANY = re.compile(
    r"\A(?:A|An|One|Another|The)? ?(?:\w+ly |current |most )?(?:significant|dominant|key|major|common|crucial|primary"
    r"|notable|important|main|critical|central|core|big|biggest|popular|typical|potential|possible|interesting|good"
    r"|great)\b"
)
_EMPTY_ANSWER = re.compile(
    r"(?i)\A(?:an?|the|one of the|part of an?|another|no longer)? ?"
    r"(?:(?:[\w-]++ ){0,3}|(?:[\w-]++ ){0,2}(?:another|third|second) .*)"
    r"(?:force|field|component|player|phenomenon|leap|tragedy|idea|shift|concern|example|aspect|pillar|priority"
    r"|challenge|topic|problem|issue|factor|cornerstone|testament|journey|story|step|goal|reminder|question|feature"
    r"|highlight|reason|must)s?\b"
)
"""Praise or blame instead of a definition."""
_POINTS = re.compile(r"(?i)\b(?:this|that|these|those|it|its|their|his|her)\b")
_NAME = re.compile(r"[A-Z][\w'’.-]*+(?: (?:[A-Z][\w'’.-]*+|de|von|van|al|bin))*+")
_TELLS = re.compile(
    r"(?i)(?<![\w'’])(?:an?|the|any|one of|two|three|[A-Z][\w'’]+[’']s?|\w+s (?:that|which|who|whose|where|used|with|in"
    r"|of|from|designed|made|found)|when|how|what|where) "
)
"""How a definition opens."""
_PEOPLE = re.compile(
    r"(?i)\A(?:an?|the) (?:[\w'’-]++ ){0,6}(?:\w*salesman|professor|grandmother|grandfather|producer|suspect|victim"
    r"|host|figure|player|leader|president|minister|scientist|researcher|engineer|founder|co-founder|ceo|author"
    r"|writer|journalist|politician|philosopher|mathematician|physicist|chemist|biologist|economist|historian|artist"
    r"|actor|director|general|officer|man|woman|person|student|doctor|lawyer|expert|king|queen|emperor|prince|poet|son"
    r"|daughter|wife|husband|brother|sister|mother|father|psychologist|psychiatrist|neuroscientist|inventor|explorer"
    r"|physician|dentist|chef|manager|technician|\w+ologist|entrepreneur|pilot)\b"
)
_KIND = re.compile(
    r"(?i)\A(?:an?|the|any|one of|two|three) (?:[\w'’-]++,? ){1,6}?"
    r"(?:that|which|who|whose|where|when|of|used|for|in|to|with|by|from|between|on|designed|made|found)\b"
)
_PRAISE = re.compile(
    r"(?i)(?:an?|the) (?:\w+ly |more |most )?(?:fundamental|foundational|key|crucial|critical|vital|essential|powerful"
    r"|important|significant|popular|common|major|central|core|well-established|great|good|valuable|effective"
    r"|fascinating|robust|versatile|primary|pivotal|cornerstone|complex|unique|remarkable)\b"
)
EMPTY_HEADING = re.compile(
    r"(?i)\b(?:conclusion|outlook|implications?|advice|summary|introduction|overview|future|key takeaways?|takeaways?"
    r"|final|closing|about|example|case study|tips|steps?|setup|setting|customi[sz]\w*|using|how to|features?"
    r"|benefits?|challenges?)\b"
)
"""Headings of sections that define nothing."""


def definitions(clause: Clause) -> Iterator[Candidate]:
    """Yield a question for the meaning of X from a sentence "X is a ..."."""
    match = _IS.match(clause.text)
    if not match or clause.prose.sentence.atoms:
        return
    subject, verb, rest = match.groups()
    if (
        not _is_term(clause, match)
        or not _is_verb(clause, match.start(2), subject)
        or _EMPTY_ANSWER.match(rest)
        or rest.split()[0].casefold() in _POINTING
        or subject.split()[0] in _NO_SUBJECT
    ):
        return
    if verb.startswith(_BE) and "defined" not in verb and not _tells_a_kind(clause, match.start(2)):
        return
    question = _question(subject, verb, bool(_PEOPLE.match(rest)))
    if question and _names(clause, match.start(3), verb):
        answer = rest if not verb.endswith((" a", " an", " the")) else f"{verb.rsplit(' ', 1)[1]} {rest}"
        term = _CAPITAL_ARTICLE.sub("", subject)
        yield Candidate("definition", "basic", clause, answer, question=question, subject=term)


def naming(clause: Clause) -> Iterator[Candidate]:
    """Yield a gap for the name that a sentence gives: "... is called X"."""
    for match in _NAMING.finditer(clause.text):
        if _CALLS.search(clause.text, clause.text.rfind(",", 0, match.end(1)) + 1, match.end(1)):
            continue
        words = match[1].split()
        last = next((index for index, word in enumerate(words) if word.casefold() in _NO_NAME), None)
        answer = " ".join(words[:last])
        if answer and answer.casefold() != "of":
            yield Candidate("naming", "cloze", clause, answer, (match.start(1), match.start(1) + len(answer)))


def _is_term(clause: Clause, match: re.Match[str]) -> bool:
    """Return whether the subject of a match is a noun phrase worth a question.

    It has one to seven words, no pronoun and no verb. It is a rare word, a name, a word of its headings, or
    emphasised by the author.
    """
    subject = match[1]
    if _EMPTY_SUBJECT.fullmatch(subject) or _ONE_OF_MANY.match(subject) or _POINTS.search(subject):
        return False
    folded = subject.casefold().split()
    if len(folded) > 7 or folded[0] in LISTS["no_term_first"] or folded[-1].endswith("ly"):
        return False
    if folded[-1] in {"still", "also"} or LISTS["no_term_inside"] & set(folded[1:]):
        return False
    tags = "".join([token.tag for token in clause.words if token.end <= match.end(1)])
    if set(tags) & set("Vmswot.,") or (tags[:1] == "G" and len(tags) > 1) or tags.count("p") > 2:
        return False
    words = _SPELLED.findall(subject)
    words = words[1:] if words[:1] in (["A"], ["An"], ["The"]) else words
    if any(word[0].isupper() for word in words[1:]) or 3 in map(rarity, words):
        return True
    if {"link", "strong"} & {span.kind for span in clause.prose.sentence.spans}:
        return True
    return bool(set(content(" ".join(clause.passage.path))) & set(content(subject)))


def _is_verb(clause: Clause, start: int, subject: str) -> bool:
    """Return whether the word at `start` is the verb of the subject: a form of "be", or one that agrees with it."""
    word = next((token.text for token in clause.words if token.start == start), "")
    return word in {*_BE, "referred", "stands"} or word.endswith("s") != is_plural(subject)


def _tells_a_kind(clause: Clause, start: int) -> bool:
    """Return whether the predicate names a kind and its difference, not mere praise."""
    behind = clause.text[start:].split(" ", 1)[1]
    return bool(_KIND.match(behind)) and not _PRAISE.match(behind) and not EMPTY_HEADING.search(clause.passage.heading)


def _names(clause: Clause, start: int, verb: str) -> bool:
    """Return whether the text after the verb defines the subject rather than telling what happened to it."""
    if verb.startswith(("represent", "describe", "measure")):
        return clause.text.startswith(("the ", "how "), start)
    needs_noun = " " not in verb and verb.startswith((*_BE, "mean"))
    return not needs_noun or bool(_TELLS.match(clause.text, start))


def _inside(subject: str) -> str:
    """Return a subject in the case that it has inside a question."""
    common = subject.split()[0].casefold() in STOP | COMMON
    return subject[0].lower() + subject[1:] if common else subject


def _question(subject: str, verb: str, person: bool) -> str:
    """Return the question that a definition answers, "" for "referred to"."""
    head = verb.split()[0]
    if head in _BE:
        asks = "Who" if person and head in {"is", "was"} and _NAME.fullmatch(subject) else "What"
        return f"{asks} {head} {_inside(subject)}?"
    return f"What {_asked(subject, verb)}?" if head != "referred" else ""


def _asked(subject: str, verb: str) -> str:
    """Return subject and verb in the order of a question: `does a resonance take place`."""
    head, *rest = verb.split()
    return " ".join(["does" if head.endswith("s") else "do", _inside(subject), head.removesuffix("s"), *rest])


Rule = Callable[[Clause], Iterator[Candidate]]
RULES: tuple[Rule, ...] = (definitions, naming, acronyms, dates)
"""In order of precedence: the first of two rules with the same gap gives the card its name."""

ANYWHERE: tuple[Rule, ...] = (acronyms,)
"""Rules whose cards need no context: they are tried on sentences that cannot give other cards."""
