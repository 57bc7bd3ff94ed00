"""What can be seen of a proposed answer and its place: the features by which a card is guessed to be kept."""

from __future__ import annotations

import re

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.context import Leak
from convert.extract.cards.english import SIGNS, Token, rarity
from convert.extract.cards.refusals import EVENT
from convert.extract.cards.rules.lists import COUNTS
from convert.extract.cards.sentence_features import Features
from convert.extract.cards.terms import content, overlap

_VAGUE = re.compile(
    r"\b(?:way|ways|thing|things|people|person|time|part|lot|number|amount|process|approach|aspect|factor"
    r"|example|issue|problem"
    r"|need|use|result|results|role|world|life|work|area|areas|point|idea|concept|various|different|many|several"
    r"|specific"
    r"|certain|individuals?|others?|something|information|data|system|method|level|type|form|case|change|changes"
    r"|impact)\b",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(r"(?:ness|ment|ance|ence|ility|ality|ship|hood)s?$")
_EVALUATES = re.compile(
    r"\b(?:important|crucial|essential|significant|vital|key|critical|powerful|great|good|best|better|pivotal"
    r"|incredibly|remarkable"
    r"|fundamental|challenging|difficult|popular|valuable|major|common|effective|interesting"
    r"|useful)\b", re.IGNORECASE)  # fmt: skip
_ARTICLE = re.compile(r"(?:an?|the) ", re.IGNORECASE)
_POINTING = re.compile(r"\b(?:this|these|those|it|its|their|they|his|her|them|him|such|you|your)\b", re.IGNORECASE)
_CUES = frozenset("of in by from to with for as into than between on at is are called requires causes produces".split())  # noqa: SIM905
_OPINION = SIGNS["opinion"] | SIGNS["hedge"] | SIGNS["modal"] | SIGNS["evaluation"] | SIGNS["now"]
Counts = dict[str, int]
"""How often each stem stands in the note."""
_VERBAL_CUE = {"V": "after_verb", "D": "after_verb", "G": "after_verb", "m": "after_be", "p": "after_preposition"}


_SPAN = re.compile(r"\b(?:by|since|until|before|after|between|from|prior to|to)\b", re.IGNORECASE)
_ABOUT = re.compile(r"\b(?:around|about|circa|century)\b|\ds$", re.IGNORECASE)
_PART = re.compile(r"\b(?:early|late|mid)\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:includ\w+|such as|examples?|for instance|e\.g|some|several|various|many|like)\b", re.IGNORECASE
)
_CLOSED = re.compile(r"\b(?:main|primary|types?|kinds?|parts?|components?|stages?|phases?|categories|layers"
    r"|principles|pillars|elements"
                     r"|requirements?|conditions|criteria|consists?|divided|classified"
                     r"|composed)\b", re.IGNORECASE)  # fmt: skip


def gap_features(candidate: Candidate, leak: Leak, page: Counts) -> Features:
    """The features of a candidate beside those of its sentence."""
    found: Features = {f"rule_{candidate.rule}": 1.0}
    words = [t for t in candidate.clause.words if candidate.gap[0] <= t.start and t.end <= candidate.gap[1]]
    found["leak_title"], found["leak_heading"], found["leak_rest"] = leak.title, leak.heading, leak.rest
    _answer(found, candidate, words)
    stems = content(candidate.answer)
    times = min((page.get(stem, 0) for stem in stems), default=0)
    found["answer_once"] = float(times <= 1)
    found["answer_often"] = min(max(times - 1, 0) / 5, 1.0)
    if candidate.rule == "date":
        _date(found, candidate)
    elif candidate.rule in _ASKED:
        _definition(found, candidate)
    if candidate.kind == "cloze":
        _place(found, candidate, words)
    elif candidate.kind == "list":
        _list(found, candidate)
    return found


def _date(found: Features, candidate: Candidate) -> None:
    text, (start, end) = candidate.clause.text, candidate.gap
    found["date_opens"] = float(bool(re.match(r"(?:In|On) (?:the )?$", text[:start])) and text[end : end + 1] == ",")
    found["date_closes"] = float(bool(re.search(r" (?:in|on) $", text[:start])) and text[end : end + 1] in {".", ","})
    found["date_month"] = float(not candidate.answer[0].isdigit() and " " in candidate.answer)
    near = text[max(start - 12, 0) : end]
    found["date_span"] = float(bool(_SPAN.search(near)))
    found["date_about"] = float(bool(_ABOUT.search(near)))
    found["date_part"] = float(bool(_PART.search(near)))
    found["date_event"] = float(bool(EVENT.search(text)))
    said = {word.text.casefold() for word in candidate.clause.words}
    found["date_crime"] = float(bool(said & SIGNS["crime"]))
    found["date_opinion"] = float(bool(said & _OPINION))
    found["date_state"] = float(bool(said & SIGNS["state"]))
    found["date_by"] = float(bool(re.search(r"\b[Bb]y (?:the )?$", text[:start])))
    found["date_named"] = float(bool(re.search(r"[PN]", candidate.clause.tags)) and "P" in candidate.clause.tags)
    found["date_quoted"] = float('"' in text)


def _definition(found: Features, candidate: Candidate) -> None:
    answer = candidate.answer
    found["defines_kind"] = float(
        bool(re.match(r"(?:an?|the) (?:[\w-]+ ){1,6}(?:that|which|who|where|of|used|for|in|to|with)\b", answer))
    )
    found["defines_act"] = float(
        bool(re.match(r"(?:the )?(?:process|act|ability|practice|study|state|set|number)\b|\w+ing\b", answer))
    )
    found["asks_title"] = float(
        overlap(candidate.subject, frozenset(content(" ".join(candidate.clause.passage.path)))) == 1
    )
    asked = candidate.subject.split()
    found["asks_rare"] = float(any(rarity(word) == 3 for word in asked))
    found["asks_name"] = float(any(word[0].isupper() for word in asked[1:]) or asked[0].isupper())
    found["asks_words"] = min(len(asked) / 6, 1.0)
    found["asks_person"] = float(candidate.question.startswith("Who"))
    found["asks_marked"] = float(
        any(
            candidate.clause.prose.sentence.text[s.start : s.end].casefold() in candidate.subject.casefold()
            for s in candidate.clause.prose.sentence.spans
        )
    )
    found["asks_article"] = float(candidate.question.split()[2:3] in (["a"], ["an"]))
    found["asks_the"] = float(candidate.question.split()[2:3] == ["the"])


_ASKED = frozenset({"definition", "labelled", "occurrence"})


def _list(found: Features, candidate: Candidate) -> None:
    lead = candidate.question.casefold().split()
    count = len(candidate.items)
    named = next((COUNTS[word] for word in lead if word in COUNTS), None)
    found["list_counted"] = float(named == count or str(count) in lead)
    found["list_miscounted"] = float(named is not None and named != count)
    found["list_open"] = float(bool(_OPEN.search(candidate.question)))
    found["list_length"] = count / 7
    found["list_item_words"] = min(sum(len(item.split()) for item in candidate.items) / count / 8, 1.0)
    found["list_closed"] = float(bool(_CLOSED.search(candidate.question)))


def _answer(found: Features, candidate: Candidate, words: list[Token]) -> None:
    text = candidate.answer
    count = len(text.split())
    found["answer_letters"] = min(len(text) / max(count, 1) / 10, 1.2) if count <= 4 else 0.6
    found["answer_plural"] = float(text.endswith("s") and not text.endswith(("ss", "is", "us")))
    found["answer_hyphen"] = float("-" in text)
    found["answer_one_word"] = float(count == 1)
    found["answer_words"] = min(count / 12, 1.0)
    found["answer_long"] = float(count > 20)
    found["answer_digit"] = float(any(c.isdigit() for c in text))
    found["answer_small_number"] = float(
        bool(re.fullmatch(r"\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten", text))
    )
    found["answer_name"] = float(bool(words) and all(t.tag in "P#p" for t in words))
    ranks = [rarity(t.text) for t in words if t.tag != "#"] if words else [rarity(w) for w in text.split()]
    found["answer_rare"] = sum(r == 3 for r in ranks) / max(len(ranks), 1)
    found["answer_common"] = sum(r == 1 for r in ranks) / max(len(ranks), 1)
    found["answer_vague"] = float(bool(_VAGUE.search(text)))
    found["answer_evaluates"] = float(bool(_EVALUATES.search(text)))
    found["answer_article"] = float(bool(_ARTICLE.match(text)))
    found["answer_pointing"] = float(bool(_POINTING.search(text)))
    found["answer_abstract"] = float(bool(_ABSTRACT.search(text)))
    found["answer_adjectives"] = min(sum(t.tag in "JD" for t in words) / 2, 1.0)


def _place(found: Features, candidate: Candidate, words: list[Token]) -> None:
    clause, (start, end) = candidate.clause, candidate.gap
    text = clause.text
    found["gap_at_start"] = float(start < 5)
    found["gap_place"] = start / max(len(text), 1)
    found["gap_at_end"] = float(len(text) - end <= 2)
    found["gap_linked"] = _covered(clause, start, end, "link")
    found["gap_strong"] = _covered(clause, start, end, "strong")
    found["gap_quoted"] = float(text[max(start - 1, 0) : start] in {'"', "“"})
    found["gap_in_brackets"] = float(text[max(start - 1, 0) : start] == "(")
    found["gap_before_brackets"] = float(text[end : end + 2] == " (")
    found["front_words"] = min((len(text) - (end - start)) / 160, 1.0)
    _neighbours(found, clause, words)


def _neighbours(found: Features, clause: Clause, words: list[Token]) -> None:
    if not words:
        return
    first = next(i for i, word in enumerate(clause.words) if word is words[0])
    last = first + len(words) - 1
    before, after = clause.tags[:first], clause.tags[last + 1 :]
    name = _VERBAL_CUE.get(before.rstrip('d"')[-1:])
    if name:
        found[name] = 1.0
    word = _word_before(clause, first)
    if word in _CUES:
        found[f"after_{word}"] = 1.0
    found["after_article"] = float(before.endswith("d"))
    found["subject"] = float(not re.search("[VmD]", before) and bool(re.match(r"[^,]{0,3}[VmD]", after)))
    found["cut_left"] = float(before[-1:] in {"J", "N", "P", "#", "G"} and before != "")
    found["cut_right"] = float(
        after[:1] in {"N", "P", "J", "#"} or (after[:2] == "pN" and clause.words[last + 1].text == "of")
    )
    found["listed"] = float(
        bool(re.search(r"[NP],?c?d?$", before)) or bool(re.match(r",?c[dJ]?[NPJ]|,[dJ]?[NPJ]+[,c]", after))
    )


def _word_before(clause: Clause, first: int) -> str:
    """The word before a gap, articles passed over."""
    words = clause.words
    while first and words[first - 1].tag in 'd"':
        first -= 1
    return words[first - 1].text.casefold() if first else ""


def _covered(clause: Clause, start: int, end: int, kind: str) -> float:
    shift = clause.shift
    return float(
        any(s.kind == kind and s.start - shift <= start and end <= s.end - shift for s in clause.prose.sentence.spans)
    )
