"""The gate for cards that others wrote, a model or a person: each is accepted with its doubts, or refused by reason.

Kept apart because only `notebind cards --import` needs it. It trusts nothing of a card but what it can compare with the
notes: the quotes, the words, the characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import plain_text
from convert.extract.cards.english import normal, rarity
from convert.extract.cards.gate.doubts import doubts
from convert.extract.cards.gate.exchange import LONGEST_BACK, LONGEST_FRONT, Draft, Source, context_of, sources
from convert.extract.cards.gate.faithful import infidelity
from convert.extract.cards.gate.words import QUESTION, UNITS, Claim, Word, alike, families, stems, words
from convert.extract.cards.model import Card, Face, Gap, Kind

RULE = "imported"
"""The rule of cards that others wrote."""
LETTERS = 7
"""Fewest letters of an answer that is searched in a text without its blanks ("timerestricted")."""
LEAKED = 0.5
"""The share of an answer's words that front, title and headings must not give away."""
COPIED = 0.5
"""The least share of the words of a front with a gap that the quoted sentences must have."""
PART = 5
"""Letters with which a word begins that tell it inside another: `isomerase`, `isomer`."""

_COMMON = QUESTION | UNITS
"""Stems that give no answer away and do not tell cards apart."""
_GAP = re.compile(r"\[(?:\.\.\.|…)\]")
_CLOZE = re.compile(r"\{\{c\d{1,2}::([^{}:]{1,2000}+)(?:::[^{}]{0,2000}+)?\}\}")
_UNSAFE = (
    ("HTML", re.compile(r"<[A-Za-z/!?]|&(?:#\w|[A-Za-z]{2,31};)")),
    ("markup of Anki", re.compile(r"\{\{|\}\}|\[(?:sound|anki|latex|/latex|\$|/\$)", re.IGNORECASE)),
    ("LaTeX", re.compile(r"\\[A-Za-z()\[\]]|\$\$")),
    ("an address", re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\b(?:javascript|data|vbscript):)", re.IGNORECASE)),
    ("markup of Markdown", re.compile(r"!\[|\]\(|\[\[|```")),
)
_ODD = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
"""Unicode categories of characters that a card does not show: control, bidi, surrogates, private use."""


class Known(msgspec.Struct, frozen=True, gc=False):
    """A card that another must not repeat."""

    front: frozenset[str]
    answer: frozenset[str]
    anchors: frozenset[str]
    """Names and numbers of the front."""
    sentences: frozenset[str]
    where: str


class Gate:
    """Judges cards one after the other; it remembers the sentences of all notes and every card."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[Note, Source]] = {}
        self._nearby: dict[str, dict[str, frozenset[str]]] = {}
        self._known: dict[object, list[Known]] = {}

    def add_note(self, note: Note, wanted: frozenset[str], cards: Iterable[Card]) -> None:
        """Remember the sentences of a note whose ids are `wanted`, and all cards that are made of it."""
        bare = msgspec.structs.replace(note, blocks=())
        told = [one for found in sources(note) for one in found]
        quoted = {one.id: (bare, one) for one in told if one.id in wanted}
        if quoted:
            self._sources |= quoted
            self._nearby[note.id] = families(stems(words(" . ".join((note.channel, *[one.text for one in told])))))
        for card in cards:
            front = "".join(["[...]" if isinstance(one, Gap) else plain_text((one,)) + " " for one in card.front])
            self.add_card(front, card.answer, card.sentence, f"the card of {note.path}:{card.line}")

    def add_card(self, front: str, answer: str, sentence: str, where: str) -> None:
        """Remember a card that others must not repeat; `where` names it."""
        filled = _CLOZE.findall(front)
        self._remember(_known(words(_CLOZE.sub(" ", front)), words(" ".join(filled) or answer), [sentence], where))

    def judge(self, draft: Draft, where: str) -> tuple[Note, Card, str] | str:
        """Return the note, the card and what is doubtful about it, or why it is refused.

        An accepted card is remembered as `where`.
        """
        items = [draft.back] if isinstance(draft.back, str) else list(draft.back)
        front, items = _tidy(draft.front), [_tidy(item) for item in items]
        if reason := _unfit(draft, items) or self._uncited(draft):
            return reason
        note = self._sources[draft.quotes[0].id][0]
        quoted = [self._sources[quote.id][1] for quote in draft.quotes]
        claim = Claim(
            words(_GAP.sub(" ", front)),
            tuple(map(words, items)),
            tuple([word for one in quoted for word in words(one.text)]),
            words(" . ".join((note.title, *quoted[0].passage.path))),
            self._nearby[note.id],
        )
        places = {"front": front, "title": note.title, "section": " . ".join(quoted[0].passage.path)}
        (leak, part), (misfit, other) = _leak(claim, items, places), _misfit(claim, front)
        if reason := leak or infidelity(claim) or misfit:
            return reason
        known = _known(claim.front, claim.card[len(claim.front) :], [one.text for one in quoted], where)
        reason, same = self._repeated(known)
        if reason:
            return reason
        self._remember(known)
        doubtful = "; ".join(filter(None, (part, same, other, *doubts(claim))))
        return note, _card(front, items, note, quoted), doubtful

    def _uncited(self, draft: Draft) -> str:
        """Return what is wrong with the quotes of a draft."""
        for quote in draft.quotes:
            if quote.id not in self._sources:
                return f"no sentence with a time has the id {quote.id[:20]!r}: take ids from a new export"
            if quote.text.strip() != self._sources[quote.id][1].text.strip():
                return f"the quote is not the sentence {quote.id} to the letter: copy all of it from a new export"
        if len({self._sources[quote.id][0].id for quote in draft.quotes}) > 1:
            return "the quotes are of several notes: a card belongs to one"
        return ""

    def _remember(self, known: Known) -> None:
        for key in _keys(known):
            self._known.setdefault(key, []).append(known)

    def _repeated(self, known: Known) -> tuple[str, str]:
        """Return which card it repeats, and which other has the same answer."""
        others = [other for key in _keys(known) for other in self._known.get(key, ())]
        for other in others:
            if _repeats(known, other):
                return f"it repeats {other.where}: keep one of them", ""
        same = next((other for other in others if other.answer == known.answer and other.front & known.front), None)
        return "", f"{same.where} has the same answer" if same else ""


def _keys(known: Known) -> list[object]:
    """Return under what a card is found by another that may repeat it."""
    return [known.answer, ("front", known.front), *known.sentences]


def _known(front: Sequence[Word], answer: Sequence[Word], quoted: Iterable[str], where: str) -> Known:
    anchors = frozenset([word.low for word in front if word.is_number or word.is_name])
    sentences = frozenset([text for one in quoted if (text := normal(one))])
    return Known(stems(front) - _COMMON, stems(answer), anchors, sentences, where)


def _repeats(one: Known, other: Known) -> bool:
    """Return whether two cards ask the same: by sentence and answer, or by front and answer."""
    if not one.answer or not other.answer:
        return one.front == other.front and bool(one.front)
    shared = bool(one.sentences & other.sentences)
    answers = len(one.answer & other.answer) / min(len(one.answer), len(other.answer))
    fronts = len(one.front & other.front) / (len(one.front | other.front) or 1)
    if one.answer == other.answer:
        return shared or (fronts >= 0.5 and one.anchors == other.anchors)
    if one.front == other.front and one.front:
        return shared or answers >= 0.5
    return answers >= 0.6 and (fronts >= 0.8 or (shared and fronts >= 0.5)) and one.anchors == other.anchors


def _tidy(text: str) -> str:
    """Return a text with single blanks and without the mark of a list, in the form in which a card keeps it."""
    return unicodedata.normalize("NFC", " ".join(text.split())).removeprefix("- ").strip()


def _unfit(draft: Draft, items: Sequence[str]) -> str:
    """Return what no field may hold: odd characters, markup, too much or too little."""
    raw = [draft.back] if isinstance(draft.back, str) else draft.back
    for name, text in (("front", draft.front), *[("back", item) for item in raw]):
        most = LONGEST_FRONT if name == "front" else LONGEST_BACK
        if len(text) > most or sum(map(len, items)) > LONGEST_BACK:
            return f"the {name} has more than {most} characters: ask for less"
        if odd := next((one for one in text if unicodedata.category(one) in _ODD and one not in "\n\t"), ""):
            return f"the {name} has the hidden character U+{ord(odd):04X}: leave it out"
        for kind, pattern in _UNSAFE:
            if pattern.search(text):
                return f"the {name} has {kind}: write plain text"
    if len(_GAP.findall(draft.front)) > 1:
        return "the front has several gaps: a card asks for one thing"
    if any(one.isalnum() for one in draft.rival) and normal(draft.rival) not in ("none", "no", "n a", "null"):
        return f"its writer says that {draft.rival[:60]!r} is a right answer, too: ask more narrowly"
    if not stems(words(draft.front)) or not all(any(one.isalnum() for one in item) for item in items):
        return "front or back says nothing: write a question and the words that answer it"
    return ""


def _leak(claim: Claim, items: Sequence[str], places: Mapping[str, str]) -> tuple[str, str]:
    """Return where half of the answer or more stands already, also in another form, and where a part of it does."""
    keys = _key_words(claim)
    numbers = {one for one in keys if len(one) < 2 or one.isdecimal()}
    asked = {one for one in stems(claim.front) - _COMMON if len(one) > 1}
    answer = {one for part in claim.back for one in stems(part)}
    if asked and all(any(alike(one, other) for other in answer) for one in asked):
        return "the answer repeats the question: give only what is asked for", ""
    told: dict[str, str] = {}
    for name, text in places.items():
        own = {word.stem for word in words(text) if word.stem}
        leaked = {key for key in keys - numbers if any(_tells(one, key) for one in own)}
        # A front may well have an answer of one digit, and any text one of single letters: 0! is equal to 1, E to mc².
        telling = any(len(one) > 1 or (one.isdecimal() and name != "front") for one in keys)
        whole = telling and keys <= own
        if whole or (leaked and len(leaked) >= LEAKED * len(keys)) or _spelt(items, text):
            return f"the {name} gives the answer away: ask so that it does not, or for something else", ""
        told |= dict.fromkeys(leaked, name)
    if told and len(told) >= LEAKED * len(keys):
        return "front, title and section together give the answer away: ask for something else", ""
    key = min(told, default="")
    return "", f"the {told[key]} gives a part of the answer away ({key!r}…)" if key else ""


def _tells(one: str, key: str) -> bool:
    """Return whether a stem is a form of another, or one of them begins with what stands in the other."""
    is_part = min(len(one), len(key)) >= PART and one.isalpha() and key.isalpha() and rarity(one) > 1
    return alike(one, key) or (is_part and (one[:PART] in key or key[:PART] in one))


def _spelt(items: Sequence[str], text: str) -> bool:
    """Return whether a text has an answer letter by letter, or all the words for which an answer has the letters."""
    letters = "".join([one for one in text.casefold() if one.isalnum()])
    joined = ["".join([one for one in item.casefold() if one.isalnum()]) for item in items]
    firsts = "".join([word[0] for word in re.findall(r"[^\W\d_]++", text)])
    return any(
        (len(one) >= LETTERS and one in letters)
        or (item.isupper() and item.isalpha() and len(item) > 2 and item in firsts)
        for item, one in zip(items, joined, strict=True)
    )


def _misfit(claim: Claim, front: str) -> tuple[str, str]:
    """Return how a front with a gap is not the quoted sentence without its answer, surely, and maybe."""
    gap = _GAP.search(front)
    if not gap or front[: gap.start()].rstrip().endswith(":"):
        return "", ""
    before, behind, *parts = (
        [word.stem for word in found if word.stem]
        for found in (words(front[: gap.start()]), words(front[gap.end() :]), *claim.back)
    )
    given = [word.stem for word in claim.quoted if word.stem]
    if sum(one in given for one in (*before, *behind)) < COPIED * len(before + behind):
        return "most words of the front are not in the quoted sentences: copy a sentence and cut the answer out", ""
    if not _stands_so(given, before[-1:], parts[0], behind[:1]):
        return "the gap is not where the sentence has the answer: copy the sentence and cut the answer out", ""
    rest = iter(given)
    is_cut_out = all(one in rest for one in [*before, *chain(*parts), *behind])
    return "", "" if is_cut_out else "the front is not the quoted sentence with a gap in it"


def _stands_so(given: Sequence[str], left: list[str], inside: list[str], right: list[str]) -> bool:
    """Return whether an answer stands in a sentence with the same word before or behind it as in a front."""
    size = len(inside)
    for start in range(len(given)):
        before, behind = given[start - 1 : start], given[start + size : start + size + 1]
        beside = (bool(left) and left == before) or (bool(right) and right == behind) or not (left or right)
        if given[start : start + size] == inside and beside:
            return True
    return False


def _key_words(claim: Claim) -> frozenset[str]:
    """Return the stems of an answer that must not be told before: not those of the kind that is asked for."""
    answer = frozenset([one for part in claim.back for one in stems(part)])
    kinds: set[str] = set()
    for index, word in enumerate(claim.front):
        if word.low in ("which", "what", "many", "much"):
            kinds |= {one.stem for one in claim.front[index + 1 : index + 4] if one.stem and not one.is_name}
    return answer - kinds - _COMMON or answer


def _card(front: str, items: Sequence[str], note: Note, quoted: Sequence[Source]) -> Card:
    """Return the card of a draft that was accepted, with the time of the sentence that holds most of its answer."""
    answer = frozenset([one for item in items for one in stems(words(item))])
    main = max(quoted, key=lambda one: len(answer & stems(words(one.text))))
    kind, face, back, anchor = _faces(front, items, main.prose.line)
    return Card(
        kind=kind,
        rule=RULE,
        front=face,
        back=back,
        answer="; ".join(items),
        context=context_of(note.title, main.passage.path, answer),
        sentence=" ".join([one.text for one in quoted]),
        anchor=anchor,
        start_ms=main.prose.start_ms,
        line=main.prose.line,
    )


def _faces(front: str, items: Sequence[str], line: int) -> tuple[Kind, Face, tuple[n.Block, ...], str]:
    """Return the kind of a card, its front and back, and the text that identifies it, as for mined cards."""
    gap = _GAP.search(front)
    if gap:
        before, behind = front[: gap.start()], front[gap.end() :]
        face = (*_text(before), Gap(1, _text("; ".join(items))), *_text(behind))
        return "cloze", face, (), f"{normal(before)} … {normal(behind)}"
    paragraphs = [n.Paragraph(_text(item), line) for item in items]
    if len(items) > 1:
        return "list", _text(front), (n.List(tuple([n.Item((one,), line) for one in paragraphs]), line),), normal(front)
    return "basic", _text(front), tuple(paragraphs), normal(front)


def _text(text: str) -> tuple[n.Inline, ...]:
    return (n.Text(text),) if text else ()
