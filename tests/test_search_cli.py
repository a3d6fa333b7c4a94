"""kb search and kb show from the command line: questions, files of questions, references."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb.cli import run

Ask = Callable[..., tuple[int, str, str]]
KB = (sys.executable, "-c", "from kb.cli import main; main()")

TOLLS = """---
title: Tolls in four cities
authors: [Jane Roe, Li Wei]
date: 2017-03-12
publisher: Brookings
url: https://example.org/tolls
tags: [transport]
---

# Tolls in four cities

London began its congestion charge in 2003 and raised it twice within ten years of that date.
The proceeds pay for buses, and traffic in the zone fell by about a fifth in the first year,
although the gain was lost again as road space was given to cyclists and to building sites later.

## Stockholm

Stockholm held a trial of seven months before it asked its residents in a referendum in 2006.
People who had seen emptier streets judged the charge by experience rather than by fear, so that
a majority of them voted to keep the cordon and its cameras, which the city then made permanent.

## Singapore

Singapore was first, in 1975, with paper permits that wardens checked by eye at the kerbside.
Electronic gantries replaced them in 1998, and prices now change with the hour and with the speed
of traffic, so that a driver pays more where and when the road would otherwise be standing still.
"""
PENSIONS = """Pensions by default

Employers enrol their workers, who may leave, and contributions go out of the pay packet.

Few people leave, and the self-employed are not reached at all by any of these rules.
"""
PAGE = """<html lang="en"><head><title>Burning forests</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>
<article><h1>Burning forests</h1>
<p>Prescribed burning removes the fuel that would feed a larger fire in the next dry summer.</p>
<p>Smoke is the objection that is heard most often, and planned fires make less of it.</p>
</article><footer><p>© 2025 Example. All rights reserved.</p></footer></body></html>
"""
RECORDS = (
    {"_id": "r1", "title": "Fish", "text": "Quotas limit the catch of cod.", "published": "2019"},
    {"_id": "r2", "title": "Heat", "text": "Shade and water save workers in a heat wave."},
)
SHOWN = "document revision title authors published publisher source sources text passages removed"
PASSAGE = "passage paragraph start end text heading page page_end page_label page_label_end"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base of five small briefs, and beside it the folder that they came from."""
    folder = tmp_path_factory.mktemp("base")
    briefs = folder / "briefs"
    briefs.mkdir()
    (briefs / "tolls.md").write_text(TOLLS)
    (briefs / "pensions.txt").write_text(PENSIONS)
    (briefs / "page.html").write_text(PAGE)
    (briefs / "records.jsonl").write_text("".join(json.dumps(r) + "\n" for r in RECORDS))
    assert run(["init", str(folder / "kb"), "--model", "hashing"]) == 0
    assert run(["--kb", str(folder / "kb"), "ingest", str(briefs)]) == 0
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base with more passages than a pipe holds."""
    folder = tmp_path_factory.mktemp("many")
    records = [
        {"title": f"Brief {n}", "text": f"Number {n}: " + "the charge pays for buses. " * 20}
        for n in range(400)
    ]
    (folder / "many.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert run(["init", str(folder / "kb"), "--model", "hashing"]) == 0
    assert run(["--kb", str(folder / "kb"), "ingest", str(folder / "many.jsonl")]) == 0
    return folder / "kb"


@pytest.fixture
def kb_dir(base: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of `base`, which is the knowledge base that commands use."""
    monkeypatch.setenv("KB_DIR", str(base / "kb"))
    return base


@pytest.fixture
def search(kb_dir: Path, ask: Ask) -> Ask:
    """Runs `kb search` over `base`."""
    return lambda *arguments: ask("search", *arguments)


@pytest.fixture
def found(search: Ask) -> Callable[..., dict[str, Any]]:
    """Runs `kb search --format json` and gives its object; the exit code must fit it."""

    def call(*arguments: str) -> dict[str, Any]:
        code, out, _ = search("--format", "json", *arguments)
        answer: dict[str, Any] = json.loads(out)
        assert code == (0 if answer["hits"] else 1)
        return answer

    return call


def refused(result: tuple[int, str, str], *words: str) -> None:
    """That a command ended with code 2 and one line on stderr that holds these words."""
    code, out, err = result
    assert (code, out) == (2, "")
    assert re.fullmatch(r"kb: [^\n]+\n", err)
    for word in words:
        assert word in err


def references(answer: dict[str, Any]) -> list[str]:
    """The passages of an answer, best first."""
    return [hit["passage"] for hit in answer["hits"]]


# --- one question


def test_the_best_passage_comes_first_with_its_citation(search: Ask) -> None:
    code, out, err = search("Stockholm referendum", "-n", "1")
    assert (code, err) == (0, "")
    assert out.startswith("1. Tolls in four cities\n   Stockholm\n\n │ Stockholm held a trial")
    assert (
        "Jane Roe and Li Wei, “Tolls in four cities”, Brookings, 12 March 2017, para. 2, "
        "https://example.org/tolls" in " ".join(out.split())
    )
    assert re.search(r"\n   tolls-four-cities#2   score \d\.\d\d\n$", out)


@pytest.mark.parametrize("question", ["", " ", "\n\t "])
def test_an_empty_question_is_an_error(search: Ask, question: str) -> None:
    refused(search(question), "empty", 'kb search "')


def test_no_question_or_two_sorts_of_them(search: Ask) -> None:
    refused(search(), "QUESTION", "--questions")
    refused(search("who", "--questions", "file"), "QUESTION", "--questions")


def test_a_question_of_stop_words(found: Callable[..., dict[str, Any]]) -> None:
    assert len(references(found("who is it"))) == 5
    by_words = found("at all by any of these", "--mode", "keyword")
    assert references(by_words)[0].startswith("pensions-default")


@pytest.mark.parametrize(
    "question",
    ['"cod', "cod*", "NEAR(cod quotas, 2)", "cod AND", "NOT cod", "cod OR", "^cod", "text:cod",
     "cod - quotas", "(cod", "cod)", '"cod" + "quotas"', "{text}: cod", "cod'; --"],
)  # fmt: skip
def test_the_syntax_of_full_text_search_is_words(
    found: Callable[..., dict[str, Any]], question: str
) -> None:
    for mode in ("hybrid", "keyword"):
        assert references(found(question, "--mode", mode))[0] == "fish#1"


def test_a_question_may_begin_with_what_it_excludes(
    found: Callable[..., dict[str, Any]], search: Ask
) -> None:
    assert "fish#1" in references(found("--", "cod"))
    assert "fish#1" not in references(found("--", "-cod who pays"))
    assert search("--", "-cod")[0] == 2


def test_a_question_with_bytes_that_are_no_text(search: Ask) -> None:
    code, out, _ = search("caf\udce9 cod", "--mode", "keyword")
    assert code == 0
    assert out.startswith("1. Fish")


def test_a_long_question_is_cut_with_a_note(search: Ask) -> None:
    question = ("Which limits are set on the catch of cod, and by whom? " * 200)[:10_000]
    code, out, err = search(question, "--format", "json", "--exact")
    assert code == 0
    kept = re.fullmatch(r"note: a long question: only its first (\d+) words were used\n", err)
    assert kept
    answer = json.loads(out)
    assert answer["question"] == question
    # the first words give the same answer, and need no note
    short = " ".join(question.split()[: int(kept[1])])
    _, same, silence = search(short, "--format", "json", "--exact")
    assert silence == ""
    assert json.loads(same)["hits"] == answer["hits"]
    _, _, one_more = search(f"{short} more", "--format", "json", "--exact")
    assert "only its first" in one_more


def test_one_endless_word_is_a_question(search: Ask) -> None:
    code, out, err = search("a" * 10_000)
    assert code == 0
    assert out
    code, _, err = search("水," * 5_000)
    assert code == 0
    assert err.startswith("note: a long question")


def test_nothing_found(search: Ask) -> None:
    for form, out in (
        ("text", "Nothing found.\n"),
        ("markdown", "## zebra\n\nNothing found.\n"),
        ("csv", "rank,score,confidence,passage,title,authors,published,page,text,citation\r\n"),
    ):
        assert search("zebra", "--mode", "keyword", "--format", form) == (1, out, "")
    code, out, _ = search("zebra", "--mode", "keyword", "--format", "jsonl")
    answer = json.loads(out)
    assert code == 1
    assert (answer["answered"], answer["hits"]) == (False, [])


def test_without_a_knowledge_base(home: Path, ask: Ask) -> None:
    refused(ask("search", "who pays"), "there is no knowledge base", "kb ingest")
    refused(ask("show", "key"), "there is no knowledge base", "kb ingest")
    folder = home / "my briefs"
    refused(ask("--kb", folder, "search", "who pays"), f"kb --kb '{folder}' ingest")
    assert not folder.exists()


def test_with_nothing_ingested_yet(home: Path, ask: Ask) -> None:
    ask("init", "--model", "hashing")
    assert ask("search", "who pays") == (1, "Nothing found.\n", "note: nothing is ingested yet\n")


def test_how_many(found: Callable[..., dict[str, Any]], search: Ask) -> None:
    everything = references(found("the charge", "-n", "1000"))
    assert len(everything) == len(set(everything)) == 7
    assert references(found("the charge")) == everything[:5]
    assert references(found("the charge", "-n", "1")) == everything[:1]
    for number in ("0", "-1", "1001", "1.5", "many", ""):
        refused(search("the charge", "-n", number), "'-n'", "kb search --help")


def test_modes(found: Callable[..., dict[str, Any]], search: Ask) -> None:
    scores = {
        mode: {hit["passage"]: hit["score"] for hit in found("cod quotas", "--mode", mode)["hits"]}
        for mode in ("hybrid", "semantic", "keyword")
    }
    assert set(scores["keyword"]) == {"fish#1"}
    assert len(scores["semantic"]) == 5
    assert scores["semantic"]["fish#1"] + 0.3 * scores["keyword"]["fish#1"] == pytest.approx(
        scores["hybrid"]["fish#1"], abs=2e-6
    )
    assert found("cod quotas")["hits"] == found("cod quotas", "--mode", "hybrid")["hits"]
    refused(search("cod", "--mode", "fuzzy"), "fuzzy", "hybrid", "semantic", "keyword")
    refused(search("cod", "--format", "xml"), "xml", "markdown")


def test_context_shows_the_neighbours(found: Callable[..., dict[str, Any]], search: Ask) -> None:
    question = ("Stockholm referendum", "-n", "1")
    assert "context" not in found(*question)["hits"][0]
    for context, before, after in ((1, [1], [3]), (20, [1], [3])):
        (hit,) = found(*question, "--context", str(context))["hits"]
        for side, ordinals in (("before", before), ("after", after)):
            near = hit["context"][side]
            assert [one["passage"] for one in near] == [f"tolls-four-cities#{n}" for n in ordinals]
            assert all(list(one) == PASSAGE.split() for one in near)
    _, out, _ = search(*question, "--context", "1")
    order = [out.index(word) for word in ("London", "Stockholm held", "Singapore", "Jane Roe")]
    assert order == sorted(order)
    refused(search(*question, "--context", "21"), "--context")
    refused(search(*question, "--context", "-1"), "--context")


def test_the_quote_of_every_format_stands_in_the_document(
    found: Callable[..., dict[str, Any]], search: Ask, ask: Ask
) -> None:
    """Law 7."""
    question = ("People judged the charge by experience", "-n", "3")
    hits = found(*question)["hits"]
    assert len(hits) == 3
    texts = {}
    for hit in hits:
        shown = json.loads(ask("show", hit["document"], "--format", "json")[1])
        texts[hit["document"]] = shown["text"]
        assert shown["text"][hit["start"] : hit["end"]] == hit["text"]
    rows = list(csv.DictReader(io.StringIO(search(*question, "--format", "csv")[1], newline="")))
    assert [row["text"] for row in rows] == [hit["text"] for hit in hits]
    for form in ("text", "markdown"):
        out = search(*question, "--format", form)[1].replace("\n>", "\n").replace("\n │ ", "\n")
        out = out.replace("**", "")
        for hit in hits:
            quote = " ".join(hit["text"].split())
            assert quote in " ".join(out.split())
            assert quote in " ".join(texts[hit["document"]].split())


# --- files of questions


def test_questions_a_line_each(search: Ask, home: Path) -> None:
    (home / "q.txt").write_text("\ufeffcod quotas\n\n  Stockholm referendum \r\n\t\nheat wave\n")
    code, out, err = search("--questions", "q.txt", "-n", "1")
    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [answer["question"] for answer in answers] == [
        "cod quotas",
        "Stockholm referendum",
        "heat wave",
    ]
    assert not any("_id" in answer for answer in answers)
    assert [references(answer) for answer in answers] == [
        ["fish#1"],
        ["tolls-four-cities#2"],
        ["heat#1"],
    ]


def test_questions_as_jsonl_keep_their_ids(
    search: Ask, found: Callable[..., dict[str, Any]], home: Path
) -> None:
    asked = [("q2", "cod quotas"), ("q1", "heat wave"), (7, "a\u2028b\x85c cod"), (None, "pays")]
    lines = [json.dumps({"_id": id, "text": text}, ensure_ascii=False) for id, text in asked]
    (home / "q.jsonl").write_text("\n".join(lines))
    code, out, _ = search("--questions", "q.jsonl", "--format", "jsonl")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [answer.get("_id") for answer in answers] == ["q2", "q1", "7", None]
    assert list(answers[0])[:2] == ["_id", "question"]
    for (_, text), answer in zip(asked, answers, strict=True):
        alone = found(text)
        assert (answer["question"], answer["hits"]) == (text, alone["hits"])


def test_questions_from_standard_input(kb_dir: Path, kb: Any) -> None:
    done = kb("search", "--questions", "-", "-n", "1", stdin="cod quotas\nheat wave\n")
    assert done.returncode == 0
    assert [references(json.loads(line)) for line in done.stdout.splitlines()] == [
        ["fish#1"],
        ["heat#1"],
    ]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"_id": "x"}', "no text"),
        ('{"text": ""}', "no text"),
        ('{"text": 5}', "no text"),
        ('{"text": "cod"', "not JSON"),
        ("{}", "no text"),
    ],
)
def test_a_bad_line_is_named_by_its_number(search: Ask, home: Path, line: str, what: str) -> None:
    (home / "q.jsonl").write_text(f'{{"text": "cod"}}\n\n{line}\n{{"text": "heat"}}\n')
    refused(search("--questions", "q.jsonl"), "q.jsonl line 3: ", what, '{"_id": …, "text": …}')


def test_one_question_without_an_answer(search: Ask, home: Path) -> None:
    (home / "q.txt").write_text("cod\nzebra\nheat\n")
    code, out, _ = search("--questions", "q.txt", "--mode", "keyword")
    assert code == 1
    assert [json.loads(line)["answered"] for line in out.splitlines()] == [True, False, True]


def test_questions_are_answered_as_jsonl_alone(search: Ask, home: Path) -> None:
    (home / "q.txt").write_text("cod\n")
    for form in ("text", "json", "csv", "markdown"):
        refused(search("--questions", "q.txt", "--format", form), "JSONL", "--format")
    refused(search("--questions", "q.txt", "--json"), "JSONL", "leave --json out")


def test_questions_that_cannot_be_read(search: Ask, home: Path) -> None:
    (home / "empty").write_text(" \n\n")
    (home / "latin").write_bytes("café\n".encode("latin-1"))
    refused(search("--questions", "missing"), "missing: ", "No such file")
    refused(search("--questions", "."), ".: ")
    refused(search("--questions", "empty"), "empty: no question")
    refused(search("--questions", "latin"), "latin: not UTF-8")


# --- kb show


@pytest.fixture
def show(kb_dir: Path, ask: Ask) -> Ask:
    """Runs `kb show` over `base`."""
    return lambda *arguments: ask("show", *arguments)


def test_a_document_as_json_has_the_keys_of_the_contract(show: Ask, base: Path) -> None:
    code, out, err = show("tolls-four-cities", "--format", "json")
    made = json.loads(out)
    assert (code, err) == (0, "")
    assert list(made) == SHOWN.split()
    assert made["document"] == "tolls-four-cities"
    assert re.fullmatch("[0-9a-f]{8}", made["revision"])
    assert made["title"] == "Tolls in four cities"
    assert made["authors"] == ["Jane Roe", "Li Wei"]
    assert (made["published"], made["publisher"]) == ("2017-03-12", "Brookings")
    assert made["source"] == made["sources"][0]["uri"] == str(base / "briefs" / "tolls.md")
    assert list(made["sources"][0]) == ["uri", "sha256", "media_type", "reader", "read_at"]
    assert [one["passage"] for one in made["passages"]] == [
        f"tolls-four-cities#{n}" for n in (1, 2, 3)
    ]
    for one in made["passages"]:
        assert list(one) == PASSAGE.split()
        assert made["text"][one["start"] : one["end"]] == one["text"]
    assert made["passages"][1]["heading"] == ["Stockholm"]
    assert made["removed"] == []


def test_what_is_unknown_is_null(show: Ask) -> None:
    made = json.loads(show("heat", "--format", "json")[1])
    assert (made["published"], made["publisher"], made["authors"]) == (None, None, [])
    (one,) = made["passages"]
    assert [one[key] for key in ("page", "page_end", "page_label", "page_label_end")] == [None] * 4
    assert made["source"].endswith("records.jsonl#r2")


def test_a_document_as_text(show: Ask) -> None:
    code, out, _ = show("tolls-four-cities")
    assert code == 0
    assert out.startswith("Tolls in four cities\n\nBy         Jane Roe and Li Wei\n")
    for line in ("Published  2017-03-12", "Publisher  Brookings", "Tags       transport"):
        assert f"\n{line}\n" in out
    order = [out.index(word) for word in ("#1", "London", "Stockholm\n", "#2", "Singapore\n", "#3")]
    assert order == sorted(order)


def test_a_passage_with_its_surroundings(show: Ask) -> None:
    code, out, _ = show("tolls-four-cities#2")
    assert code == 0
    order = [out.index(word) for word in ("London", "Stockholm held", "Singapore", "“Tolls in")]
    assert order == sorted(order)
    pinned = out.split()[-1]
    assert re.fullmatch("tolls-four-cities@[0-9a-f]{8}#2", pinned)
    assert show(pinned) == (0, out, "")
    _, alone, _ = show("tolls-four-cities#2", "--context", "0")
    assert "London" not in alone
    assert "Singapore" not in alone


def test_a_passage_as_json_is_the_one_that_search_finds(
    show: Ask, found: Callable[..., dict[str, Any]]
) -> None:
    (hit,) = found("Stockholm referendum", "-n", "1")["hits"]
    made = json.loads(show(hit["passage"], "--format", "json")[1])
    assert list(made) == [*PASSAGE.split(), "pinned", "citation", "before", "after"]
    for key in (*PASSAGE.split(), "pinned", "citation"):
        assert made[key] == hit[key]
    assert [one["passage"] for one in made["before"]] == ["tolls-four-cities#1"]
    assert [one["passage"] for one in made["after"]] == ["tolls-four-cities#3"]


def test_what_was_left_out_is_shown_with_the_reason(show: Ask) -> None:
    code, out, _ = show("burning-forests", "--removed", "--format", "json")
    assert code == 0
    removed = json.loads(out)["removed"]
    assert removed == json.loads(show("burning-forests", "--format", "json")[1])["removed"]
    assert [one["n"] for one in removed] == list(range(1, len(removed) + 1))
    assert all(list(one) == ["n", "text", "reason"] and one["reason"] for one in removed)
    assert any("All rights reserved" in one["text"] for one in removed)
    _, text, _ = show("burning-forests", "--removed")
    assert "All rights reserved" in text
    assert text.startswith(f"1. {removed[0]['reason']}\n")
    assert show("heat", "--removed")[:2] == (0, "Nothing was left out.\n")


@pytest.mark.parametrize("name", ["tolls.md", "pensions.txt", "page.html"])
def test_the_original_is_given_byte_for_byte(kb_dir: Path, ask: Ask, name: str) -> None:
    listed = json.loads(ask("list", "--json")[1])["documents"]
    path = kb_dir / "briefs" / name
    (key,) = [one["document"] for one in listed if one["source"] == str(path)]
    done = subprocess.run([*KB, "show", key, "--original"], capture_output=True, check=True)
    assert done.stdout == path.read_bytes()
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("nowhere", ("nowhere: no such document", "kb list")),
        ("nowhere#1", ("nowhere: no such document", "kb list")),
        ("heat#9", ("heat#9", "passages 1 to 1")),
        ("heat@00000000", ("no such revision",)),
        ("heat@00000000#1", ("no such revision",)),
        ("Tolls in four cities", ("is not a reference", "Is it tolls-four-cities?")),
        ("briefs/tolls.md", ("no such document", "Is it tolls-four-cities?")),
        ("my briefs/tolls.md", ("is not a reference", "Is it tolls-four-cities?")),
        ("Sugar taxes in Mexico", ("is not a reference", "KEY#7")),
        ("heat#0", ("not a reference", "KEY#7")),
        ("heat#x", ("not a reference",)),
        ("heat@xyz", ("not a reference",)),
        ("", ("not a reference",)),
        ("#1", ("not a reference",)),
    ],
)
def test_references_to_nothing(show: Ask, reference: str, words: tuple[str, ...]) -> None:
    refused(show(reference), *words)
    if not reference.startswith("heat#9"):  # the document is there
        refused(show(reference, "--original"), *words)
        refused(show(reference, "--removed"), *words)


@pytest.mark.parametrize("command", [("search", "who pays"), ("show", "heat"), ("show", "heat#1")])
def test_json_is_the_format_json(kb_dir: Path, ask: Ask, command: tuple[str, ...]) -> None:
    def printed(*options: str) -> Any:
        made = json.loads(ask(*command, *options)[1])
        made.pop("took_ms", None)
        return made

    assert printed("--json") == printed("--format", "json") == printed("--json", "--format", "json")
    for form in ("text",) if command[0] == "show" else ("text", "csv", "jsonl"):
        both = ask(*command, "--json", "--format", form)
        refused(both, f"--json and --format {form} contradict each other")


def test_dates_the_wrong_way_round(search: Ask) -> None:
    refused(
        search("cod", "--since", "2022", "--until", "March 2020"),
        "--since 2022 --until 2020-03: the dates are the wrong way round",
    )
    assert search("cod", "--since", "2019-06", "--until", "2019")[0] == 0


def test_one_thing_at_a_time(show: Ask) -> None:
    refused(show("heat", "--removed", "--original"), "--removed", "--original")


def test_pinned_references_outlive_changes_and_removal(home: Path, ask: Ask) -> None:
    """Law 1: for ever."""
    brief = home / "brief.txt"
    brief.write_text("Charges\n\nThe charge is five pounds a day.\n")
    ask("init", "--model", "hashing")
    ask("ingest", "brief.txt")
    first = json.loads(ask("search", "charge", "--format", "json")[1])["hits"][0]
    brief.write_text("Charges\n\nThe charge is eight pounds a day.\n")
    assert ask("ingest", "brief.txt")[0] == 0
    second = json.loads(ask("search", "charge", "--format", "json")[1])["hits"][0]
    assert first["pinned"] != second["pinned"]
    assert first["passage"] == second["passage"]

    def shown(reference: str) -> str:
        code, out, _ = ask("show", reference, "--format", "json")
        assert code == 0
        return str(json.loads(out)["text"])

    assert "five" in shown(first["pinned"])
    assert "eight" in shown(second["pinned"])
    assert "eight" in shown(second["passage"])
    assert ask("search", "five", "--mode", "keyword")[0] == 1

    assert ask("remove", first["document"])[0] == 0
    refused(ask("show", first["passage"]), "taken out of search", second["pinned"].split("#")[0])
    assert "five" in shown(first["pinned"])
    assert "eight" in shown(second["pinned"])
    assert "five" in shown(first["pinned"].split("#")[0])


# --- at a terminal and in a pipe


def at_terminal(*arguments: str, **environment: str) -> str:
    """What a command prints when its output is a terminal of 60 columns."""
    control, screen = pty.openpty()
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment = {"COLUMNS": "60", "TERM": "xterm", **environment}
    process = subprocess.Popen(
        [*KB, *arguments], stdin=screen, stdout=screen, stderr=screen, env=known | environment
    )
    os.close(screen)
    printed = b""
    with contextlib.suppress(OSError):  # Linux ends a terminal's output with EIO
        while data := os.read(control, 65536):
            printed += data
    os.close(control)
    assert process.wait(timeout=60) == 0
    return printed.decode().replace("\r\n", "\n")


def test_stored_text_cannot_command_the_terminal(home: Path, ask: Ask) -> None:
    name = "evil\x1b[2J\x07.jsonl"
    record = {
        "text": "A cod\x1b[31m is red\x9b0m.\n\nAnd \u202egnilaer\u202c blue.",
        "title": "Title\x1b]0;owned\x07 of cod",
        "author": "Jane\x1b[1m Roe",
        "publisher": "Press\x08\x08",
        "tags": ["a\x1b[5m"],
        "_id": "1\x1b",
    }
    (home / name).write_text(json.dumps(record))
    ask("init", "--model", "hashing")
    assert ask("ingest", name)[0] == 0
    key = json.loads(ask("list", "--json")[1])["documents"][0]["document"]
    obeyed = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    for command in (
        ["search", "cod"],
        ["search", "cod", "--format", "markdown"],
        ["show", key],
        ["show", f"{key}#1"],
        ["show", key, "--removed"],
        ["list"],
    ):
        code, out, err = ask(*command)
        assert code == 0
        assert not obeyed.search(out + err)
    # a pipe hides colours that a terminal would show
    for command in (["search", "cod"], ["show", key]):
        assert not obeyed.search(at_terminal(*command, NO_COLOR="1"))


@pytest.mark.parametrize("reader", ["true", "head -1"])
@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_pipe_that_closes_early_is_no_error(
    many: Path, home: Path, monkeypatch: pytest.MonkeyPatch, form: str, reader: str
) -> None:
    monkeypatch.setenv("KB_DIR", str(many))
    monkeypatch.setenv("PYTHON", sys.executable)
    kb = '"$PYTHON" -c "from kb.cli import main; main()"'
    line = f"{{ {kb} search charge -n 400 --format {form}; echo $? > code; }} | {reader}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == (reader != "true")
    assert done.stderr == ""
    assert (home / "code").read_text() == "0\n"


def test_at_a_terminal_evidence_is_bold_and_the_words_asked_for_underlined(
    kb_dir: Path, ask: Ask
) -> None:
    printed = at_terminal("search", "referendum cameras", "-n", "1")
    words = re.findall("\x1b\\[4m(.*?)\x1b\\[24m", printed)
    assert words == ["referendum", "cameras"]
    title, *sentence = re.findall("\x1b\\[1m(.*?)\x1b\\[0m", printed)
    assert title == "Tolls in four cities"
    (hit,) = json.loads(ask("search", "referendum cameras", "-n", "1", "--format", "json")[1])[
        "hits"
    ]
    evidence = re.sub("\x1b\\[[0-9;]*m", "", " ".join(sentence))
    assert evidence == " ".join(hit["evidence"]["text"].split())
    plain = re.sub("\x1b\\[[0-9;]*m", "", printed)
    assert "\x1b" not in plain
    assert max(map(len, plain.split("\n"))) <= 60
    _, piped, _ = ask("search", "referendum cameras", "-n", "1")
    assert plain.split() == piped.replace("\n │ ", "\n").split()
    assert "\n │ " in piped
    assert "\x1b" not in piped


def test_evidence_stands_in_the_document(found: Callable[..., dict[str, Any]], ask: Ask) -> None:
    """Law 7, of the sentence that is set off."""
    for more in ((), ("--no-rerank",), ("--mode", "keyword")):
        for hit in found("who pays the charge", *more)["hits"]:
            if (evidence := hit["evidence"]) is not None:
                shown = json.loads(ask("show", hit["document"], "--format", "json")[1])["text"]
                assert shown[evidence["start"] : evidence["end"]] == evidence["text"]
                assert hit["start"] <= evidence["start"] < evidence["end"] <= hit["end"]


def test_without_reranking_the_first_order_stands(found: Callable[..., dict[str, Any]]) -> None:
    again = found("who pays the charge")["hits"]
    first = found("who pays the charge", "--no-rerank")["hits"]
    assert {hit["passage"] for hit in again} == {hit["passage"] for hit in first}
    scores = {hit["passage"]: hit["score"] for hit in first}
    assert all(hit["score"] >= scores[hit["passage"]] for hit in again)
    assert any(hit["score"] > scores[hit["passage"]] for hit in again)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(kb_dir: Path, environment: dict[str, str]) -> None:
    printed = at_terminal("search", "referendum cameras", "-n", "1", **environment)
    assert "referendum" in printed
    assert "\x1b" not in printed


def test_a_pipe_is_as_wide_as_ever(search: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    _, out, _ = search("referendum cameras", "-n", "1")
    assert 70 < max(map(len, out.split("\n"))) <= 80


def test_an_empty_no_color_says_nothing(kb_dir: Path) -> None:
    assert "\x1b[1m" in at_terminal("search", "referendum", "-n", "1", NO_COLOR="")
