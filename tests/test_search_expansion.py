"""What is searched for besides a question: it adds, never replaces, and never hurts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import asking
import numpy as np
import pytest
from asking import expanded
from hypothesis import given
from hypothesis import strategies as st
from test_search_ranking import ENCODER, MODE_NAMES, add, edition

from ingest.cli.ingest import fill
from kb.encoders.hashing import HashingEncoder
from kb.index.clauses import Phrase
from kb.store import Store, open_store
from search.evaluation import folders, stages
from search.evaluation.judging import Judge
from search.evaluation.measures import measured
from search.query.expansion import Expansion, most_edits, repairable, replaced
from search.query.question import Question
from search.searcher import Searcher, SearchOptions

Ask = Callable[..., tuple[int, str, str]]
GUIDANCE = "public_health_guidance"
TEXTS = (
    "A passport is shown at the border.",
    "Whoever has no passport waits at the frontier of the country.",
    "Ministers negotiated an agreement about the harbour.",
    "Aleppo and its citadel; the border is closed.",
)


class Pieces(HashingEncoder):
    """An encoder that knows no word of more than six letters whole."""

    def count(self, text: str) -> int:
        return sum(1 + len(word) // 7 for word in text.split())


@pytest.fixture(scope="module")
def borders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base of four passages."""
    location = tmp_path_factory.mktemp("borders") / "kb"
    with open_store(location, create=True, model="hashing") as store:
        add(store, [edition(f"brief-{n}", [text]) for n, text in enumerate(TEXTS)])
        yield store


def hits(store: Store, question: str, options: SearchOptions) -> list[tuple[str, float]]:
    return [
        (hit.passage.reference, hit.score)
        for hit in Searcher(store, ENCODER).ask(question, options).hits
    ]


@given(
    st.lists(
        st.sampled_from("a passport at the Border waits citadels Xyzzy f-35 gov.uk 2017".split()),
        min_size=1,
    ),
    st.sampled_from(MODE_NAMES),
)
def test_a_question_of_known_words_is_answered_as_it_stands(
    borders: Store, words: list[str], mode: str
) -> None:
    question = " ".join(words)
    assert expanded(Question.parse(question), borders, Pieces()) == Expansion()
    exact = SearchOptions(mode=mode, exact=True)
    assert hits(borders, question, SearchOptions(mode=mode)) == hits(borders, question, exact)


@given(st.text())
def test_only_whole_small_words_are_repaired(text: str) -> None:
    for word in repairable(Question.parse(text)):
        assert word.isalpha()
        assert word == word.lower()
        assert len(word) >= 4
    assert replaced(text, {}) == text


@given(
    st.lists(st.sampled_from([*"pasport,|pasports|frontire?|PASPORT|pass-port".split("|"), "x"]))
)
def test_repair_keeps_every_clause_of_the_question(borders: Store, words: list[str]) -> None:
    question = Question.parse(" ".join(words))
    found = expanded(question, borders, None)
    assert not set(found.terms) & set(question.term_clauses)
    assert not set(found.phrases) & set(question.phrase_clauses)
    assert found.meaning is None
    assert set(found.terms) == {Phrase((word,)) for word in found.words}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("who checks a pasport?", ("checks", "pasport")),
        ("(“pasport”), the goverment’s staff.", ("pasport", "goverment", "staff")),
        ("Goverment, NATO, iPhone", ()),  # names
        ("covid19 2017 b2b", ()),
        ("co-opertion either/or gov.ukk snake_csae e.g. a@bcde.org", ()),
        ("the gap was", ()),  # too short
        ("whom would having", ()),  # stop words
        ("a" * 10_000, ()),
        ("naïve", ("naïve",)),
    ],
)  # fmt: skip
def test_which_words_may_be_repaired(text: str, words: tuple[str, ...]) -> None:
    assert repairable(Question.parse(text)) == words


def test_two_edits_from_eight_letters_on() -> None:
    assert [most_edits("x" * n) for n in (4, 7, 8, 20)] == [1, 1, 2, 2]


def test_an_unknown_word_gets_the_closest_known_one_at_half_its_weight(borders: Store) -> None:
    question = Question.parse("who needs a pasport at the negociation of bordr posts")
    # made of words that it knows whole: no slip of the pen, whatever stands close to it
    assert expanded(Question.parse("bording waitted agremently"), borders, Pieces()) == Expansion()
    found = expanded(question, borders, Pieces())
    # "bordr" is whole to this encoder: it may be a word of its own
    assert found.words == ("passport",)
    assert found.terms == (Phrase(("passport",)),)
    assert Phrase(("a", "passport")) in found.phrases
    assert found.meaning == "who needs a passport at the negociation of bordr posts"
    right, wrong, exact = (
        dict(hits(borders, text, SearchOptions(mode="keyword", exact=exact)))
        for text, exact in (("passport", False), ("pasport", False), ("pasport", True))
    )
    assert exact == {}
    assert set(wrong) == set(right)
    # the sum of IDFs is that of the word that is missing
    rows = asking.frequencies(borders, ["passport"])["passport"]
    idfs = [np.log((len(TEXTS) - n + 0.5) / (n + 0.5)) for n in (rows, 0)]
    for place, score in wrong.items():
        expected = right[place] * max(idfs[0], 1e-6) / idfs[1] / 2
        assert score == pytest.approx(expected, abs=1e-5)


def test_the_vector_lies_between_those_of_the_question_as_typed_and_as_repaired(
    borders: Store,
) -> None:
    searcher = Searcher(borders, Pieces(dimension=ENCODER.dimension))
    found = searcher.ask("passportt", SearchOptions(mode="semantic"))
    assert found.also_searched == ("passport",)
    assert found.notes == ("also searched: passport",)
    both = [ENCODER.encode_question(word) for word in ("passportt", "passport")]
    middle = (both[0] + both[1]).astype(np.float32)
    middle /= np.linalg.norm(middle)
    expected = [score for *_, score in asking.dense(borders, middle, 9)]
    assert [hit.score for hit in found.hits] == pytest.approx(expected, abs=1e-5)


def test_it_is_said_and_switched_off(home: Path, ask: Ask) -> None:
    (home / "a.txt").write_text("Borders\n\nA passport is shown.\n")
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "a.txt")[0] == 0
    code, out, err = ask("search", "pasport", "--mode", "keyword")
    assert (code, err) == (0, "note: also searched: passport\n")
    assert "A passport is shown." in out
    code, out, _ = ask("search", "pasport", "--mode", "keyword", "--format", "json")
    assert json.loads(out)["also_searched"] == ["passport"]
    assert ask("search", "pasport", "--mode", "keyword", "--exact") == (1, "Nothing found.\n", "")
    assert "also_searched" not in json.loads(ask("search", "passport", "--format", "json")[1])
    assert ask("search", "Pasport", "--mode", "keyword")[0] == 1  # a name


@pytest.mark.long
@pytest.mark.model
def test_correct_questions_do_not_lose(shared: Path, tmp_path: Path) -> None:
    """Over every question of every development set; those that nothing is added to need no asking.

    A set may lose a rank here and one there (guidance -.0001, where 95 of 1,097 are added to);
    together they gain.
    """
    gained = []
    for name in ("cranfield", "encyclopedia_paragraphs", "parliament_meetings", GUIDANCE):
        collection = folders.read(shared / "eval" / name)
        with open_store(tmp_path / name, create=True) as store:
            fill(store, collection.sources)
            searcher, (relevant, _) = Searcher(store), Judge(store).relevance(collection)
            glance = SearchOptions(mode="keyword", limit=1, rerank=False)
            touched = replace(
                collection,
                questions=tuple(
                    question
                    for question in collection.questions
                    if searcher.ask(question.text, glance).also_searched
                ),
            )
            also, exact = (
                measured(relevant, stages.run_of(searcher, touched, options)[0])["nDCG@10"]
                for options in (SearchOptions(), SearchOptions(exact=True))
            )
        gain = (sum(also) - sum(exact)) / len(collection.questions)
        share = f"{len(touched.questions)} of {len(collection.questions)}"
        print(f"{name}: {share} are added to, {gain:+.4f}")  # noqa: T201 - make test-long shows it
        gained.append(gain)
    assert min(gained) > -0.0005
    assert sum(gained) >= 0
