"""The sentence that answers: a whole one, at its place, and set off without a changed word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_search_ranking import kept

from ingest.passages.cutting import sentence_ends
from kb.encoders.context import in_context
from kb.encoders.hashing import HashingEncoder
from kb.records import Passage, Span
from search.query.answer_type import asked_for
from search.query.question import Question
from search.retrieval.evidence import evidence_by_tokens, evidence_by_words
from search.retrieval.reranking import LateInteraction
from search.retrieval.sentences import sentences
from search.searcher import Searcher, SearchOptions

ENCODER = HashingEncoder(4096)
CORPUS = Path(__file__).parent.parent / "corpus"
PIECES = st.sampled_from(
    ["The U.S. Congress met.", "No. 5 passed!", "Who pays?", "(It rained.)", "e.g. this", "\n",
     "\n\n", "- item", "2. Next", "She said “Stop.” Then", "渋滞。税は誰が払う？",
     "J. Smith et al.", "...", "end .", "a", " ", "Ünï", "\u00a0", "7.5 per cent.", "Ends here"]
)  # fmt: skip
TEXT = st.one_of(st.lists(PIECES, max_size=8).map(" ".join), st.text(max_size=40))


def passage(text: str, start: int = 7) -> Passage:
    """A passage that begins at some offset of its document."""
    return Passage("tolls", "3fa2c1d4", 1, 1, Span(start, start + len(text)), text)


# --- sentences


@given(TEXT)
def test_sentences_cover_a_text_in_order(text: str) -> None:
    spans = sentences(text)
    bounds = [0, *(bound for span in spans for bound in (span.start, span.end)), len(text)]
    assert bounds == sorted(bounds)
    between = [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    assert "".join(between).strip() == ""
    assert all(span.of(text) == span.of(text).strip() != "" for span in spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who pays? Drivers do.", ["Who pays?", "Drivers do."]),
        ("The U.S. Congress met. It rose.", ["The U.S. Congress met.", "It rose."]),
        ("Mr. Roe of St. Ives left. He won.", ["Mr. Roe of St. Ives left.", "He won."]),
        ("Under No. 5, Art. 7 holds. No. It fails.",
         ["Under No. 5, Art. 7 holds.", "No.", "It fails."]),
        ("J. Smith wrote it. So did I. Yes.", ["J. Smith wrote it.", "So did I.", "Yes."]),
        ("It cost 7.5 per cent. Of what?", ["It cost 7.5 per cent.", "Of what?"]),
        ("She said: “Stop.” They did.", ["She said: “Stop.”", "They did."]),
        ("Rest is due:\n- shade\n- water.", ["Rest is due:", "- shade", "- water."]),
        ("1. First point. 2. Second point.", ["1. First point.", "2. Second point."]),
        ("a wrapped line that goes on for more than forty columns\nends here. Next.",
         ["a wrapped line that goes on for more than forty columns\nends here.", "Next."]),
        # lines made as even as can be, as fmt makes them: "the" had stood at the end of the first
        ("The committee heard that ten per cent of the water comes from\n"
         "the plant at Carlsbad, which stands by the sea. Its water\ncosts twice the price.",
         ["The committee heard that ten per cent of the water comes from\n"
          "the plant at Carlsbad, which stands by the sea.", "Its water\ncosts twice the price."]),
        # an address that no line of the others has room for
        ("The board would have to halve the whole budget from 2026 on (see\n"
         "https://www.example.org/a-long-address/of/many/parts/and/even/more/of-them.pdf\n"
         "for all of it). It would close two of five.",
         ["The board would have to halve the whole budget from 2026 on (see\n"
          "https://www.example.org/a-long-address/of/many/parts/and/even/more/of-them.pdf\n"
          "for all of it).", "It would close two of five."]),
        ("Whoever sells a bottle pays the levy on it\nFrom 2026\n"
         "Whoever buys one pays nothing, of whatever size it is",
         ["Whoever sells a bottle pays the levy on it", "From 2026",
          "Whoever buys one pays nothing, of whatever size it is"]),
        ("all lower case . and set apart .", ["all lower case .", "and set apart ."]),
        ("渋滞税。誰が払う？", ["渋滞税。", "誰が払う？"]),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_by_eye(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in sentences(text)] == expected


def test_sentences_are_nearly_those_of_ingest() -> None:
    ours: set[tuple[int, int]] = set()
    theirs: set[tuple[int, int]] = set()
    paragraphs = [
        paragraph.strip()
        for path in sorted(CORPUS.glob("*.md"))
        for paragraph in path.read_text(encoding="utf-8").partition("\n# ")[2].split("\n\n")
        if len(paragraph.split()) > 20
    ]
    for at, paragraph in enumerate(paragraphs):
        ours |= {(at, span.end) for span in sentences(paragraph)}
        theirs |= {(at, end) for end in sentence_ends(paragraph)}
    assert len(theirs) > 100
    assert len(ours & theirs) >= 0.97 * max(len(ours), len(theirs))


# --- evidence


@given(text=TEXT, question=TEXT, context=st.sampled_from(["", "Tolls — Who pays? Drivers."]))
def test_evidence_is_a_sentence_of_its_passage(text: str, question: str, context: str) -> None:
    """Law 7, of the sentence that is set off."""
    whole = "before " + text + " after"
    here = passage(text)
    read = in_context(context, text)
    (relevance,) = LateInteraction(ENCODER).read(question, [read])
    assert relevance.matches is not None
    by_tokens = evidence_by_tokens(here, relevance.matches, len(read) - len(text))
    by_words = evidence_by_words(here, Question.parse(question))
    spans = [(7 + span.start, 7 + span.end) for span in sentences(text)]
    for evidence in (by_tokens, by_words):
        if evidence is not None:
            assert evidence.text == evidence.span.of(whole)
            assert (evidence.span.start, evidence.span.end) in spans


def test_evidence_by_eye() -> None:
    text = "London began in 2003. The proceeds pay for buses. Fines pay for cameras."
    (relevance,) = LateInteraction(ENCODER).read("what pays for buses", [f"Buses. Tolls\n{text}"])
    assert relevance.matches is not None
    evidence = evidence_by_tokens(passage(text), relevance.matches, len("Buses. Tolls\n"))
    assert evidence is not None
    assert evidence.text == "The proceeds pay for buses."
    assert evidence.span == Span(7 + 22, 7 + 49)
    by_words = evidence_by_words(passage(text), Question.parse("who paid for the camera"))
    assert by_words is not None
    assert by_words.text == "Fines pay for cameras."
    assert evidence_by_words(passage(text), Question.parse("who")) is None
    assert evidence_by_words(passage(text), Question.parse("herring")) is None


def test_a_title_is_no_evidence() -> None:
    (relevance,) = LateInteraction(ENCODER).read("tolls", ["Tolls\n"])
    assert relevance.matches is not None
    assert evidence_by_tokens(passage(""), relevance.matches, len("Tolls\n")) is None


@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(),
        SearchOptions(rerank=False),
        SearchOptions(mode="keyword"),
        SearchOptions(mode="semantic"),
    ],
)
def test_every_hit_that_holds_a_word_has_evidence(options: SearchOptions) -> None:
    texts = {f"d{n:02d}": [f"Wolf number {n}. Bears sleep."] for n in range(20)}
    with kept(texts) as store:
        hits = Searcher(store, HashingEncoder(64)).ask("wolf", options).hits
        assert len(hits) == options.limit
        for hit in hits:
            assert hit.evidence is not None
            assert hit.evidence.text == f"Wolf number {int(hit.passage.document[1:])}."


@pytest.mark.model
def test_evidence_says_it_in_other_words(tmp_path: Path) -> None:
    from kb.encoders import open_encoder

    text = (
        "The writer had met the generals in 2016. They raised one objection after another. "
        "The lesson is that promises made at the table bound nobody."
    )
    (relevance,) = LateInteraction(open_encoder()).read("were the commitments binding", [text])
    assert relevance.matches is not None
    assert np.isfinite(relevance.matches.similarity).all()
    evidence = evidence_by_tokens(passage(text), relevance.matches, 0)
    assert evidence is not None
    assert evidence.text.startswith("The lesson is that promises")


# --- what the question asks for


@pytest.mark.parametrize(
    ("question", "names", "lacks"),
    [
        ("When did the charge begin?", "It began in 2003.", "It began in spring."),
        ("in which year was it dropped", "They gave up in June 1998.", "They gave up 30 km away."),
        ("when will all have moved", "Adopted in full by FY 24.", "Adopted in full at last."),
        ("how many schools are closed", "Some forty are.", "The schools are closed."),
        ("How much does it cost?", "It costs £12.", "It costs a lot."),
        ("what share of pupils pays", "A third of them pays.", "Most pupils pay."),
    ],
)
def test_dates_and_numbers_are_known_by_sight(question: str, names: str, lacks: str) -> None:
    answer = asked_for(question)
    assert answer is not None
    assert answer.search(names)
    assert not answer.search(lacks)


@pytest.mark.parametrize(
    "question",
    ["what happens when a road is closed", "who pays", "why not", "as much as it takes", "showhow"],
)
def test_most_questions_ask_for_neither(question: str) -> None:
    assert asked_for(question) is None


def test_of_two_sentences_in_its_words_the_one_with_the_date_answers() -> None:
    list_ = "cars, vans, lorries, buses, coaches, taxis, trucks, bikes, trams and carts"
    text = f"The charge on {list_} did begin. For {list_} the charge began in 2003."
    question = f"when did the charge on {list_} begin"
    (relevance,) = LateInteraction(ENCODER).read(question, [text])
    assert relevance.matches is not None
    plain = evidence_by_tokens(passage(text), relevance.matches, 0)
    dated = evidence_by_tokens(passage(text), relevance.matches, 0, asked_for(question))
    assert plain is not None
    assert plain.text == f"The charge on {list_} did begin."
    assert dated is not None
    assert dated.text == f"For {list_} the charge began in 2003."
