"""Tests the topics that notes mention: keys, titles spelled as in the labels, sections."""

from __future__ import annotations

from convert.document.nodes import Destination, Paragraph, Section, Text, WikiLink
from convert.extract.topics import Mention, mentions
from tests.support.notes import note_of


def link(target: str, label: str, to: Destination | None = None) -> WikiLink:
    return WikiLink(target, (Text(label),), to=to)


def topics(*links: WikiLink) -> list[tuple[str, str]]:
    return [(m.key, m.title) for m in mentions(note_of([Paragraph(links, 1)]))]


def test_a_topic_with_a_note_has_its_id_and_title() -> None:
    found = link("the_dragon", "a dragon", Destination("films/the_dragon", "", "The dragon"))
    assert topics(found) == [("films/the_dragon", "The dragon")]


def test_a_topic_without_a_note_is_its_target_in_words() -> None:
    assert topics(link("history_of__film", "history")) == [("history_of__film", "History of film")]


def test_spellings_of_one_target_are_one_topic() -> None:
    assert topics(link("Old films", "x"), link("old_films", "y")) == [("old_films", "Old films")]


def test_labels_give_back_capitals_and_hyphens() -> None:
    spelled = link("role_of_stopmotion_in_utrecht", "stop-motion in Utrecht,")
    assert topics(spelled) == [("role_of_stopmotion_in_utrecht", "Role of stop-motion in Utrecht")]


def test_a_word_that_is_ever_small_is_small() -> None:
    first, second = link("history", "Film history"), link("rise_of_film", "the film")
    assert topics(first, second) == [("history", "History"), ("rise_of_film", "Rise of film")]


def test_a_topic_stands_once_a_section_and_never_for_its_own_note() -> None:
    own, other = link("one", "One", Destination("films/one", "", "One")), link("poem", "poem")
    section = Section("a", 2, (other, other), (Paragraph((other, own), 2),), 1)
    found = mentions(note_of([Paragraph((other, other), 1), section]))
    assert found == (Mention("poem", "Poem", ""), Mention("poem", "Poem", "a"))


def test_a_target_without_letters_is_no_topic() -> None:
    assert topics(link(" ", "x"), link("_", "x")) == []
