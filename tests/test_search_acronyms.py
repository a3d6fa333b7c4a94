"""Acronyms and long forms that documents define find each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asking import expanded
from hypothesis import given
from hypothesis import strategies as st
from test_search_expansion import Pieces
from test_search_ranking import ENCODER, add, edition

from kb.index.clauses import Phrase
from kb.store import Store, open_store
from search.query.acronyms import definitions, long_form, long_forms, short_forms
from search.query.expansion import Expansion
from search.query.question import Question
from search.searcher import Searcher, SearchOptions

WORDS = st.lists(st.sampled_from("program integrity unit of the Health act".split()), max_size=9)
TEXTS = (
    "Fraud is looked into by the Program Integrity Unit (PIU). Its staff is small.",
    "The PIU has two auditors, and who pays them is unclear.",
    "Rules of the Department of Health (DOH) bind it. It (IT) is slow.",
)


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A knowledge base that defines two acronyms."""
    location = tmp_path_factory.mktemp("forms") / "kb"
    with open_store(location, create=True, model="hashing") as store:
        add(store, [edition(f"brief-{n}", [text]) for n, text in enumerate(TEXTS)])
        yield store


@given(WORDS, st.text("PIUHAT", min_size=2, max_size=8))
def test_a_long_form_ends_the_text_and_holds_the_letters_in_order(
    words: list[str], short: str
) -> None:
    long = long_form(short, " ".join(words))
    if long is None:
        return
    assert " ".join(words).endswith(long)
    assert long[0].lower() == short[0].lower()
    letters = iter(long.lower())
    assert all(letter in letters for letter in short.lower())


@given(WORDS)
def test_the_words_of_a_run_are_found_by_their_initials(words: list[str]) -> None:
    for run, shorts in long_forms(Question.parse(" ".join(words)).words).items():
        assert 2 <= len(run) <= 6
        assert "".join(word[0] for word in run) in shorts
        for short in shorts:
            text = f"{' '.join(run)} ({short.upper()})"
            if len({word[0] for word in run}) == len(run) < 4:
                assert [its for its, _ in definitions(text)] == [short.upper()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXTS[0], [("PIU", "Program Integrity Unit")]),
        ("the Department of Health (DOH) and", [("DOH", "Department of Health")]),
        ("Ended. Act on Health (AH)", [("AH", "Act on Health")]),
        ("Farm Service (FS), in (2017) and (see below)", [("FS", "Farm Service")]),
        ("personal protective equipment (PPE)", [("PPE", "personal protective equipment")]),
        ("for healthcare personnel (HCP)", [("HCP", "healthcare personnel")]),
        ("in bauxite, iron and so on (III)", []),
        ("nothing of it (XYZ)", []),
        ("It (IT) is", []),
        ("(PIU)", []),
    ],
)  # fmt: skip
def test_definitions(text: str, found: list[tuple[str, str]]) -> None:
    assert list(definitions(text)) == found


def test_which_words_are_acronyms() -> None:
    assert short_forms("does the PIU, or NATO's F-35, see US-China A b2B?") == ("PIU", "NATO")
    assert short_forms("WHO PAYS THE CHARGE") == ()


def test_each_form_finds_the_other(forms: Store) -> None:
    def found(text: str) -> Expansion:
        return expanded(Question.parse(text), forms, Pieces())

    short = found("how large is the PIU?")
    assert short.words == ("Program Integrity Unit",)
    assert short.forms == ((Phrase(("piu",)), Phrase(("program", "integrity", "unit"))),)
    assert short.meaning is None
    long = found("how large is the program integrity unit?")
    assert (long.words, long.terms, long.meaning) == (("PIU",), (), None)
    assert long.forms == ((Phrase(("program", "integrity", "unit")), Phrase(("piu",))),)
    assert found("rules of the department of health").words == ("DOH",)
    assert found("is it slow, and who pays IT") == Expansion()
    assert found("the integrity unit of a program") == Expansion()


def test_the_other_form_counts_where_the_one_that_was_asked_for_does_not_stand(
    forms: Store,
) -> None:
    def scores(text: str, exact: bool = False) -> dict[str, float]:
        hits = Searcher(forms, ENCODER).ask(text, SearchOptions(mode="keyword", exact=exact)).hits
        return {hit.passage.document: hit.score for hit in hits}

    assert scores("PIU") == scores("PIU", exact=True)  # both stand where it is defined
    exact, also = scores("program integrity unit", True), scores("program integrity unit")
    assert also["brief-0"] == exact["brief-0"]
    assert "brief-1" in also.keys() - exact.keys()
