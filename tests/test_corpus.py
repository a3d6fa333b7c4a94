"""The sample corpus: its quotes are there, its furniture is not, and its questions are answered."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sample_docx
import sample_pdf

from ingest.pipeline.run import ingest
from ingest.sources.files import MAX_SIZE, discover
from kb.encoder import Encoder
from kb.encoders import open_encoder
from kb.keys import Reference
from kb.records import Edition
from kb.store import Store, open_store
from search.searcher import Searcher, SearchOptions

CORPUS = Path(__file__).parent.parent / "corpus"
QUESTIONS = [
    json.loads(line) for line in (CORPUS / "questions.jsonl").read_text("utf-8").splitlines()
]
ANSWERABLE = [question for question in QUESTIONS if question["answers"]]
BRIEFS = sorted(path.name for path in CORPUS.iterdir() if path.name != "questions.jsonl")
KINDS = {"exact": 23, "paraphrase": 23, "unanswerable": 8}

# Of so many answerable questions the passage with the quote comes first, or among the first
# three: one less than what was reached (23, 23, 17 and 20 with int8).
FLOORS = {
    ("exact", 1): 22,
    ("exact", 3): 22,
    ("paraphrase", 1): 16,
    ("paraphrase", 3): 19,
}

# what two of the briefs, a page and the text of one, hold around their articles
PAGES = ("wildfire-prescribed-burning.html", "heat-and-worker-safety.txt")
FURNITURE = (
    "Skip to main content",
    "About us",
    "Podcasts",
    "Home ›",
    "min read",
    "Facebook",
    "LinkedIn",
    "in your inbox",
    "One email every Friday",
    "By signing up",
    "Sign up",
    "Related articles",
    "insurers are leaving",
    "All rights reserved",
    "Privacy policy",
    "Terms of use",
    "place cookies",
    "We value your privacy",
    "small files on your phone",
    "agree to all of these uses",
    "thirteen months",
    "Accept all",
    "Reject all",
    "Manage preferences",
    "Photo: kb samples",
)


@dataclass(frozen=True)
class Corpus:
    """The corpus in a knowledge base, and who asks it."""

    store: Store
    searcher: Searcher

    @property
    def files(self) -> dict[str, str]:
        """The file that each document was read from."""
        return {entry.document: Path(entry.source).name for entry in self.store.entries()}

    def editions(self) -> dict[str, Edition]:
        """What became of each file."""
        return {name: self.store.edition(Reference(key)) for key, name in self.files.items()}

    def ranks(self, mode: str = "hybrid") -> dict[str, int | None]:
        """The rank of the first passage with a quote that answers, among ten, by question."""
        files = self.files
        found = {}
        for question in ANSWERABLE:
            quotes = [(answer["source"], answer["quote"]) for answer in question["answers"]]
            hits = self.searcher.ask(question["text"], SearchOptions(10, mode)).hits
            found[question["_id"]] = next(
                (
                    hit.rank
                    for hit in hits
                    for name, quote in quotes
                    if files[hit.passage.document] == name and quote in hit.passage.text
                ),
                None,
            )
        return found


def filled(folder: Path, encoder: Encoder) -> Iterator[Corpus]:
    """The corpus, with vectors of an encoder."""
    with open_store(folder, create=True, model=encoder.name) as store:
        found = discover([str(CORPUS)], max_size=MAX_SIZE, any_type=False)
        report = ingest(found, store, encoder)
        assert len(report.added) == len(BRIEFS)
        assert report.refused == []
    with open_store(folder) as store:
        yield Corpus(store, Searcher(store, encoder))


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """With vectors of words."""
    yield from filled(tmp_path_factory.mktemp("corpus") / "kb", open_encoder("hashing"))


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """With vectors of the default model."""
    yield from filled(tmp_path_factory.mktemp("corpus") / "kb", open_encoder())


@pytest.fixture(params=["hashed", pytest.param("embedded", marks=pytest.mark.model)])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    """One and the other: the model's window decides where passages are cut."""
    chosen: Corpus = request.getfixturevalue(request.param)
    return chosen


def successes(found: dict[str, int | None]) -> dict[tuple[str, int], int]:
    """How many questions of a kind have their answer among the first so many."""
    return {
        (kind, most): sum(
            question["kind"] == kind and (found[question["_id"]] or 99) <= most
            for question in ANSWERABLE
        )
        for kind, most in FLOORS
    }


# --- the files


def test_there_are_as_many_questions_of_each_kind_as_are_named() -> None:
    assert Counter(question["kind"] for question in QUESTIONS) == KINDS
    assert len({question["_id"] for question in QUESTIONS}) == len(QUESTIONS)
    assert all(bool(q["answers"]) == (q["kind"] != "unanswerable") for q in QUESTIONS)
    assert {answer["source"] for q in ANSWERABLE for answer in q["answers"]} == set(BRIEFS)


@pytest.mark.parametrize("name", BRIEFS)
def test_each_brief_says_that_it_is_a_sample(hashed: Corpus, name: str) -> None:
    mark = "Sample brief, written for the kb project."
    assert hashed.editions()[name].document.text.count(mark) == 1


@pytest.mark.parametrize("made", [sample_pdf, sample_docx], ids=["pdf", "docx"])
def test_a_file_that_no_editor_writes_is_what_its_script_makes(made: Any) -> None:
    assert made.FILE.read_bytes() == made.sample()


def test_each_quote_stands_in_a_passage_of_its_brief(corpus: Corpus) -> None:
    briefs = corpus.editions()
    assert set(briefs) == set(BRIEFS)
    for question in ANSWERABLE:
        for answer in question["answers"]:
            passages = briefs[answer["source"]].passages
            assert any(answer["quote"] in passage.text for passage in passages), question["_id"]


def test_no_furniture_of_a_page_is_in_a_passage(corpus: Corpus) -> None:
    briefs = corpus.editions()
    for name in PAGES:
        text = "\n".join(passage.text for passage in briefs[name].passages)
        assert [piece for piece in FURNITURE if piece in text] == [], name


def test_the_furniture_is_kept_apart_with_its_reason(hashed: Corpus) -> None:
    briefs = hashed.editions()
    for name in PAGES:
        gone = briefs[name].removed
        assert gone
        assert all(removed.reason for removed in gone)
    removed = "\n".join(gone.text for name in PAGES for gone in briefs[name].removed)
    assert [piece for piece in FURNITURE if piece not in removed] == []


# --- the questions


def test_questions_in_the_words_of_the_text_are_answered_by_words_alone(hashed: Corpus) -> None:
    found = successes(hashed.ranks("keyword"))
    assert found["exact", 1] >= 19
    assert found["exact", 3] >= 19


@pytest.mark.model
def test_the_answer_comes_first_or_among_the_first_three(
    embedded: Corpus, capsys: pytest.CaptureFixture[str]
) -> None:
    found = successes(embedded.ranks())
    with capsys.disabled():
        for (kind, most), count in found.items():
            sys.stdout.write(f"\n{kind} success@{most}: {count} of {KINDS[kind]}")
        sys.stdout.write("\n")
    assert {which: found[which] for which, floor in FLOORS.items() if found[which] < floor} == {}


@pytest.mark.model
def test_meaning_finds_what_words_do_not(embedded: Corpus) -> None:
    by_words = successes(embedded.ranks("keyword"))
    together = successes(embedded.ranks())
    assert together["paraphrase", 1] >= by_words["paraphrase", 1] + 5
    assert together["paraphrase", 3] >= by_words["paraphrase", 3] + 5


@pytest.mark.model
def test_why_not_share_targeting_intel(embedded: Corpus) -> None:
    (best,) = embedded.searcher.ask("why not share targeting intel", SearchOptions(1)).hits
    assert Path(best.entry.source).name == "us-russia-syria.md"
    assert best.passage.text.startswith(
        "The article gives three reasons why the United States should not share targeting "
        "intelligence with Russia. First, a list of targets betrays how it was made"
    )
    assert best.passage.heading == ("Why targeting intelligence should not be shared",)
    assert best.citation == (
        "kb project, “The case against military cooperation with Russia in Syria”, kb samples, "
        f"3 November 2025, para. {best.passage.paragraph}"
    )


@pytest.mark.model
@pytest.mark.parametrize("question", ["targeting caf\udce9", "\udcff", "水" * 300, "\x00 a", "?"])
def test_no_question_is_an_error_to_the_model(embedded: Corpus, question: str) -> None:
    assert len(embedded.searcher.ask(question).hits) == 5
