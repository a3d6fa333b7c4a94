"""Metadata stated by hand: it wins over the source, for good."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from any_metadata import metadata_of
from hypothesis import given
from hypothesis import strategies as st

from ingest.pipeline.reprocessing import override
from ingest.pipeline.run import ingest
from ingest.sources.files import discover
from kb.encoders.hashing import HashingEncoder
from kb.keys import Reference
from kb.metadata import Metadata
from kb.store import open_store

Ask = Callable[..., tuple[int, str, str]]
TEXT = "A levy on bottles\n\nThe levy is paid by whoever sells the bottle, and not by the buyer.\n"
KEY = "levy-bottles"

words = st.text("abc é", min_size=1, max_size=9).filter(str.strip)
languages = st.sampled_from([None, "de", "fr"])
statements = metadata_of(words, language=languages)


@given(said=st.lists(statements, min_size=1, max_size=3))
def test_what_is_stated_holds_and_the_text_stays(
    tmp_path_factory: pytest.TempPathFactory, said: list[Metadata]
) -> None:
    folder = tmp_path_factory.mktemp("f")
    file = folder / "a.txt"
    file.write_text(TEXT)
    with open_store(folder / "kb", create=True, model="hashing") as store:
        ingest(discover([str(file)]), store, HashingEncoder())
        before = store.edition(Reference(KEY)).document
        expected = Metadata()
        for one in said:
            expected = one.over(expected)
            override(store, HashingEncoder(), KEY, one)
        for changed in (TEXT, TEXT.replace("buyer", "drinker")):
            file.write_text(changed)
            ingest(discover([str(file)]), store, HashingEncoder())
            after = store.edition(Reference(KEY)).document
            assert after.metadata == expected.over(before.metadata)
            assert "drinker" in after.text or after.text == before.text
            assert "drinker" in after.text or after.revision == before.revision
        assert list(store.faults()) == []


@pytest.fixture
def taken(home: Path, ask: Ask) -> Path:
    """A knowledge base with one brief."""
    ask("init", "--model", "hashing")
    (home / "a.txt").write_text(TEXT)
    assert ask("ingest", "a.txt")[0] == 0
    return home


def entry(ask: Ask) -> Any:
    return json.loads(ask("list", "--json")[1])["documents"][0]


def test_on_the_command_line(taken: Path, ask: Ask) -> None:
    code, out, err = ask("set", KEY, "--author", "Ada Lee", "--author", "B Ó", "--date", "2017-03")
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        f"{KEY}: author is now Ada Lee; B Ó",
        f"{KEY}: date is now 2017-03",
    ]
    assert (entry(ask)["authors"], entry(ask)["published"]) == (["Ada Lee", "B Ó"], "2017-03")
    assert json.loads(ask("ingest", "a.txt", "--json")[1])["unchanged"] == 1
    assert json.loads(ask("ingest", "a.txt", "--reread", "--json")[1])["unchanged"] == 1
    assert entry(ask)["published"] == "2017-03"
    hit = json.loads(ask("search", "who pays the levy", "--format", "json")[1])["hits"][0]
    assert hit["citation"].startswith("Ada Lee and B Ó, “A levy on bottles”")
    said = json.loads(ask("set", KEY, "--title", "Who pays", "--json")[1])
    assert said == {"document": KEY, "revision": entry(ask)["revision"], "title": "Who pays"}
    said = json.loads(
        ask("set", KEY, "--tag", "a", "--unset", "date", "--author", "B", "--json")[1]
    )
    assert list(said) == ["document", "revision", "authors", "published", "tags"]
    assert (said["authors"], said["published"], said["tags"]) == (["B"], None, ["a"])
    assert ask("verify")[0] == 0


def test_what_was_stated_can_be_unset(taken: Path, ask: Ask) -> None:
    ask("set", KEY, "--title", "Who pays", "--author", "Ada Lee", "--tag", "levies")
    code, _, err = ask("set", KEY, "--unset", "title", "--unset", "author", "--date", "2017")
    assert code == 0
    assert err.splitlines() == [
        f"{KEY}: title is now A levy on bottles",
        f"{KEY}: author is now unknown",
        f"{KEY}: date is now 2017",
    ]
    assert (entry(ask)["title"], entry(ask)["authors"]) == ("A levy on bottles", [])
    assert json.loads(ask("ingest", "a.txt", "--reread", "--json")[1])["unchanged"] == 1
    assert entry(ask)["authors"] == []
    assert ask("search", "levy", "--tag", "levies")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((KEY,), "nothing is stated. Say what, as in: kb set levy-bottles --date 2017-03"),
        ((KEY, "--date", "March"), "--date"),
        ((KEY, "--author", " "), "--author says nothing"),
        ((KEY, "--author", "A", "--unset", "author"), "author: stated and unset at once"),
        ((KEY, "--date", "2020", "--unset", "date"), "date: stated and unset at once"),
        ((KEY, "--unset", "text"), "--unset"),
        ((KEY, "--title", ""), "--title says nothing"),
        ((KEY, "--url", "not a url"), "--url not a url: no web address"),
        (("no-such", "--date", "2017"), "no-such: no such document"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    taken: Path, ask: Ask, arguments: tuple[str, ...], said: str
) -> None:
    before = entry(ask)
    code, out, err = ask("set", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert entry(ask) == before
