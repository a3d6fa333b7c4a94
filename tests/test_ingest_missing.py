"""Folders that change: what is gone from them is said, and taken out when asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pipeline.report import Attached, Report
from ingest.pipeline.run import ingest
from ingest.sources.files import discover, folders_among
from ingest.sources.missing import MissingSource, missing_sources, prune
from kb.encoders.hashing import HashingEncoder
from kb.store import Store, open_store

Ask = Callable[..., tuple[int, str, str]]
NAMES = ("a.txt", "b.txt", "c.txt", "in/a.txt", "in/d.txt")


def text(name: str) -> str:
    return f"About {name}\n\nWhat the file {name} says of the tolls and of the bridges.\n"


@given(
    before=st.sets(st.sampled_from(NAMES), min_size=1),
    after=st.sets(st.sampled_from(NAMES), min_size=1),
)
@settings(max_examples=20, deadline=None)
def test_after_pruning_what_is_found_is_what_is_there(
    tmp_path_factory: pytest.TempPathFactory, before: set[str], after: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("f")
    with open_store(folder / "kb", create=True) as store:
        for names in (before, after):
            shutil.rmtree(folder / "briefs", ignore_errors=True)
            for name in sorted(names):
                path = folder / "briefs" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text(name))
            take(store, folder / "briefs")
        kept = {source.uri for entry in store.entries() for source in entry.sources}
        assert kept == {str(folder / "briefs" / name) for name in after}
        assert list(store.faults()) == []


def take(store: Store, *folders: Path) -> None:
    """Ingest and prune."""
    named = list(map(str, folders))
    found = list(discover(named))
    ingest(found, store, HashingEncoder())
    prune(store, missing_sources(store, folders_among(named), found))


@given(data=st.data())
def test_what_moved_is_gone_in_one_place_and_came_in_another(data: st.DataObject) -> None:
    documents = st.lists(st.sampled_from("abc"), max_size=6)
    gone = [
        MissingSource(f"old-{number}", key, data.draw(st.booleans()))
        for number, key in enumerate(data.draw(documents))
    ]
    came = [Attached(f"new-{number}", key) for number, key in enumerate(data.draw(documents))]
    moved = Report(attached=came, missing=gone).moved
    assert all(old.document == new.document and not old.last for old, new in moved)
    assert len({old.source for old, _ in moved}) == len({new.source for _, new in moved})
    for key in "abc":
        olds = [old for old in gone if old.document == key and not old.last]
        news = [new for new in came if new.document == key]
        pairs = [pair for pair in moved if pair[0].document == key]
        assert pairs == list(zip(olds, news, strict=False))


@pytest.fixture
def briefs(home: Path, ask: Ask) -> Path:
    """A folder of three briefs that is taken in, and one beside it."""
    ask("init", "--model", "hashing")
    folder = home / "briefs"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(text(name))
    (home / "briefs-old.txt").write_text(text("old"))
    assert ask("ingest", "briefs", "briefs-old.txt")[0] == 0
    return folder


def keys(ask: Ask) -> list[str]:
    return [entry["document"] for entry in json.loads(ask("list", "--json")[1])["documents"]]


def report(ask: Ask, *arguments: str) -> Any:
    return json.loads(ask("ingest", *arguments, "--json")[1])


def test_what_is_gone_is_said_and_stays(briefs: Path, ask: Ask) -> None:
    (briefs / "b.txt").unlink()
    code, _, err = ask("ingest", "briefs")
    assert code == 0
    gone = f"gone: {briefs / 'b.txt'}: about-btxt can still be found. Take it out with --prune"
    assert gone in err.splitlines()
    assert "about-btxt" in keys(ask)


def test_with_prune_it_is_taken_out_of_search_and_comes_back(briefs: Path, ask: Ask) -> None:
    (briefs / "b.txt").unlink()
    (briefs.parent / "briefs-old.txt").unlink()  # in no folder that is named
    code, _, err = ask("ingest", "briefs", "--prune")
    assert code == 0
    assert f"gone: {briefs / 'b.txt'}: took about-btxt out of search" in err.splitlines()
    assert keys(ask) == ["about-atxt", "about-ctxt", "about-old"]
    assert report(ask, "briefs", "--prune")["vanished"] == []
    (briefs / "b.txt").write_text(text("b.txt"))
    assert [one["document"] for one in report(ask, "briefs")["added"]] == ["about-btxt"]


def test_a_file_that_moved_keeps_its_document(briefs: Path, ask: Ask) -> None:
    (briefs / "b.txt").rename(briefs / "z.txt")
    found = report(ask, "briefs", "--prune")
    assert [same["document"] for same in found["attached"]] == ["about-btxt"]
    assert found["vanished"] == [
        {"source": str(briefs / "b.txt"), "document": "about-btxt", "removed": False}
    ]
    shown = json.loads(ask("show", "about-btxt", "--format", "json")[1])
    assert [source["uri"] for source in shown["sources"]] == [str(briefs / "z.txt")]


def test_a_file_that_moved_is_said_once_and_in_a_line(briefs: Path, ask: Ask) -> None:
    (briefs / "b.txt").rename(briefs / "z.txt")
    (briefs / "copy.txt").write_text(text("a.txt"))
    code, _, err = ask("ingest", "briefs")
    assert code == 0
    assert err.splitlines()[:-1] == [
        f"note: {briefs / 'copy.txt'}: the same file as about-atxt, kept once",
        f"moved: {briefs / 'b.txt'} -> {briefs / 'z.txt'}",
    ]
    assert ask("ingest", "briefs")[2].splitlines()[:-1] == []
    (briefs / "z.txt").write_text(text("b.txt") + "\nAnd of canals.\n")
    assert [one["document"] for one in report(ask, "briefs")["updated"]] == ["about-btxt"]
    assert ask("verify")[0] == 0


def test_a_name_with_a_line_end_is_said_in_a_line(briefs: Path, ask: Ask) -> None:
    odd = briefs / "two\nlines.txt"
    odd.write_text("")
    (briefs / "a\n.png").write_text("")
    err = ask("ingest", "briefs")[2].splitlines()
    assert f"refused: {briefs / 'two lines.txt'}: an empty file" in err
    assert f"left alone: {briefs / 'a .png'}: no brief, by its name" in err
    odd.write_text(text("a.txt"))
    same = f"note: {briefs / 'two lines.txt'}: the same file as about-atxt, kept once"
    assert same in ask("ingest", "briefs")[2].splitlines()
    odd.rename(briefs / "a\nline.txt")
    moved = f"moved: {briefs / 'two lines.txt'} -> {briefs / 'a line.txt'}"
    assert moved in ask("ingest", "briefs")[2].splitlines()
    (briefs / "a\nline.txt").unlink()
    gone = f"gone: {briefs / 'a line.txt'}: about-atxt stays: it was read from another place, too"
    assert gone in ask("ingest", "briefs")[2].splitlines()


def test_what_is_gone_from_everywhere_is_taken_out(briefs: Path, ask: Ask) -> None:
    briefs.rename(briefs.with_name("moved"))
    ask("ingest", "moved")
    (briefs.with_name("moved") / "b.txt").unlink()
    gone = report(ask, "moved", "--prune")["vanished"]
    assert [(one["document"], one["removed"]) for one in gone] == [("about-btxt", True)] * 2
    assert "about-btxt" not in keys(ask)
    assert "about-atxt" in keys(ask), "it stands where it was moved to"


def test_a_record_is_gone_when_its_file_was_read_without_it(home: Path, ask: Ask) -> None:
    ask("init", "--model", "hashing")
    (home / "in").mkdir()
    lines = [json.dumps({"_id": id, "title": f"On {id}", "text": f"Of the {id}."}) for id in "abc"]
    file = home / "in" / "briefs.jsonl"
    file.write_text("\n".join(lines))
    ask("ingest", "in")
    file.write_text("\n".join([lines[0], "{broken", lines[2]]))
    assert report(ask, "in")["vanished"] == [], "the broken line may be the one that is missed"
    file.write_text("\n".join([lines[0], lines[2]]))
    assert [gone["source"][-2:] for gone in report(ask, "in", "--prune")["vanished"]] == ["#b"]
    file.unlink()
    (home / "in" / "other.txt").write_text(text("other"))
    gone = [gone["source"][-2:] for gone in report(ask, "in", "--prune")["vanished"]]
    assert sorted(gone) == ["#a", "#c"]


def test_a_record_is_found_in_its_file_whatever_its_id(home: Path, ask: Ask) -> None:
    ask("init", "--model", "hashing")
    (home / "in").mkdir()
    file = home / "in" / "briefs.jsonl"
    lines = [json.dumps({"_id": id, "title": id, "text": f"Of {id}."}) for id in ("a#1", "a#2")]
    file.write_text("\n".join(lines))
    ask("ingest", "in")
    assert report(ask, "in", "--prune")["vanished"] == []
    file.write_text("\n".join([lines[0], "{broken"]))
    assert report(ask, "in", "--prune")["vanished"] == [], "the broken line may be a#2"
    file.write_text(lines[0])
    assert [gone["source"][-4:] for gone in report(ask, "in", "--prune")["vanished"]] == ["#a#2"]


def test_what_cannot_be_read_is_not_gone(briefs: Path, ask: Ask) -> None:
    (briefs / "b.txt").write_text("")
    assert report(ask, "briefs", "--prune")["vanished"] == []
    for path in briefs.iterdir():
        path.unlink()
    found = report(ask, "briefs", "--prune")  # a disk that is not there looks like this
    assert len(found["refused"]) == 1
    assert found["vanished"] == []
    assert "nothing is taken out of search" in ask("ingest", "briefs", "--prune")[2]
    assert "about-btxt" in keys(ask)
