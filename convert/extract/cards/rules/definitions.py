"""Definitions: what a term is, what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.english import COMMON, LISTS, STOP, rarity
from convert.extract.cards.sentence_features import EMPTY_HEADING
from convert.extract.cards.terms import content

_SUBJECT = r"((?:(?:A|An|The) )?[^,;:]{2,70}?)(?: \([^)]*\))?"
_IS = re.compile(
    rf"^{_SUBJECT},? (is|are|was|were|refers? to|referred to|means?|denotes?|describes?|represents?|(?:is|are"
    rf"|was|were) defined as"
    r"|(?:is|are|was|were) (?:simply |essentially |basically )?(?:the|an?)|stands? for|measures?) +(.{12,200}?)[.!]?$"
)
_NAMING = re.compile(
    r"\b(?:called|known as|termed|referred to as|dubbed|coined|nicknamed|so-called|labeled|the term)(?: as)? +"
    r"(?:the |a |an )?[\"“']?((?:[\w'’-]+ ?){1,5})"
)
_CALLS = re.compile(
    r"(?:\b(?:he|she|they|it|we|I|who|then)|[A-Z][\w'’]+) (?:also |later |once )?(?:called|named)[^,]*$"
    r"|\bthe term (?![\"“'])[^,]*$"
)
"""A telephone call, a child's name, a term of which something is told: no naming."""
_WHAT = re.compile(r"^What (?:is|are|was|were) (?:an? |the )?(.{2,60})\?$")


_POINTING = frozenset("this that these those it them him her his their its such".split())  # noqa: SIM905
_EMPTY_SUBJECT = re.compile(
    r"(?:(?:a|an|the|one|another|key|main|primary|significant|major|core|crucial|important|notable|common"
    r"|specific|special|first"
    r"|final|more|most|fundamental|understanding|development|constraint|challenge|insight|idea|goal|aim|purpose"
    r"|point|aspect|step"
    r"|benefit|example|result|reason|answer|question|speaker|author|video|difference|focus|approach|way|thing"
    r"|advantage|issue"
    r"|problem|issues|problems|concern|element|component|feature|features|solution|outcome|method|process|tool"
    r"|system|it|rule)"
    r" ?)+", re.IGNORECASE)  # fmt: skip


_ONE_OF_MANY = re.compile(
    r"(?:A|An|One|Another|The)? ?(?:\w+ly |current |most )?(?:significant|dominant|key|major|common|crucial"
    r"|primary|notable|important|main"
    r"|critical"
    r"|central|core|big|biggest|popular|typical|potential|possible|interesting|good|great)\b"
)
_EMPTY_ANSWER = re.compile(
    r"(?:an?|the|one of the|part of an?|another|no longer)? ?(?:(?:another|third|second) .*"
    r"|[\w-]+ ){0,3}(?:force|field|component|player|phenomenon|leap|tragedy|idea|shift|concern|example|aspect"
    r"|pillar|priority|challenge"
    r"|topic|problem|issue|factor"
    r"|cornerstone|testament|journey|story|step|goal|reminder|question|feature|highlight|reason|must)s?\b",
    re.IGNORECASE,
)
"""What a subject is praised or feared as, not what it is."""
_POINTS = re.compile(r"\b(?:this|that|these|those|it|its|their|his|her)\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][\w'’.-]*(?: (?:[A-Z][\w'’.-]*|de|von|van|al|bin))*")
_TELLS = re.compile(
    r"(?:an?|the|any|one of|two|three|[A-Z][\w'’]+[’']s?|\w+s (?:that|which|who|whose|where|used|with|in|of"
    r"|from|designed|made|found)"
    r"|when|how|what|where) ", re.I)  # fmt: skip
"""How a definition opens."""
_LABELLED = re.compile(
    r"(?:(?:A|An|The|Any) (?!second |detective |speaker |user )(?:[\w,-]+ ){1,8}?|[A-Z][\w-]+ )"
    r"(?:that|which|who|whose|where|when|used|designed|of|for|with|in|by|from|to|on|between|developed|released)\b"
)
PEOPLE = re.compile(
    r"(?:an?|the) (?:[\w'’-]+ ){0,6}(?:\w*salesman|professor|grandmother|grandfather|producer|suspect|victim|host"
    r"|figure|player|leader|president|minister|scientist|researcher|engineer"
    r"|founder|co-founder"
    r"|ceo|author|writer|journalist|politician|philosopher|mathematician|physicist|chemist|biologist|economist"
    r"|historian|artist"
    r"|actor|director|general|officer|man|woman|person|student|doctor|lawyer|expert|king|queen|emperor|prince"
    r"|poet|son|daughter"
    r"|wife|husband|brother|sister|mother|father|psychologist|psychiatrist|neuroscientist|inventor|explorer"
    r"|physician|dentist"
    r"|chef|manager|technician|\w+ologist|entrepreneur|pilot)\b", re.IGNORECASE)  # fmt: skip


def questions(clause: Clause) -> Iterator[Candidate]:
    """A heading that asks "What is X?", answered by a sentence below it whose subject is X."""
    path = clause.passage.path
    match = _WHAT.match(path[-1]) if path else None
    if not match or clause.prose.item:
        return
    said = re.match(
        rf"(?:an? |the )?{re.escape(match[1])}(?: \([^)]*\))? (?:is|are|was|were|refers? to|means?)\b",
        clause.text,
        re.I,
    )
    if said:
        yield Candidate("question", "basic", clause, clause.text, question=path[-1], subject=path[-1])


def definitions(clause: Clause) -> Iterator[Candidate]:
    """ "X is a ..." as a question for X's meaning, and with a gap for X."""
    match = _IS.match(clause.text)
    if not match or clause.prose.sentence.atoms:
        return
    subject, verb, rest = match.groups()
    if (
        not _is_term(subject)
        or not _is_verb(clause, match.start(2), subject)
        or _verbal(clause, match.end(1))
        or _EMPTY_ANSWER.match(rest)
        or rest.split()[0].casefold() in _POINTING
        or not _known(clause, subject)
        or subject.split()[0] in {"Since", "Because", "Despite", "Like", "Unlike", "Within", "Among"}
    ):
        return
    if verb.startswith(("is", "are", "was", "were")) and "defined" not in verb and not _tells_a_kind(clause, match):
        return
    plain = re.sub(r"^(?:A|An|The) ", "", subject)
    question = _question(subject, verb)
    if question.startswith(("What is ", "What was ")):
        question = f"Who{question[4:]}" if PEOPLE.match(rest) and _NAME.fullmatch(subject) else question
    if question and _names(clause, match.start(3), verb):
        answer = rest if not verb.endswith((" a", " an", " the")) else f"{verb.rsplit(' ', 1)[1]} {rest}"
        yield Candidate("definition", "basic", clause, answer, question=question, subject=plain)


_KIND = re.compile(
    r"(?:an?|the|any|one of|two|three) (?:[\w'’-]+,? ){1,6}?"
    r"(?:that|which|who|whose|where|when|of|used|for|in|to|with|by|from|between|on|designed|made|found)\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"(?:an?|the) (?:\w+ly |more |most )?(?:fundamental|foundational|key|crucial|critical|vital|essential|powerful"
    r"|important|significant|popular|common|major|central|core|well-established|great|good|valuable|effective"
    r"|fascinating|robust|versatile|primary|pivotal|cornerstone|complex|unique|remarkable)\b",
    re.IGNORECASE,
)


def _tells_a_kind(clause: Clause, match: re.Match[str]) -> bool:
    """Whether a definition says what kind of thing its subject is and which of that kind, and is no mere praise."""
    said = clause.text[match.start(2) :].split(" ", 1)[1]
    heading = clause.passage.path[-1] if clause.passage.path else ""
    return bool(_KIND.match(said)) and not _PRAISE.match(said) and not EMPTY_HEADING.search(heading)


def _known(clause: Clause, subject: str) -> bool:
    """Whether a subject is a term: a rare word, a name, a word of its headings, or singled out by the author."""
    words = re.findall(r"[\w'’-]+", subject)
    if words[0] in {"A", "An", "The"}:
        words = words[1:]
    heading = set(content(" ".join(clause.passage.path)))
    named = any(word[0].isupper() for word in words[1:]) or any(rarity(word) == 3 for word in words)
    return (
        named
        or any(span.kind in {"link", "strong"} for span in clause.prose.sentence.spans)
        or bool(heading & set(content(subject)))
    )


def _is_verb(clause: Clause, start: int, subject: str) -> bool:
    """Whether the word at `start` is the verb of the subject: a form of "be", or one that agrees with it."""
    word = next((token.text for token in clause.words if token.start == start), "")
    if word in {"is", "are", "was", "were"}:
        return True
    plural = subject.endswith("s") and not subject.endswith(("ss", "is", "us"))
    return word.endswith("s") != plural or word in {"referred", "stands"}


def _verbal(clause: Clause, end: int) -> bool:
    """Whether the words before `end` hold more than a noun phrase: a verb, a clause, an act."""
    tags = "".join(token.tag for token in clause.words if token.end <= end)
    return bool(set(tags) & set("Vmswot.,")) or bool(re.match("G.", tags)) or tags.count("p") > 2


def _names(clause: Clause, start: int, verb: str) -> bool:
    """Whether what stands after the verb says what the subject is: a noun phrase, not what befell it."""
    if not verb.startswith(("is", "are", "was", "were", "mean", "represent", "describe", "measure")) or " " in verb:
        return True
    if verb.startswith(("represent", "describe", "measure")):
        return bool(re.compile(r"(?:the|how) ").match(clause.text, start))
    return bool(_TELLS.match(clause.text, start))


def _is_term(subject: str) -> bool:
    """Whether a subject can be asked for: one to six words, no pronoun, no finite verb, not all common words."""
    words = subject.casefold().split()
    if _EMPTY_SUBJECT.fullmatch(subject) or _ONE_OF_MANY.match(subject) or _POINTS.search(subject):
        return False
    if (
        len(words) > 7
        or words[0] in LISTS["no_term_first"]
        or words[-1].endswith("ly")
        or words[-1] in {"still", "also"}
    ):
        return False
    return not LISTS["no_term_inside"] & set(words[1:])


_BASE = {"refer": "refer to", "mean": "mean", "denote": "denote", "describe": "describe", "represent": "represent",
         "stand": "stand for", "measure": "measure"}  # fmt: skip


def _shown(subject: str) -> str:
    """A subject as it stands inside a question."""
    return subject[0].lower() + subject[1:] if subject.split()[0].casefold() in STOP | COMMON else subject


def _question(subject: str, verb: str) -> str:
    """The question that the definition answers, "" for a verb that asks for none."""
    known = _shown(subject)
    head = verb.split()[0]
    if verb.startswith(("is", "are", "was", "were")):
        return f"What {head} {known}?"
    base = _BASE.get(head.removesuffix("s"))
    if base is None:
        return ""
    return f"What {'does' if head.endswith('s') else 'do'} {known} {base}?"


def labelled(clause: Clause) -> Iterator[Candidate]:
    """A labelled list item, `Term: a thing that ...`, as a question for the term."""
    label = clause.label
    if not label or not clause.prose.item or len(label.split()) > 5 or not _LABELLED.match(clause.text):
        return
    told = clause.tags.split("w", 1)[0]
    if set(told) & set("mV") or re.search("D[dN#PJ]", told):
        return
    if set(content(label)) <= set(clause.stems):
        return
    if max(map(rarity, re.findall(r"\w+", label)), default=0) == 3 and len(clause.text.split()) > 4:
        question = f"What is meant by “{label}”?"
        yield Candidate("labelled", "basic", clause, clause.text, question=question, subject=label)


def naming(clause: Clause) -> Iterator[Candidate]:
    """A gap for the name that a sentence gives: "... is called X"."""
    for match in _NAMING.finditer(clause.text):
        if _CALLS.search(clause.text, 0, match.end(1)):
            continue
        words: list[str] = []
        for word in match[1].split():
            if word.casefold() in STOP and word.casefold() != "of":
                break
            words.append(word)
        answer = " ".join(words)
        if answer and answer.casefold() != "of":
            yield Candidate("naming", "cloze", clause, answer, (match.start(1), match.start(1) + len(answer)))


_OCCURS = re.compile(
    r"^"
    + _SUBJECT
    + r" (?:\w+ly )?(occurs?|happens?|arises?|begins?|takes? place) (when|if|because) (.{12,160}?)[.!]?$"
)


def occurrences(clause: Clause) -> Iterator[Candidate]:
    """ "Overfitting occurs when ..." as a question for when it does."""
    match = _OCCURS.match(clause.text)
    if not match or not _is_term(match[1]) or _verbal(clause, match.end(1)) or not _known(clause, match[1]):
        return
    subject = _shown(match[1])
    base, many = match[2].removesuffix("s"), not match[2].endswith("s") and match[2] != "take place"
    base = "take place" if base.startswith("take") else base
    word = "Why" if match[3] == "because" else "When"
    question = f"{word} {'do' if many else 'does'} {subject} {base}?"
    yield Candidate("occurrence", "basic", clause, f"{match[3]} {match[4]}", question=question, subject=match[1])
