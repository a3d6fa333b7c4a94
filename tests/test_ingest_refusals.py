"""What was refused stays on a list until it comes in or is dismissed; a document has a receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pipeline.refusals import remember
from ingest.sources.discovered import file_of
from kb.commands.receipts import receipt
from kb.metadata import Metadata
from kb.records import Document, Edition, Refusal, Removed
from kb.store import Store, open_store

Ask = Callable[..., tuple[int, str, str]]
BRIEF = "A levy on bottles\n\nThe levy is paid by whoever sells the bottle, and not by the buyer.\n"
FILES = ("/a.txt", "/b.txt", "/c.jsonl")
SOURCES = ("/a.txt", "/b.txt", "/c.jsonl#1", "/c.jsonl line 2", "/c.jsonl line 3")

runs = st.lists(
    st.tuples(st.sets(st.sampled_from(SOURCES)), st.sets(st.sampled_from(SOURCES))), max_size=5
)


@given(runs=runs)
def test_on_the_list_is_what_was_refused_the_last_time_its_file_was_seen(
    tmp_path_factory: pytest.TempPathFactory, runs: Sequence[tuple[set[str], set[str]]]
) -> None:
    with open_store(tmp_path_factory.mktemp("kb") / "kb", create=True, model="hashing") as store:
        expected: dict[str, str] = {}
        for number, (seen, refused) in enumerate(runs):
            before = store.manifest.generation
            remember(store, seen | refused, [Refusal(one, f"run {number}") for one in refused])
            files = {file_of(one) for one in seen | refused}
            gone = [one for one in expected if file_of(one) in files]
            expected = {one: why for one, why in expected.items() if one not in gone}
            expected |= dict.fromkeys(refused, f"run {number}")
            assert {one.source: one.reason for one in store.refusals()} == expected
            assert bool(refused or gone) == (store.manifest.generation > before)


def test_what_is_not_there_is_not_put_on_the_list(store: Store) -> None:
    absent = Refusal("/a.txt", "no such file or folder", retriable=False)
    remember(store, ["/a.txt"], [absent])
    assert store.refusals() == []
    remember(store, ["/a.txt"], [Refusal("/a.txt", "an empty file")])
    remember(store, ["/a.txt"], [absent])
    assert [(one.source, one.reason) for one in store.refusals()] == [("/a.txt", absent.reason)]


def test_a_reason_may_quote_anything(store: Store) -> None:
    store.refuse("/a.txt", "bad \ud800 name")
    assert [one.reason for one in store.refusals()] == ["bad \\ud800 name"]
    store.dismiss("/b.txt")
    store.dismiss("/a.txt")
    assert store.refusals() == []


@pytest.fixture
def briefs(home: Path, ask: Ask) -> Path:
    """A folder of which two sources are refused."""
    ask("init", "--model", "hashing")
    folder = home / "briefs"
    folder.mkdir()
    (folder / "a.txt").write_text(BRIEF)
    (folder / "b.txt").write_text("")
    (folder / "c.jsonl").write_text('{"title": "T", "text": "Of tolls."}\n{"title": 1}\n')
    assert ask("ingest", "briefs")[0] == 1
    return folder


def problems(ask: Ask) -> Any:
    return json.loads(ask("list", "--problems", "--json")[1])


def test_the_list_is_shown(briefs: Path, ask: Ask) -> None:
    found = problems(ask)
    refused = [(Path(one["source"]).name, one["reason"]) for one in found["refused"]]
    assert [name for name, _ in refused] == ["b.txt", "c.jsonl line 2"]
    assert refused[0][1] == "an empty file"
    assert found["documents"][0] == {
        "document": "levy-bottles",
        "problems": ["no author and no date"],
    }
    code, out, err = ask("list", "--problems")
    assert code == 0
    assert f"refused  {briefs / 'b.txt'}: an empty file" in out.splitlines()
    assert "levy-bottles: no author and no date" in out.splitlines()
    assert "--retry" in err


def test_of_many_for_one_reason_the_first_are_listed_in_order(briefs: Path, ask: Ask) -> None:
    (briefs / "c.jsonl").write_text('{"title": 1}\n' * 1300)
    ask("ingest", "briefs")
    every = [one["source"] for one in problems(ask)["refused"]]
    lines = [f"{briefs / 'c.jsonl'} line {number}" for number in range(1, 1301)]
    assert every == [str(briefs / "b.txt"), *lines]
    said = ask("list", "--problems")[1].splitlines()
    refused = [line for line in said if line.startswith("refused")]
    assert len(refused) == 22
    assert [line.split(": ")[0] for line in refused[1:21]] == [f"refused  {x}" for x in lines[:20]]
    assert refused[21].startswith("refused  1,280 more: ")
    assert refused[21].endswith("(--json lists all)")


def test_retry_tries_what_was_refused_and_nothing_else(briefs: Path, ask: Ask) -> None:
    (briefs / "b.txt").write_text(BRIEF.replace("bottles", "cans"))
    (briefs / "new.txt").write_text(BRIEF.replace("bottles", "bags"))
    code, out, _ = ask("ingest", "--retry", "--json")
    report = json.loads(out)
    assert code == 1, "one is refused still"
    assert [one["document"] for one in report["added"]] == ["levy-cans"]
    assert [Path(one["source"]).name for one in problems(ask)["refused"]] == ["c.jsonl line 2"]
    (briefs / "c.jsonl").write_text('{"title": "T", "text": "Of tolls."}\n')
    assert ask("ingest", "--retry")[0] == 0
    assert problems(ask)["refused"] == []
    code, out, err = ask("ingest", "--retry")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "nothing is on the list" in err


def test_what_is_dismissed_is_forgotten_until_it_is_refused_again(briefs: Path, ask: Ask) -> None:
    assert ask("ingest", "--dismiss", "briefs/b.txt")[0] == 0
    assert [Path(one["source"]).name for one in problems(ask)["refused"]] == ["c.jsonl line 2"]
    code, _, err = ask("ingest", "--dismiss", "briefs/b.txt")
    assert (code, err.count("\n")) == (2, 1)
    assert "briefs/b.txt: not on the list" in err
    ask("ingest", "briefs")
    assert len(problems(ask)["refused"]) == 2


@pytest.mark.parametrize(
    ("argument", "forgotten"),
    [
        ("briefs", 2),
        ("briefs/", 2),
        (".", 2),
        ("briefs/c.jsonl", 1),
        ("briefs/c.jsonl line 2", 1),
        ("briefs/*", 2),
        ("*.txt", 1),
        ("br", 0),
        ("http*", 0),
    ],
)
def test_many_are_dismissed_by_their_folder_or_a_pattern(
    briefs: Path, ask: Ask, argument: str, forgotten: int
) -> None:
    code, _, err = ask("ingest", "--dismiss", argument)
    assert (code, err.count("\n")) == (0 if forgotten else 2, 1)
    assert len(problems(ask)["refused"]) == 2 - forgotten


def test_a_file_that_was_kept_is_not_on_the_list(briefs: Path, ask: Ask) -> None:
    (briefs / "a.txt").write_text("")
    ask("ingest", "briefs")
    assert len(problems(ask)["refused"]) == 3
    (briefs / "a.txt").write_text(BRIEF)  # the same bytes as before
    assert json.loads(ask("ingest", "briefs/a.txt", "--json")[1])["unchanged"] == 1
    assert len(problems(ask)["refused"]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest",),
        ("ingest", "--retry", "a"),
        ("ingest", "--dismiss"),
        ("ingest", "--retry", "--prune"),
    ],
)
def test_wrong_use_is_said_in_a_line(briefs: Path, ask: Ask, arguments: tuple[str, ...]) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


words = st.text("ab é", min_size=1, max_size=30).filter(str.strip)


@given(text=words, removed=st.lists(st.tuples(words, st.sampled_from(["x", "y"]))))
def test_the_shares_of_a_receipt_are_all_there_is(
    text: str, removed: list[tuple[str, str]]
) -> None:
    document = Document("k", "0", Metadata(title="T"), text, ())
    found = receipt(Edition(document, (), tuple(Removed(gone, why, 0) for gone, why in removed)))
    assert found.kept + sum(one.share for one in found.left_out) == pytest.approx(1)
    assert sum(one.texts for one in found.left_out) == len(removed)
    assert [one.share for one in found.left_out] == sorted(
        (one.share for one in found.left_out), reverse=True
    )


def test_one_text_left_out_is_one(home: Path, ask: Ask) -> None:
    ask("init", "--model", "hashing")
    (home / "a.md").write_text(f"# {BRIEF}\nAccept Cookies\n")
    assert ask("ingest", "a.md")[0] == 0
    assert "Left out   1 text: kb show levy-bottles --removed" in ask("show", "levy-bottles")[1]
    err = ask("keep-text", "levy-bottles", "2")[2]
    assert err == (
        "kb: levy-bottles has 1 removed text; kb show levy-bottles --removed lists them.\n"
    )


def test_a_receipt_on_the_command_line(home: Path, ask: Ask) -> None:
    ask("init", "--model", "hashing")
    text = BRIEF.encode() + b"\nA second paragraph about t\xe9a and bottles.\n\nAccept Cookies\n"
    (home / "a.txt").write_bytes(text)
    ask("ingest", "a.txt")
    shown = json.loads(ask("show", "levy-bottles", "--receipt", "--format", "json")[1])
    code, out, _ = ask("show", "levy-bottles", "--receipt")
    assert code == 0
    assert out.splitlines()[0] == (
        f"{shown['passages']} passage; {shown['kept']:.1%} of {shown['words']} words are kept"
    )
    assert "note: no author and no date" in out.splitlines()
    assert ask("show", "levy-bottles", "--receipt", "--removed")[0] == 2
