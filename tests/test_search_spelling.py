"""British and American spelling: the same word, whichever way a question or a brief has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import expanded
from hypothesis import given
from hypothesis import strategies as st
from test_search_ranking import ENCODER, kept

from search.query.expansion import Expansion
from search.query.question import Question
from search.query.spelling import otherwise

Ask = Callable[..., tuple[int, str, str]]
PAIRS = """
    labour labor; behavioural behavioral; neighbourhoods neighborhoods; organise organize
    modernisation modernization; privatised privatized; analyse analyze; paralysing paralyzing
    centre center; theatres theaters; defence defense; licence license; catalogue catalog
    dialogues dialogs; programme program; travelled traveled; modelling modeling
    counsellors counselors; enrolment enrollment; fulfil fulfill; skilful skillful
    paediatric pediatric; anaemia anemia; haemorrhage hemorrhage; diarrhoea diarrhea
    foetal fetal; oedema edema; gynaecology gynecology; manoeuvres maneuvers
    archaeology archeology; sceptical skeptical; greyer grayer; ploughs plows; moulds molds
    judgement judgment; ageing aging; aluminium aluminum
"""


@pytest.mark.parametrize("pair", [pair.strip() for pair in PAIRS.replace("\n", ";").split(";")])
def test_each_is_the_other_spelling_of_the_other(pair: str) -> None:
    if pair:
        british, american = pair.split()
        assert american in otherwise(british)
        assert british in otherwise(american)


@given(st.text("aeioulrstcmnpd", min_size=1, max_size=14))
def test_the_other_spelling_leads_back(word: str) -> None:
    for way in otherwise(word):
        assert way != word
        assert word in otherwise(way)


@pytest.mark.parametrize(
    "word", "for four hour our tour court rise size poet dog or is 2017".split()
)
def test_short_words_that_only_look_like_it_have_none(word: str) -> None:
    assert otherwise(word) == ()


TEXTS = {
    "uk": ["The labour inspectors of the county count every field.", "Nothing else is said."],
    "us": ["The labor inspectors of the state ride out at dawn.", "A catalog of farms is kept."],
}


def test_a_question_finds_both_and_the_word_is_not_missing() -> None:
    with kept(TEXTS) as store:
        found = expanded(Question.parse("labour and catalogues of fields"), store, ENCODER)
        assert found.spellings == {"labour": "labor", "catalogues": "catalogs"}
        assert found.words == ("labor", "catalogs")
        assert found.terms == ()
        # what no passage has is also read as they have it
        assert found.meaning == "labour and catalogs of fields"
        assert expanded(Question.parse("inspectors of the state"), store, ENCODER) == Expansion()
        one = {"only": ["The labour inspectors count every field."]}
    with kept(one) as store:
        assert expanded(Question.parse("labour"), store, ENCODER) == Expansion()


def test_it_is_said_and_not_called_missing(home: Path, ask: Ask) -> None:
    (home / "a.txt").write_text("Farms\n\nA catalog of farms is kept by the county.\n")
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "a.txt")[0] == 0
    answer = json.loads(ask("search", "catalogue of zebras", "--format", "json")[1])
    assert answer["also_searched"] == ["catalog"]
    assert answer["missing"] == ["zebras"]
    answer = json.loads(ask("search", "catalogue of zebras", "--exact", "--format", "json")[1])
    assert answer["missing"] == ["catalogue", "zebras"]


def test_what_is_no_rule_is_no_spelling() -> None:
    """Two documents of one passage that say nothing of the word."""
    with kept({"a": ["A citadel."], "b": ["Citadels stand."]}) as store:
        assert expanded(Question.parse("citadels"), store, ENCODER) == Expansion()
