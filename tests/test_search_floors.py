"""The gate: search reaches its floors, and the floors do not sink unseen."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import floors
import pytest

from search.evaluation import folders

PINNED: dict[str, dict[str, Any]] = json.loads(floors.FILE.read_text("utf-8"))


def test_every_slice_has_its_floors() -> None:
    assert set(PINNED) == {"corpus", *floors.SLICES}
    assert all(set(its["floors"]) == set(floors.MEASURES) for its in PINNED.values())


@pytest.mark.model
@pytest.mark.parametrize("name", list(PINNED))
def test_search_reaches_its_floors(name: str, request: pytest.FixtureRequest) -> None:
    pinned = PINNED[name]
    if name in floors.SLICES:
        request.getfixturevalue("shared")
        source = floors.SLICES[name].source
        if not source.is_dir() or floors.digest(source) != pinned["digest"]:
            pytest.skip(f"needs the {name} on which the floors were pinned")
    found = floors.sliced(name)
    assert (found["questions"], found["documents"]) == (pinned["questions"], pinned["documents"])
    under = {
        measure: f"{found['figures'][measure]} is under the floor of {floor}"
        for measure, floor in pinned["floors"].items()
        if found["figures"][measure] < floor
    }
    assert under == {}, "mend search, or say that it may be so: make floors LOWER=--lower"


def test_a_slice_is_the_same_each_time_and_holds_what_its_questions_need(
    shared: Path, tmp_path: Path
) -> None:
    for name, its in floors.SLICES.items():
        for turn in ("one", "two"):
            (tmp_path / turn / name).mkdir(parents=True)
            its.draw(tmp_path / turn / name)
        first = tmp_path / "one" / name
        assert floors.digest(first) == floors.digest(tmp_path / "two" / name)
        collection = folders.read(first)  # refuses judgements of documents not in it
        assert collection.left_out == 0
        assert its.questions in (None, len(collection.questions))
        assert len(collection.documents) == its.documents


def test_a_floor_that_would_fall_is_named() -> None:
    higher, lower, other = (copy.deepcopy(PINNED) for _ in range(3))
    assert floors.falling(PINNED, PINNED) == []
    higher["corpus"]["floors"]["nDCG@10"] += 0.1
    assert floors.falling(PINNED, higher) == []
    lower["corpus"]["floors"]["nDCG@10"] -= 0.001
    (said,) = floors.falling(PINNED, lower)
    assert said.startswith("corpus: nDCG@10 0.")
    other["corpus"]["questions"] -= 1
    assert len(floors.falling(PINNED, other)) == len(floors.MEASURES)
    del other["corpus"]
    assert len(floors.falling(PINNED, other)) == len(floors.MEASURES)


def test_a_re_pin_refuses_to_lower_a_floor_unless_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pin(name: str) -> dict[str, Any]:
        made = copy.deepcopy(PINNED[name])
        made["floors"]["success@1"] -= 0.05
        return made

    file = tmp_path / "floors.json"
    file.write_text(json.dumps(PINNED))
    monkeypatch.setattr(floors, "FILE", file)
    monkeypatch.setattr(floors, "DATA", tmp_path)  # so that the corpus alone is measured
    monkeypatch.setattr(floors, "pin", pin)
    with pytest.raises(SystemExit) as stopped:
        floors.main([], standalone_mode=False)
    assert stopped.value.code == 1
    assert "would fall, so nothing was written" in capsys.readouterr().err
    assert json.loads(file.read_text()) == PINNED
    floors.main(["--lower"], standalone_mode=False)
    fallen = json.loads(file.read_text())
    assert fallen["corpus"]["floors"]["success@1"] < PINNED["corpus"]["floors"]["success@1"]
    assert {name: its for name, its in fallen.items() if name != "corpus"} == {
        name: its for name, its in PINNED.items() if name != "corpus"
    }
