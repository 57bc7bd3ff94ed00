"""The features by which cards are judged: of the sentence, of the answer and of the gap.

Every feature is 0 to about 1, so that coefficients can be compared; true counts as 1. Their names describe them.

Kept apart because its names are the keys of `ranker.json`: a changed feature requires new training of the models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

import msgspec

from convert.extract.cards.candidate import Candidate, Clause
from convert.extract.cards.english import LISTS, SIGNS, Token, content, is_plural, rarity, stem
from convert.extract.cards.refusals import EVENT, Leak, before_date
from convert.extract.cards.rules import EMPTY_HEADING

NATURE = 0.1
"""The share of sentences about nature from which on the letters of a note are those of terms, however spelled."""

Features = dict[str, float]
"""Feature values by name, in the order in which a model adds them up. An absent feature is 0."""
Patterns = dict[str, re.Pattern[str]]

_SIGNS_OF: dict[str, tuple[str, ...]] = {}
for _name, _listed in sorted(SIGNS.items()):
    for _word in _listed:
        _SIGNS_OF[_word] = (*_SIGNS_OF.get(_word, ()), _name)


def _patterns(**sources: str) -> Patterns:
    """Return compiled patterns by the names of the features that they find."""
    return {name: re.compile(source) for name, source in sources.items()}


_SENTENCE = _patterns(
    gloss=r"(?:^|\))[^()]*+\([^)]{4,}+\)|, (?:a|an|the|which|who|known|called|meaning|where|or) |[—–]"
    r"|, (?:including|such as) ",
    cause=r" (?:because|due to|caused? by|leads? to|led to|result(?:s|ed|ing)? (?:in|from)|in order to|so that"
    r"|therefore|causes?|prevents?|allows?|enables?|triggers?|by \w+ing) ",
    naming=r" (?:called|known as|termed|refers? to|referred to|defined|definition|named|means|denotes?|stands for"
    r"|coined|term|concept of) ",
    is_a=r" (?:is|are|was|were) (?:a|an|the|one of) ",
    contrast=r"(?: (?:rather than|instead of|whereas|while|but not|compared|versus|than)|\bUnlike) ",
    example=r"(?i:\b(?:for example|for instance|e\.g\.|such as|like|including|imagine|suppose|consider)) ",
)
_NUMERIC = _SENTENCE | _patterns(
    year=r"\b(?:1[0-9]\d\d|20[0-2]\d)s?\b|\bcentury\b",
    unit=r"\d ?(?:%|percent|million|billion|trillion|thousand|hours?|minutes?|seconds?|days?|weeks?|months?|years?"
    r"|miles?|k?m\b|feet|kg|mg|degrees)|[$€£]\d",
    several_numbers=r"\d[.,]*+[^\d.,]++\d[\d.,]*+[^\d.,]++\d",
)
_OPENED = r"(?:\"|(?:^|”)[^\"“”]*+“)[^\"”]"
"""A quotation up to its first letter. The text before the first of several opening marks is read over, not tried."""
_QUOTES = _patterns(quote=_OPENED + r"{3,}+[\"”]", long_quote=_OPENED + r"{60,}+[\"”]")
_DIGIT = re.compile(r"\d")
_ACRONYM = re.compile(r"\([A-Z]{2,6}s?\)")
_FORMULA = re.compile(r"[=+²√∑∫≤≥×]| [a-z] ")
_OPENINGS = {
    word: name
    for name, words in (
        ("starts_demonstrative", "This These That Those Such"),
        ("starts_pronoun", "It They He She His Her Their Its We You I One Both Another Others Some Many All Each"),
        ("starts_there", "There Here What How Why"),
        ("starts_the", "The"),
        ("starts_a", "A An"),
        ("starts_setting", "In On At By During After Before Since From With Under Until Between Following Upon"),
        ("starts_condition", "If When While Although Though Despite Unlike Because As To For"),
    )
    for word in words.split()
}
"""Features by the first word of a sentence."""
_FIRST_WORD = re.compile(r"\w+")
_HEADING = {"empty_heading": EMPTY_HEADING} | _patterns(
    term_heading=r"(?i)\b(?:what is|definition|defin\w+|types?|history|origins?|background|concepts?|theory|principles?"
    r"|causes?|structure|discovery|anatomy|mechanism\w*|formula|law)\b"
)
_ANSWER = _patterns(
    answer_vague=r"(?i)\b(?:way|ways|thing|things|people|person|time|part|lot|number|amount|process|approach"
    r"|aspect|factor|example|issue|problem|need|use|result|results|role|world|life|work|area|areas|point|idea|concept"
    r"|various|different|many|several|specific|certain|individuals?|others?|something|information|data|system|method"
    r"|level|type|form|case|change|changes|impact)\b",
    answer_evaluates=r"(?i)\b(?:important|crucial|essential|significant|vital|key|critical|powerful|great|good"
    r"|best|better|pivotal|incredibly|remarkable|fundamental|challenging|difficult|popular|valuable|major|common"
    r"|effective|interesting|useful)\b",
    answer_article=r"(?i)^(?:an?|the) ",
    answer_pointing=r"(?i)\b(?:this|these|those|it|its|their|they|his|her|them|him|such|you|your)\b",
    answer_abstract=r"(?:ness|ment|ance|ence|ility|ality|ship|hood)s?$",
)
_SMALL_NUMBER = re.compile(r"\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten")
_NEAR_DATE = _patterns(
    date_span=r"(?i)\b(?:by|since|until|before|after|between|from|prior to|to)\b",
    date_about=r"(?i)\b(?:around|about|circa|century)\b|\ds$",
    date_part=r"(?i)\b(?:early|late|mid)\b",
)
_BY = re.compile(r"\b[Bb]y (?:the )?$")
_DEFINES = _patterns(
    defines_kind=r"^(?:an?|the) (?:[\w-]+ ){1,6}(?:that|which|who|where|of|used|for|in|to|with)\b",
    defines_act=r"^(?:(?:the )?(?:process|act|ability|practice|study|state|set|number)\b|\w+ing\b)",
)
_MADE, _BODIES = (frozenset(map(stem, LISTS[name])) for name in ("made", "bodies"))
"""Stems of words for what people make, and for bodies of people: letters of such names are worth less than of terms."""
_OPINION = SIGNS["opinion"] | SIGNS["hedge"] | SIGNS["modal"] | SIGNS["evaluation"] | SIGNS["now"]
_CUES = frozenset("of in by from to with for as into than between on at is are called requires causes produces".split())  # noqa: SIM905
_VERBAL_CUE = {"V": "after_verb", "D": "after_verb", "G": "after_verb", "m": "after_be", "p": "after_preposition"}
_NO_WORD = re.compile(r"[^A-Za-z#]")
"""Classes of punctuation tokens."""
_FINITE = re.compile("[VmD]")
_SUBJECT_TAGS = re.compile(r"[^,]{0,3}[VmD]")
_LISTED_BEFORE = re.compile(r"[NP],?c?d?$")
_LISTED_AFTER = re.compile(r",?c[dJ]?[NPJ]|,[dJ]?[NPJ]+[,c]")


def group_of(rule: str, sentence: Features, gap: Features) -> str:
    """Return the name by which levels of `--cards` have a least chance for a card: its rule, but for some acronyms.

    `term` is for letters whose words are spelled small, as names are not; `topic` for those that the title has, or a
    note about nature.
    """
    if rule != "acronym" or gap.get("letters_of_made") or gap.get("letters_of_body"):
        return rule
    if gap.get("letters_spelt_small"):
        return "term"
    return "topic" if gap.get("letters_in_title") or sentence.get("note_nature", 0.0) > NATURE else rule


class Judged(msgspec.Struct, frozen=True, gc=False):
    """A candidate and its features."""

    candidate: Candidate
    sentence: Features
    """Features of its sentence and of the note, shared by all candidates of the sentence."""
    gap: Features
    """Features of the candidate itself."""


def sentence_features(clause: Clause, title: frozenset[str], earlier: Set[str], position: float) -> Features:
    """Return the features of a sentence.

    `title` has the stems of the note's title, `earlier` the proper nouns of the note before the sentence. `position`
    is the share of the note before the sentence.
    """
    text = clause.text
    found: Features = {"bias": 1.0}
    found |= {name: 1.0 for word in clause.words for name in _SIGNS_OF.get(word.lower, ())}
    if _DIGIT.search(text):
        found["number"] = 1.0
        found |= _matching(_NUMERIC, text)
    else:
        found |= _matching(_SENTENCE, text)
    if '"' in text or "“" in text:
        found |= _matching(_QUOTES, text)
    if "(" in text:
        found["acronym"] = bool(_ACRONYM.search(text))
    first = _FIRST_WORD.match(text)
    if first and first.group() in _OPENINGS:
        found[_OPENINGS[first.group()]] = 1.0
    return found | _shape(clause) | _surroundings(clause, position) | _vocabulary(clause, title, earlier)


def proper_nouns(clause: Clause) -> set[str]:
    """Return the proper nouns of a sentence."""
    return {word.text for word in clause.words if word.tag == "P"}


def _matching(patterns: Patterns, text: str) -> Features:
    return {name: 1.0 for name, pattern in patterns.items() if pattern.search(text)}


def _shape(clause: Clause) -> Features:
    tags, text = clause.tags, clause.text
    length = len(_NO_WORD.sub("", tags))
    return {
        "short": max(0.0, (10 - length) / 10),
        "long": max(0.0, min((length - 22) / 20, 1.0)),
        "starts_verb": tags[:1] == "V" or tags[:2] == "RV",
        "starts_ing": tags[:1] == "G",
        "past": "D" in tags and "m" not in tags,
        "commas": min(tags.count(",") / 4, 1.0),
        "no_end": text[-1:] not in '.!?"”)',
        "question": text.endswith("?"),
        "colon": text.endswith(":"),
        "maths": min(len(clause.prose.sentence.atoms) / 2, 1.0),
        "formula": bool(_FORMULA.search(text.replace(" a ", " "))),
    }


def _surroundings(clause: Clause, position: float) -> Features:
    return {
        "resolved": clause.pronoun_replaced,
        "item": clause.prose.item,
        "labelled": bool(clause.label),
        "first_of_paragraph": clause.prose.index == 0,
        "before_heading": not clause.passage.path,
        "late_in_note": position,
    } | _matching(_HEADING, clause.passage.heading)


def _vocabulary(clause: Clause, title: frozenset[str], earlier: Set[str]) -> Features:
    tags, stems = clause.tags, clause.stems
    names = proper_nouns(clause)
    ranks = [word.rarity for word in clause.words if word.tag in "NPJVGD"]
    heading = content(clause.passage.heading)
    links = [span for span in clause.prose.sentence.spans if span.kind == "link"]
    return {
        "names": min(len(names) / 4, 1.0),
        "new_name": bool(names - earlier),
        "rare": ranks.count(3) / max(len(ranks), 1),
        "common": ranks.count(1) / max(len(ranks), 1),
        "title_words": min(len([stem for stem in stems if stem in title]) / 4, 1.0),
        "heading_words": min(len([stem for stem in stems if stem in heading]) / 3, 1.0),
        "links": min(len(links) / 2, 1.0),
        "verbs": min(tags.count("V") / 3, 1.0),
        "adverbs": min(tags.count("R") / 3, 1.0),
        "prepositions": tags.count("p") / max(len(_NO_WORD.sub("", tags)), 1) * 3,
    }


def gap_features(
    candidate: Candidate, leak: Leak, counts: Mapping[str, int], title: Set[str] = frozenset()
) -> Features:
    """Return the features of a candidate itself, without those of its sentence.

    `counts` has the occurrences of each stem in the note, `title` the stems of its title.
    """
    start, end = candidate.gap
    words = [word for word in candidate.clause.words if start <= word.start and word.end <= end]
    times = min([counts.get(stem, 0) for stem in content(candidate.answer)], default=0)
    found: Features = {
        f"rule_{candidate.rule}": 1.0,
        "leak_title": leak.title,
        "leak_heading": leak.heading,
        "leak_rest": leak.rest,
        **_answer(candidate.answer, words),
        "answer_once": times <= 1,
        "answer_often": min(max(times - 1, 0) / 5, 1.0),
    }
    if candidate.rule == "date":
        found |= _date(candidate)
    elif candidate.rule == "acronym":
        found |= _letters(candidate, counts, title)
    elif candidate.rule == "definition":
        found |= _definition(candidate)
    if candidate.kind == "cloze":
        found |= _gap(candidate) | _neighbours(candidate.clause, words)
    return found


def _answer(text: str, words: list[Token]) -> Features:
    count = len(text.split())
    tags = "".join([word.tag for word in words])
    ranks = [word.rarity for word in words if word.tag != "#"] if words else list(map(rarity, text.split()))
    return {
        "answer_letters": min(len(text) / max(count, 1) / 10, 1.2) if count <= 4 else 0.6,
        "answer_plural": is_plural(text),
        "answer_hyphen": "-" in text,
        "answer_words": min(count / 12, 1.0),
        "answer_long": count > 20,
        "answer_digit": any(map(str.isdigit, text)),
        "answer_small_number": bool(_SMALL_NUMBER.fullmatch(text)),
        "answer_name": bool(tags) and not tags.strip("P#p"),
        "answer_rare": ranks.count(3) / max(len(ranks), 1),
        "answer_common": ranks.count(1) / max(len(ranks), 1),
        **_matching(_ANSWER, text),
        "answer_adjectives": min((tags.count("J") + tags.count("D")) / 2, 1.0),
    }


def _date(candidate: Candidate) -> Features:
    text, (start, end) = candidate.clause.text, candidate.gap
    before, behind = before_date(text, start), text[end : end + 1]
    words = {word.lower for word in candidate.clause.words}
    return {
        "date_opens": before in {"In ", "On ", "In the ", "On the "} and behind == ",",
        "date_closes": before.endswith((" in ", " on ")) and behind in {".", ","},
        "date_month": len(before) < start,
        **_matching(_NEAR_DATE, f"{before[-12:]}{candidate.answer}"),
        "date_event": bool(EVENT.search(text)),
        "date_crime": bool(words & SIGNS["crime"]),
        "date_opinion": bool(words & _OPINION),
        "date_state": bool(words & SIGNS["state"]),
        "date_by": bool(_BY.search(before)),
        "date_named": "P" in candidate.clause.tags,
    }


def _definition(candidate: Candidate) -> Features:
    subject, sentence = candidate.subject, candidate.clause.prose.sentence
    asked, stems = subject.split(), content(subject)
    headings = content(" ".join(candidate.clause.passage.path))
    singled_out = [sentence.text[span.start : span.end].casefold() for span in sentence.spans]
    article = "".join(candidate.question.split()[2:3])
    return {
        **_matching(_DEFINES, candidate.answer),
        "asks_title": bool(stems) and set(stems) <= set(headings),
        "asks_rare": 3 in map(rarity, asked),
        "asks_name": asked[0].isupper() or any(word[0].isupper() for word in asked[1:]),
        "asks_words": min(len(asked) / 6, 1.0),
        "asks_person": candidate.question.startswith("Who"),
        "asks_marked": any(words in subject.casefold() for words in singled_out),
        "asks_article": article in {"a", "an"},
        "asks_the": article == "the",
    }


def _letters(candidate: Candidate, counts: Mapping[str, int], title: Set[str]) -> Features:
    short, spelled = candidate.subject, content(candidate.answer)
    headings = " ".join(candidate.clause.passage.path)
    made, body = not _MADE.isdisjoint(spelled), not _BODIES.isdisjoint(spelled)
    return {
        "letters_often": min(max(counts.get(stem, 0) for stem in content(short)) / 5, 1.0) if content(short) else 0.0,
        "letters_in_heading": short in headings,
        "letters_three": len(short) == 3,
        "letters_spelt_small": candidate.answer.islower(),
        "letters_of_made": made,
        "letters_of_body": body,
        "letters_in_title": not title.isdisjoint(content(short)),
    }


def _gap(candidate: Candidate) -> Features:
    text, sentence, (start, end) = candidate.clause.text, candidate.clause.prose.sentence, candidate.gap
    before = text[max(start - 1, 0) : start]
    # Spans count from the start of the sentence, before its label and connective were taken off.
    shift = len(sentence.text) - len(text)
    covered = {span.kind for span in sentence.spans if span.start <= start + shift and end + shift <= span.end}
    return {
        "gap_at_start": start < 5,
        "gap_place": start / max(len(text), 1),
        "gap_at_end": len(text) - end <= 2,
        "gap_linked": "link" in covered,
        "gap_strong": "strong" in covered,
        "gap_quoted": before in {'"', "“"},
        "gap_in_brackets": before == "(",
        "gap_before_brackets": text[end : end + 2] == " (",
        "front_words": min((len(text) - (end - start)) / 160, 1.0),
    }


def _neighbours(clause: Clause, words: list[Token]) -> Features:
    """Return the features of the words before and after a gap."""
    if not words:
        return {}
    first = clause.words.index(words[0])
    last = first + len(words)
    before, after = clause.tags[:first], clause.tags[last:]
    found: Features = {}
    cue = before.rstrip('d"')
    if name := _VERBAL_CUE.get(cue[-1:]):
        found[name] = 1.0
    if cue and (word := clause.words[len(cue) - 1].lower) in _CUES:
        found[f"after_{word}"] = 1.0
    return found | {
        "after_article": before.endswith("d"),
        "subject": not _FINITE.search(before) and bool(_SUBJECT_TAGS.match(after)),
        "cut_right": after[:1] in {"N", "P", "J", "#"} or (after[:2] == "pN" and clause.words[last].text == "of"),
        "listed": bool(_LISTED_BEFORE.search(before) or _LISTED_AFTER.match(after)),
    }
