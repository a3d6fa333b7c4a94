"""The article that this was built for: pasted from a web page, cookie notice and all.

It is not ours to copy: what is expected is computed from the file, which lies beside the project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.passages.assembly import edition_of
from ingest.readers import plain
from kb.encoders.hashing import HashingEncoder
from kb.metadata import Metadata
from kb.records import Edition, Provenance

BODY = slice(4, 11)  # of its paragraphs; caption, caption again, headline, standfirst go before
WORDS = [28, 34, 10, 22, 73, 148, 124, 125, 153, 187, 115]
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def article(shared: Path) -> Path:
    file = shared / "seed" / "article.txt"
    if not file.is_file():
        pytest.skip("needs the article beside the project")
    return file


@pytest.fixture
def paragraphs(article: Path) -> list[str]:
    """The paragraphs of the file, all of them; where the parts stand is made sure of."""
    found = [part.strip() for part in article.read_text().split("\n\n") if part.strip()]
    assert [len(part.split()) for part in found[:11]] == WORDS
    assert found[BODY][4].startswith("Another reason to avoid collaboration")
    return found


@pytest.fixture
def edition(article: Path) -> Edition:
    reading = plain.read(article.read_bytes(), article.name)
    source = Provenance(str(article), "0" * 64, "text/plain", "plain 1", "2026-01-01T00:00:00Z")
    return edition_of(reading, "article", (source,), HashingEncoder(), Metadata(), frozenset())


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def test_the_title_is_the_headline(edition: Edition, paragraphs: list[str]) -> None:
    assert edition.document.title == paragraphs[2]
    assert edition.document.metadata.language == "en"


def test_standfirst_and_paragraphs_stand_in_passages_word_for_word(
    edition: Edition, paragraphs: list[str]
) -> None:
    for expected in [paragraphs[3], *paragraphs[BODY]]:
        holding = [passage for passage in edition.passages if expected in passage.text]
        assert len(holding) == 1, expected[:40]
        assert holding[0].heading == ()
    assert all(paragraphs[2] not in passage.text for passage in edition.passages)
    cut = [passage.span.of(edition.document.text) for passage in edition.passages]
    assert cut == [passage.text for passage in edition.passages]


def test_passages_hold_the_article_and_nothing_else(
    edition: Edition, paragraphs: list[str]
) -> None:
    kept = [paragraphs[0], paragraphs[3], *paragraphs[BODY]]
    assert "\n\n".join(passage.text for passage in edition.passages) == "\n\n".join(kept)
    assert edition.document.text == "\n\n".join([kept[0], paragraphs[2], *kept[1:]])


def test_no_word_of_the_cookie_notice_is_in_a_passage(
    edition: Edition, paragraphs: list[str]
) -> None:
    of_the_notice = words(" ".join(paragraphs[11:])) - words(" ".join(paragraphs[:11]))
    assert {"cookies", "browser", "preferences"} < of_the_notice
    for passage in edition.passages:
        assert not words(passage.text) & of_the_notice


def test_all_that_was_left_out_is_kept_with_its_reason(
    edition: Edition, paragraphs: list[str]
) -> None:
    gone = "\n".join(removed.text for removed in edition.removed)
    assert gone.split() == " ".join([paragraphs[1], *paragraphs[11:]]).split()
    reasons = [removed.reason for removed in edition.removed]
    assert reasons[0] == "repeats the paragraph before it"
    assert reasons.count("cookie notice") >= len(paragraphs[11:]) - 1
    assert all(reasons)


@pytest.mark.model
def test_the_question_is_answered_by_the_paragraph_that_answers_it(
    ask: Ask, article: Path, paragraphs: list[str]
) -> None:
    assert ask("init")[0] == 0
    code, out, err = ask("ingest", article, "--json")
    assert code == 0, err
    (added,) = json.loads(out)["added"]
    code, out, err = ask("search", "why not share targeting intel", "--format", "json")
    assert code == 0, err
    first: dict[str, Any] = json.loads(out)["hits"][0]
    expected = paragraphs[BODY][4]
    assert first["rank"] == 1
    assert first["text"] == expected
    assert first["title"] == paragraphs[2]
    shown = json.loads(ask("show", added["document"], "--format", "json")[1])
    assert shown["text"][first["start"] : first["end"]] == expected
    code, out, _ = ask("show", first["pinned"], "--format", "json")
    assert json.loads(out)["text"] == expected
