"""What a question's words ask for: terms, phrases, neighbours; nothing in it is syntax."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import asking
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.encoders.hashing import HashingEncoder
from kb.index.clauses import Near, Phrase
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, Span, revision_of
from kb.store import Store, open_store
from search.query.question import MOST_TERMS, STOP_WORDS, Question

# text that people type, text that FTS5 would read as syntax, and any text at all
MARKS = st.sampled_from(
    ['"', "*", "NEAR(", ")", "AND", "OR", "NOT", "-", ":", "^", "{a b}", "+", "'", ";--", "\x00"]
)
WORDS = st.sampled_from(["who", "pays", "the", "charge", "Charge", "café", "x_y", "10", "½", "水"])
TEXTS = st.one_of(
    st.text(st.characters()),
    st.lists(st.one_of(MARKS, WORDS, st.text(st.characters(), max_size=4)), max_size=12).map(
        " ".join
    ),
)
PASSAGES = (
    "The cat sat near the river.",
    "A dog, not a cat, barked and ran.",
    "The category of a text is its context.",
    "Either dog or fox; and so on.",
    "Nothing of the kind stands here.",
    "İstanbul asks Gómez-Ångström for a résumé.",
)


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base with one document, a passage for each line of PASSAGES."""
    encoder = HashingEncoder()
    text = "\n\n".join(PASSAGES)
    starts = [text.index(passage) for passage in PASSAGES]
    spans = [Span(at, at + len(line)) for at, line in zip(starts, PASSAGES, strict=True)]
    revision = revision_of(text, spans)
    source = Provenance("/pets.txt", hashlib.sha256(b"").hexdigest(), "text/plain", "plain 1", "")
    edition = Edition(
        Document("pets", revision, Metadata(title="Animals"), text, (source,)),
        tuple(
            Passage("pets", revision, ordinal, ordinal, span, span.of(text))
            for ordinal, span in enumerate(spans, 1)
        ),
    )
    with open_store(tmp_path_factory.mktemp("pets") / "kb", create=True, model="hashing") as store:
        store.add(edition, encoder.encode_passages(PASSAGES), {}, encoder)
        yield store


def found(store: Store, question: str) -> set[int]:
    """Ordinals of the passages in which a term of the question occurs."""
    best = asking.lexical(store, Question.parse(question).term_clauses, 100)
    return {ordinal for _, ordinal, _ in best}


def letters(text: str) -> str:
    """Letters and digits alone, without regard to case."""
    return re.sub(r"[\W_]", "", text.casefold())


@given(TEXTS)
def test_terms_are_the_weighty_words_each_once_in_order(text: str) -> None:
    question = Question.parse(text)
    assert question.text == text
    assert len(set(question.terms)) == len(question.terms) <= MOST_TERMS
    assert not STOP_WORDS.intersection(question.terms)
    weighty = [word for word in question.words if word not in STOP_WORDS]
    assert list(question.terms) == list(dict.fromkeys(weighty))[:MOST_TERMS]


@given(TEXTS)
def test_words_are_letters_and_digits_of_the_text_alone(text: str) -> None:
    question = Question.parse(text)
    assert all(word == word.lower() and word[0].isalnum() for word in question.words)
    assert letters("".join(question.words)) == letters(text)
    assert Question.parse(" ".join(question.words)).words == question.words


@given(TEXTS)
def test_each_clause_names_words_of_the_question_and_a_term(text: str) -> None:
    question = Question.parse(text)
    assert question.term_clauses == tuple(Phrase((term,)) for term in question.terms)
    pairs = set(pairwise(question.words))
    for clause in question.phrase_clauses:
        assert len(clause.words) == 2
        if isinstance(clause, Near):
            assert set(clause.words) <= set(question.terms)
            assert clause.words[0] != clause.words[1]
        else:
            assert clause.words in pairs
            assert set(clause.words) & set(question.terms)
    assert len(set(question.phrases)) == len(question.phrases)
    assert len(set(question.neighbouring_terms)) == len(question.neighbouring_terms)
    near = [clause.words for clause in question.phrase_clauses if isinstance(clause, Near)]
    assert near == [way for pair in question.neighbouring_terms for way in (pair, pair[::-1])]


@given(text=TEXTS)
def test_no_question_is_an_error_to_the_store(pets: Store, text: str) -> None:
    question = Question.parse(text)
    for clauses in (question.term_clauses, question.phrase_clauses):
        assert all(score > 0 for *_, score in asking.lexical(pets, clauses, 10))
        for clause in clauses:
            (rows,) = asking.frequencies(pets, [" ".join(clause.words)]).values()
            assert 0 <= rows <= pets.size


@given(before=TEXTS, after=TEXTS)
def test_a_word_is_found_whatever_stands_around_it(pets: Store, before: str, after: str) -> None:
    if len(Question.parse(f"{before} {after}").terms) < MOST_TERMS:
        assert 1 in found(pets, f"{before} river {after}")


def test_phrases_and_neighbours_of_a_question() -> None:
    question = Question.parse("Who pays for the congestion charge?")
    assert question.words == ("who", "pays", "for", "the", "congestion", "charge")
    assert question.terms == ("pays", "congestion", "charge")
    assert question.phrase_clauses == (
        Phrase(("who", "pays")),
        Phrase(("pays", "for")),
        Phrase(("the", "congestion")),
        Phrase(("congestion", "charge")),
        Near(("pays", "congestion"), 6),
        Near(("congestion", "pays"), 6),
        Near(("congestion", "charge"), 6),
        Near(("charge", "congestion"), 6),
    )


def test_a_repeated_word_is_one_term_and_no_neighbour_of_itself() -> None:
    question = Question.parse("lead, Lead and lead pipes")
    assert question.terms == ("lead", "pipes")
    assert Near(("lead", "lead")) not in question.phrase_clauses
    assert question.phrase_clauses.count(Phrase(("lead", "and"))) == 1


@pytest.mark.parametrize("text", ["", "  ", "who is it", "What was THAT?", "?!", "_ _", '"*"'])
def test_a_question_of_stop_words_has_no_terms(text: str) -> None:
    question = Question.parse(text)
    assert (question.terms, question.term_clauses, question.phrase_clauses) == ((), (), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("COVID-19", ("covid", "19")),
        ("section 5(a)(1)", ("section", "5", "a", "1")),
        ("snake_case", ("snake", "case")),
        ("Straße £5", ("straße", "5")),
        ("l’État", ("l", "état")),
    ],
)
def test_words_are_cut_where_full_text_search_cuts_them(text: str, words: tuple[str, ...]) -> None:
    assert Question.parse(text).words == words


@pytest.mark.parametrize(
    ("text", "ordinals"),
    [
        ("cat*", {1, 2}),  # not "category"
        ('"cat sat" fox', {1, 2, 4}),  # quotes make no phrase: one word is enough
        ("cat AND fox", {1, 2, 4}),
        ("fox NOT dog", {2, 4}),
        ("-cat", {1, 2}),
        ("text:cat", {1, 2, 3}),  # a word "text", not a column
        ("context : cat", {1, 2, 3}),
        ("^cat", {1, 2}),  # not at the beginning only
        ("NEAR(cat fox, 2)", {1, 2, 4}),  # the word "near" stands in the first
        ("cat + dog", {1, 2, 4}),
        ("(((cat", {1, 2}),
        ('fox"; DROP TABLE passages; --', {4}),
        ("cats", {1, 2}),  # Porter's stemmer
    ],
)
def test_syntax_of_full_text_search_is_words(pets: Store, text: str, ordinals: set[int]) -> None:
    assert found(pets, text) == ordinals


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("word", ["İstanbul", "istanbul", "Résumé", "RESUME", "Gomez", "Ångström"])
def test_accents_are_found_however_they_are_typed(
    pets: Store, word: str, form: Literal["NFC", "NFD"]
) -> None:
    assert found(pets, unicodedata.normalize(form, word)) == {6}


@pytest.mark.parametrize(
    "words", ["word{n}", "the word{n}", "word0 word{n}", "word{n} word1 word2"]
)
def test_a_long_question_costs_no_more_than_its_beginning(words: str) -> None:
    question = Question.parse(" ".join(words.format(n=n) for n in range(5_000)))
    assert question.terms == tuple(f"word{n}" for n in range(MOST_TERMS))
    assert len(question.phrases) + len(question.neighbouring_terms) <= 4 * MOST_TERMS
