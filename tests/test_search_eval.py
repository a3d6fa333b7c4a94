"""kb eval: its figures are those of kb search; what is wrong with a folder is one line."""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
QUERIES = '{"_id": "q1", "text": "who gives water"}\n{"_id": "q2", "text": "nets for fish"}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\theat\t1\nq2\tfish\t2\nq2\theat\t0\n"
HEAT = "Employers give shade and water.\n\nThey rest at noon."
FISH = "Nets are measured by inspectors."
DOCUMENTS = "".join(
    json.dumps({"_id": id, "title": id.title(), "text": text}) + "\n"
    for id, text in (("heat", HEAT), ("fish", FISH))
)
QUOTE = {"source": "heat.txt", "quote": "give shade"}

Ask = Callable[..., tuple[int, str, str]]


def line(**fields: Any) -> str:
    """A line of JSON."""
    return json.dumps(fields) + "\n"


@pytest.fixture
def beir(home: Path) -> Path:
    """A collection of two documents."""
    folder = home / "set"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text(DOCUMENTS)
    (folder / "queries.jsonl").write_text(QUERIES)
    (folder / "qrels.tsv").write_text(QRELS)
    return folder


@pytest.fixture
def hashing(home: Path, ask: Ask) -> Callable[..., Path]:
    """Makes a knowledge base with vectors of words."""

    def make(*sources: str | Path) -> Path:
        assert ask("init", "--model", "hashing", home / "words")[0] == 0
        assert ask("--kb", home / "words", "ingest", *sources)[0] in (0, 1)
        return home / "words"

    return make


def measured(ask: Ask, *arguments: str | Path) -> dict[str, Any]:
    """What kb eval --json prints."""
    code, out, err = ask(*arguments, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


# --- figures


@pytest.mark.parametrize("mode", ["keyword", "semantic", "hybrid"])
def test_the_figures_are_those_of_kb_search(
    ask: Ask, hashing: Callable[..., Path], mode: str
) -> None:
    words = hashing(CORPUS)
    questions = CORPUS / "questions.jsonl"
    asked = {its["_id"]: its for its in map(json.loads, questions.read_text().splitlines())}
    _, out, _ = ask("--kb", words, "search", "--questions", questions, "-n", "100", "--mode", mode)
    found: dict[str, list[int]] = {"exact": [], "paraphrase": []}
    for answer in map(json.loads, out.splitlines()):
        its = asked[answer["_id"]]
        if its["answers"]:
            shown = [one for hit in answer["hits"] for one in (hit, *hit["also"])]
            ranks = [
                shown.index(hit) + 1
                for hit in answer["hits"]
                for quoted in its["answers"]
                if Path(hit["source"]).name == quoted["source"] and quoted["quote"] in hit["text"]
            ]
            found[its["kind"]].append(min(ranks, default=99))
    figures = measured(ask, "--kb", words, "eval", CORPUS, "--mode", mode)["stages"][mode]
    for kind, ranks in found.items():
        assert figures[kind]["questions"] == len(ranks)
        for most in (1, 3, 5):
            share = sum(rank <= most for rank in ranks) / len(ranks)
            assert figures[kind][f"success@{most}"]["value"] == pytest.approx(share, abs=1e-4)
    everything = [figures[kind]["success@1"]["value"] for kind in found]
    assert figures["all"]["success@1"]["value"] == pytest.approx(sum(everything) / 2, abs=1e-4)


def test_documents_are_ranked_by_their_best_passage(
    ask: Ask, home: Path, beir: Path, hashing: Callable[..., Path]
) -> None:
    words = hashing(beir / "corpus.jsonl")
    report = measured(ask, "--kb", words, "eval", beir, "--run", home / "run")
    assert (report["questions"], report["documents"], report["ranked"]) == (2, 2, "documents")
    assert report["stages"]["hybrid"]["all"]["success@1"]["value"] == 1.0
    rows = [row.split() for row in (home / "run").read_text().splitlines()]
    assert [row[:4] for row in rows if row[3] == "1"] == [
        ["q1", "Q0", "heat", "1"],
        ["q2", "Q0", "fish", "1"],
    ]
    assert len({(row[0], row[2]) for row in rows}) == len(rows)


def test_stretches_and_quotes_judge_alike(
    ask: Ask, home: Path, beir: Path, hashing: Callable[..., Path]
) -> None:
    start = HEAT.index("rest at noon")
    (beir / "qrels.tsv").unlink()
    span = {"start": start, "end": start + 12}
    (beir / "evidence.jsonl").write_text(line(**{"query-id": "q1", "doc-id": "heat"}, **span))
    words = hashing(beir / "corpus.jsonl")
    by_stretch = measured(ask, "--kb", words, "eval", beir)
    (home / "own").mkdir()
    quote = {"source": "heat", "quote": "rest  at\nnoon"}
    (home / "own" / "questions.jsonl").write_text(
        line(_id="q1", text="who gives water", answers=[quote])
    )
    by_quote = measured(ask, "--kb", words, "eval", home / "own")
    assert by_stretch["stages"] == by_quote["stages"]
    assert by_stretch["left_out"] == 1
    assert by_quote["ranked"] == "passages"


def test_an_ablation_measures_every_stage(ask: Ask, hashing: Callable[..., Path]) -> None:
    words = hashing(CORPUS)
    stages = measured(ask, "--kb", words, "eval", CORPUS, "--ablate")["stages"]
    assert list(stages) == ["dense", "lexical", "fused", "reranked"]
    for stage, mode in (("lexical", "keyword"), ("reranked", "hybrid")):
        alone = measured(ask, "--kb", words, "eval", CORPUS, "--mode", mode)
        assert alone["stages"][mode] == stages[stage]
    code, out, err = ask("--kb", words, "eval", CORPUS, "--ablate", "--limit", "9")
    assert (code, err) == (0, "")
    rows = [row.split()[:2] for row in out.splitlines() if row.endswith("reranked")]
    assert [name for name, _ in rows] == ["all", "exact", "paraphrase"]
    every, *kinds = [int(count.strip("()")) for _, count in rows]
    assert every == sum(kinds) == 9


def test_a_run_is_compared_with_an_earlier_one(
    ask: Ask, home: Path, hashing: Callable[..., Path]
) -> None:
    words = hashing(CORPUS)
    base: list[str | Path] = ["--kb", words, "eval", CORPUS, "--limit", "20"]
    measured(ask, *base, "--mode", "keyword", "--run", home / "keyword.run")
    same = measured(ask, *base, "--mode", "keyword", "--against", home / "keyword.run")
    for its in same["against"].values():
        assert (its["difference"]["value"], its["p"], its["ties"]) == (0, 1, 20)
    report = measured(ask, *base, "--mode", "semantic", "--against", home / "keyword.run")
    for measure, its in report["against"].items():
        now = report["stages"]["semantic"]["all"][measure]["value"]
        before = same["stages"]["keyword"]["all"][measure]["value"]
        assert its["difference"]["value"] == pytest.approx(now - before, abs=1e-4)
    code, out, _ = ask(*base, "--mode", "semantic", "--against", home / "keyword.run")
    assert code == 0
    assert "wins   losses  ties" in out


def test_a_sample_of_questions_is_the_same_each_time(
    ask: Ask, hashing: Callable[..., Path]
) -> None:
    words = hashing(CORPUS)
    base: list[str | Path] = ["--kb", words, "eval", CORPUS, "--limit"]
    first = measured(ask, *base, "7")
    assert first["questions"] == 7
    assert first == measured(ask, *base, "7")
    assert measured(ask, *base, "99", "--mode", "keyword")["questions"] == 46


@pytest.mark.model
def test_briefs_are_ingested_for_this_once(ask: Ask, home: Path) -> None:
    code, out, err = ask("eval", CORPUS, "--limit", "5")
    assert code == 0, err
    assert out.startswith("corpus: 5 questions, 14 documents, ")
    assert list(home.iterdir()) == []


# --- what can be wrong


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("queries.jsonl", "{", "queries.jsonl line 1: not JSON. Write"),
        ("queries.jsonl", "[1]", "queries.jsonl line 1: not a JSON object"),
        ("queries.jsonl", QUERIES + line(_id="q3"), "queries.jsonl line 3: no text"),
        ("queries.jsonl", QUERIES + line(text="what"), "queries.jsonl line 3: no _id"),
        ("queries.jsonl", QUERIES + line(_id="q1", text="a"), "line 3: the _id 'q1' was given"),
        ("queries.jsonl", "\n \n", "queries.jsonl: no question in it"),
        ("queries.jsonl", b"\xff\xfe", "queries.jsonl: not UTF-8 text"),
        ("queries.jsonl", line(_id="q1", text="a"), "line 3: there is no question 'q2' in queries"),
        ("corpus.jsonl", line(_id="heat", text="a"), "line 3: there is no document 'fish' in corp"),
        ("corpus.jsonl", line(text="a"), "corpus.jsonl line 1: no _id"),
        ("qrels.tsv", "q1 heat 1", "qrels.tsv line 1: not a judgement. Write query-id, corpus-id"),
        ("qrels.tsv", "q1\theat\thigh", "qrels.tsv line 1: not a judgement"),
        ("qrels.tsv", "", "none of its 2 questions has a judgement"),
        ("qrels.tsv", "q1\theat\t0", "none of its 2 questions has a judgement"),
        ("qrels.tsv", None, "no judgements in this folder. Add qrels.tsv or evidence.jsonl"),
        ("queries.jsonl", None, "no questions in this folder. kb eval reads questions.jsonl"),
        ("questions.jsonl", line(_id=1, text="a"), "questions.jsonl line 1: no list of answers"),
        ("questions.jsonl", line(_id=1, text="a", answers=["b"]), "line 1: no list of answers"),
        ("questions.jsonl", line(_id=1, text="a", answers=[{"source": "b"}]), "no quote. Write"),
        ("questions.jsonl", line(_id=1, text="a", answers=[]), "none of its 1 questions has"),
        ("questions.jsonl", "", "questions.jsonl: no question in it"),
        (
            "questions.jsonl",
            line(_id=1, text="a", answers=[{"source": "x.md", "quote": "b"}]),
            "question '1': there is no document 'x.md'",
        ),
        (
            "questions.jsonl",
            line(_id=1, text="a", answers=[{"source": "heat", "quote": "give ice"}]),
            "question '1': its quote does not stand in heat: “give ice”. Copy it from what kb show",
        ),
    ],
)
def test_what_is_wrong_with_a_folder_is_one_line(
    ask: Ask,
    beir: Path,
    hashing: Callable[..., Path],
    name: str,
    content: str | bytes | None,
    said: str,
) -> None:
    words = hashing(beir / "corpus.jsonl")
    if content is None:
        (beir / name).unlink()
    else:
        (beir / name).write_bytes(content.encode() if isinstance(content, str) else content)
    refused(ask("--kb", words, "eval", beir), said)


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({"start": 4, "end": 4}, "evidence.jsonl line 1: no stretch of text"),
        ({"start": "0", "end": 4}, "evidence.jsonl line 1: no stretch of text"),
        ({"start": 0}, "evidence.jsonl line 1: no stretch of text"),
        ({"start": 0, "end": 9999}, "its evidence ends at 9999, but the text of 'heat' has 51 "),
        ({"start": 0, "end": 9, "doc-id": "x"}, "line 1: there is no document 'x' in corpus.jsonl"),
    ],
)
def test_what_is_wrong_with_a_stretch_is_one_line(
    ask: Ask,
    beir: Path,
    hashing: Callable[..., Path],
    evidence: dict[str, Any],
    said: str,
) -> None:
    words = hashing(beir / "corpus.jsonl")
    (beir / "qrels.tsv").unlink()
    row = {"query-id": "q1", "doc-id": "heat", **evidence}
    (beir / "evidence.jsonl").write_text(line(**row))
    refused(ask("--kb", words, "eval", beir), said)


def test_what_is_wrong_with_the_arguments_is_one_line(ask: Ask, home: Path, beir: Path) -> None:
    refused(ask("eval", "nowhere"), "nowhere: no such folder. Name a folder with questions")
    refused(ask("eval", beir / "qrels.tsv"), "qrels.tsv: not a folder")
    refused(ask("eval", beir, "--ablate", "--mode", "keyword"), "leave --mode out")
    refused(ask("eval", beir, "--run", home / "no" / "run"), "there is no such folder to write")
    refused(ask("eval", beir, "--against", "no.run"), "no.run: No such file or directory")
    refused(ask("--kb", home / "no", "eval", beir), "there is no knowledge base here")
    refused(ask("eval", beir, "--limit", "0"), "--limit")
    (beir / "corpus.jsonl").unlink()
    refused(ask("eval", beir), "set: no brief to ingest beside the questions")


def test_a_knowledge_base_of_other_documents_is_refused(
    ask: Ask, home: Path, beir: Path, hashing: Callable[..., Path]
) -> None:
    (home / "other.txt").write_text("Trams\n\nThey run on rails.\n")
    words = hashing(home / "other.txt")
    refused(ask("--kb", words, "eval", beir), "holds none of the documents that set judges")
    ask("--kb", words, "ingest", beir / "corpus.jsonl")
    ask("--kb", words, "remove", "fish")
    code, _, err = ask("--kb", words, "eval", beir)
    assert (code, err) == (
        0,
        "note: 1 judged document not in the knowledge base: nothing can find them\n",
    )


def test_a_run_of_other_items_is_refused(
    ask: Ask, home: Path, beir: Path, hashing: Callable[..., Path]
) -> None:
    words = hashing(beir / "corpus.jsonl", CORPUS)
    run = home / "run"
    run.write_text("other Q0 heat 1 0.5 x\n")
    refused(ask("--kb", words, "eval", beir, "--against", run), "a run of other questions")
    run.write_text("q1 Q0 trams 1 0.5 x\n")
    refused(ask("--kb", words, "eval", beir, "--against", run), "a run of other passages")
    run.write_text("q01 Q0 school-meals-eat-free-decides-served@00000000#1 1 0.5 x\n")
    refused(ask("--kb", words, "eval", CORPUS, "--against", run), "a run of other passages")


@pytest.mark.parametrize("missing", ["ir_measures", "scipy"])
def test_without_a_library_the_install_line_is_said(
    ask: Ask, beir: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = " ".join(f"'{each}'" for each in project["optional-dependencies"]["eval"])
    refused(ask("eval", beir), f"through {missing}, which is not installed. Install it with: ")
    refused(ask("eval", beir), f"pip install {extra} (pipx: pipx inject kb-briefs {extra})")
    guide = (ROOT / "kb" / "guides" / "measuring.md").read_text()
    assert f"pipx inject kb-briefs {extra}\n".replace("'", '"') in guide


def refused(outcome: tuple[int, str, str], said: str) -> None:
    """Exit code 2, and one line that says what is wrong."""
    code, out, err = outcome
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("kb: ")
    assert said in err


def test_the_questions_are_left_alone_when_the_folder_is_ingested(ask: Ask, home: Path) -> None:
    shutil.copytree(CORPUS, home / "briefs")
    ask("init", "--model", "hashing", home / "words")
    code, _, err = ask("--kb", home / "words", "ingest", home / "briefs")
    assert code == 0
    assert "questions.jsonl: its records have no title" in err
