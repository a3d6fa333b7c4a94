"""What a person names becomes sources; bad input is refused by name, and the rest is taken in."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.discovered import Discovered, LeftAlone, Link, Source
from ingest.sources.files import discover, is_collection
from kb.errors import Refused
from kb.records import Refusal

BRIEF = "A levy on bottles works\n\nThe government raised the levy on bottles in May.\n"
MEGABYTE = 1024 * 1024
Ingest = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def ingest(ask: Callable[..., tuple[int, str, str]]) -> Ingest:
    """Runs `kb ingest --json` into a fresh knowledge base: exit code, report, stderr."""
    assert ask("init", "--model", "hashing")[0] == 0

    def call(*arguments: str | Path) -> tuple[int, dict[str, Any], str]:
        code, out, err = ask("ingest", "--json", *arguments)
        assert "Traceback" not in err
        return code, json.loads(out), err

    return call


@pytest.fixture
def briefs(home: Path) -> Path:
    """A folder with one good brief in it."""
    folder = home / "briefs"
    folder.mkdir()
    (folder / "good.txt").write_text(BRIEF)
    return folder


def refusals(report: dict[str, Any]) -> dict[str, str]:
    """The reasons by the source's name without its folder."""
    return {Path(gone["source"]).name: gone["reason"] for gone in report["refused"]}


def taken(report: dict[str, Any]) -> list[str]:
    """The names of the sources that were added."""
    return [Path(each["source"]).name for each in report["added"]]


def named(*arguments: str | Path, **options: Any) -> list[str]:
    """What is found: names of sources, reasons of refusals and of what is left alone."""
    found = list(discover([str(argument) for argument in arguments], **options))
    assert not any(isinstance(one, Link) for one in found)
    return [
        one.uri.rpartition("/")[2] if isinstance(one, Source) else one.reason
        for one in found
        if not isinstance(one, Link)
    ]


def only(found: list[Discovered]) -> Discovered:
    (one,) = found
    return one


# Bad input: refused by name with the reason, the rest is taken in


def assert_refused(
    ingest: Ingest, folder: Path, name: str, reason: str, others: list[str] | None = None
) -> None:
    code, report, _ = ingest(folder)
    assert code == 1
    assert reason in refusals(report)[name]
    assert taken(report) == (["good.txt"] if others is None else others)


def test_an_empty_file_is_refused(ingest: Ingest, briefs: Path) -> None:
    (briefs / "empty.txt").touch()
    assert_refused(ingest, briefs, "empty.txt", "an empty file")


@pytest.mark.parametrize("name", ["blank.txt", "blank.md", "blank.html"])
def test_a_file_of_blanks_is_refused(ingest: Ingest, briefs: Path, name: str) -> None:
    (briefs / name).write_text(" \n\n\t\n")
    assert_refused(ingest, briefs, name, "no text")


@pytest.mark.parametrize("content", ["", "\n \n"], ids=["empty", "blank"])
def test_a_file_without_records_is_refused(ingest: Ingest, briefs: Path, content: str) -> None:
    (briefs / "none.jsonl").write_text(content)
    reason = "no record in it" if content else "an empty file"
    assert_refused(ingest, briefs, "none.jsonl", reason)
    code, report, _ = ingest(briefs / "none.jsonl")
    assert (code, refusals(report)) == (1, {"none.jsonl": reason})


def test_a_folder_without_a_readable_file_is_refused(ingest: Ingest, home: Path) -> None:
    (home / "bare" / "within").mkdir(parents=True)
    (home / "bare" / ".hidden.txt").write_text(BRIEF)
    code, report, _ = ingest(home / "bare")
    assert code == 1
    assert refusals(report) == {"bare": "no file in this folder that kb can read"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not text but a PNG picture"),
        (bytes(range(256)) * 4, "not text: it holds mostly binary data"),
        (b"%PDF-1.7\n", "not text but a PDF file; give it the ending that fits it"),
        (b"PK\x03\x04", "zip archives); give it the ending that fits it"),
    ],
)
def test_a_binary_file_with_a_text_name_is_refused(
    ingest: Ingest, briefs: Path, content: bytes, reason: str
) -> None:
    (briefs / "picture.txt").write_bytes(content)
    assert_refused(ingest, briefs, "picture.txt", reason)


def test_a_file_of_another_type_is_refused_with_advice(ingest: Ingest, briefs: Path) -> None:
    (briefs / "notes.rst").write_text(BRIEF + "Again.\n")
    assert_refused(ingest, briefs, "notes.rst", "not .rst; text in it is read with --reader plain")
    code, report, _ = ingest("--reader", "plain", briefs)
    assert (code, taken(report)) == (0, ["notes.rst"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(ingest: Ingest, briefs: Path) -> None:
    (briefs / "secret.txt").write_text(BRIEF)
    (briefs / "secret.txt").chmod(0)
    (briefs / "closed").mkdir(mode=0)
    code, report, _ = ingest(briefs)
    assert code == 1
    assert refusals(report) == {"secret.txt": "permission denied", "closed": "permission denied"}
    assert taken(report) == ["good.txt"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")
def test_a_file_whose_reading_fails_is_refused(ingest: Ingest, briefs: Path) -> None:
    """A process's memory opens as a file, and nothing is mapped where it begins."""
    (briefs / "broken.txt").symlink_to("/proc/self/mem")
    assert_refused(ingest, briefs, "broken.txt", "input/output error")


def test_links_that_lead_nowhere_or_round_in_a_circle_are_refused(
    ingest: Ingest, briefs: Path
) -> None:
    (briefs / "lost.txt").symlink_to("nowhere.txt")
    (briefs / "one.txt").symlink_to("two.txt")
    (briefs / "two.txt").symlink_to("one.txt")
    (briefs / "within").mkdir()
    (briefs / "within" / "up").symlink_to(briefs)
    code, report, _ = ingest(briefs)
    assert code == 1
    assert refusals(report) == {
        "lost.txt": "no such file or directory",
        "one.txt": "too many levels of symbolic links",
        "two.txt": "too many levels of symbolic links",
        "up": "a symbolic link that leads back to a folder above it",
    }
    assert taken(report) == ["good.txt"]
    code, report, _ = ingest(briefs / "one.txt")
    assert refusals(report) == {"one.txt": "too many levels of symbolic links"}


def test_links_to_files_and_folders_elsewhere_are_followed(briefs: Path, home: Path) -> None:
    (home / "links").mkdir()
    (home / "links" / "file.txt").symlink_to(briefs / "good.txt")
    (home / "links" / "folder").symlink_to(briefs)
    assert named(home / "links") == ["file.txt", "good.txt"]
    first = next(iter(discover([str(home / "links")])))
    assert isinstance(first, Source)
    assert first.uri == str(home / "links" / "file.txt")


def test_a_text_from_standard_input_is_called_after_its_first_words(kb: Run) -> None:
    assert kb("init", "--model", "hashing").returncode == 0
    assert "  The levy is paid. (1" in kb("ingest", "-", stdin=b"The levy is paid.\n").stdout


def test_a_pipe_is_refused_without_waiting_for_it(kb: Run, briefs: Path) -> None:
    os.mkfifo(briefs / "pipe.txt")
    kb("init", "--model", "hashing")
    for source in (briefs, briefs / "pipe.txt"):
        done = kb("ingest", "--json", source)
        assert done.returncode == 1
        assert refusals(json.loads(done.stdout)) == {"pipe.txt": "not a regular file"}


def test_what_is_not_there_is_refused_and_the_rest_taken_in(ingest: Ingest, briefs: Path) -> None:
    code, report, _ = ingest(briefs / "no.txt", briefs / "*.none", "x" * 5000, briefs / "good.txt")
    assert code == 1
    assert set(refusals(report).values()) == {"no such file or folder"}
    assert len(report["refused"]) == 3
    assert taken(report) == ["good.txt"]


def test_nothing_is_made_where_nothing_can_be_taken_in(
    ask: Callable[..., tuple[int, str, str]], home: Path
) -> None:
    questions = jsonl(home / "questions.jsonl", {"_id": "q1", "text": "Did it rise?"})
    code, out, _ = ask("--kb", "base", "ingest", "--json", "no.txt", ".")
    report = json.loads(out)
    assert code == 1
    assert refusals(report) == {"no.txt": "no such file or folder"}
    assert [left["source"] for left in report["left_alone"]] == [str(questions)]
    assert not (home / "base").exists()


def test_a_file_over_the_limit_is_refused_and_the_limit_can_be_lifted(
    ingest: Ingest, briefs: Path
) -> None:
    for name in ("huge.txt", "huge.jsonl"):
        with (briefs / name).open("wb") as file:
            file.truncate(101 * MEGABYTE)
    assert_refused(ingest, briefs, "huge.txt", "101 MB or more; the limit is 100 MB")
    assert_refused(ingest, briefs, "huge.jsonl", "101 MB or more; the limit is 100 MB", others=[])
    code, report, _ = ingest("--max-size", "102", briefs / "huge.txt")
    assert code == 1
    assert refusals(report) == {"huge.txt": "not text: it holds mostly binary data"}


def test_the_limit_is_in_megabytes(ingest: Ingest, briefs: Path) -> None:
    code, report, _ = ingest("--max-size", "0.00001", briefs)
    assert code == 1
    assert "Lift it with --max-size MB" in refusals(report)["good.txt"]
    code, report, _ = ingest("--max-size", "1000000000", briefs)
    assert (code, taken(report)) == (0, ["good.txt"])


@pytest.mark.parametrize("size", ["0", "-1", "inf", "much"])
def test_a_limit_that_is_none_is_an_error(ask: Callable[..., Any], briefs: Path, size: str) -> None:
    code, _, err = ask("ingest", "--max-size", size, briefs)
    assert code == 2
    assert "--max-size" in err
    assert "did not foresee" not in err


def test_a_file_that_grows_after_it_was_found_is_refused(briefs: Path) -> None:
    found = only(list(discover([str(briefs / "good.txt")], max_size=100)))
    assert isinstance(found, Source)
    (briefs / "good.txt").write_text(BRIEF * 3)
    with pytest.raises(Refused, match="the limit is"):
        found.load()
    (briefs / "good.txt").unlink()
    with pytest.raises(Refused, match="no such file"):
        found.load()


@pytest.mark.parametrize(
    "text",
    [
        "A levy\rThe levy rose.\r\rIt fell.\r",
        "ضريبة على الزجاجات\n\nرفعت الحكومة الضريبة على الزجاجات في مايو.\n",
        "מס על בקבוקים\n\nהממשלה העלתה את המס על בקבוקים במאי.\n",
        "the levy rose and " * 500,
        "levy " * 100_000,
    ],
    ids=["lone CR", "Arabic", "Hebrew", "no paragraph break", "100,000 words"],
)
def test_odd_text_is_taken_in_and_the_laws_hold(
    ingest: Ingest, ask: Callable[..., tuple[int, str, str]], home: Path, text: str
) -> None:
    (home / "odd.txt").write_bytes(text.encode())
    code, report, _ = ingest("odd.txt")
    assert code == 0
    key = report["added"][0]["document"]
    shown = json.loads(ask("show", key, "--format", "json")[1])
    assert shown["text"].split() == text.split()
    for passage in shown["passages"]:
        assert shown["text"][passage["start"] : passage["end"]] == passage["text"]
    words = [word for passage in shown["passages"] for word in passage["text"].split()]
    assert words == text.split() or [*shown["title"].split(), *words] == text.split()
    code, out, err = ask("verify")
    assert code == 0, out + err


def test_odd_bytes_are_counted_in_the_report(ingest: Ingest, home: Path) -> None:
    (home / "odd.txt").write_bytes(BRIEF.encode() + b"na\xefve, a nul \0 and a bell \a" * 9)
    code, report, _ = ingest("odd.txt")
    assert code == 0
    assert report["added"][0]["notes"] == [
        "read as Windows-1252",
        "18 control characters became spaces",
    ]


@pytest.mark.long
def test_fifty_megabytes_are_taken_in_in_bounded_memory(
    home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """840 MB when this was written; a typographic quote makes each character two bytes."""
    sentence = "The levy on “bottles” number {} was raised again in the month of May."
    with (home / "fifty.txt").open("w", encoding="utf-8") as file:
        number = 0
        while file.tell() < 50 * MEGABYTE:
            sentences = (sentence.format(number + each) for each in range(8))
            file.write(" ".join(sentences) + "\n\n")
            number += 8
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from kb.cli import run\n"
        "run(['init', '--model', 'hashing'])\n"
        "code = run(['ingest', 'fifty.txt'])\n"
        "status = Path('/proc/self/status')\n"
        "if status.exists():\n"  # ru_maxrss is at least what the process held that began this one
        "    print(status.read_text().partition('VmHWM:')[2].split()[0])\n"
        "else:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    peak = int(done.stdout.split()[-1]) * unit / MEGABYTE
    with capfd.disabled():
        print(f"\npeak memory for 50 MB of text: {peak:,.0f} MB")  # noqa: T201 - a figure
    assert peak < 1500
    assert peak > 50 + resource.getpagesize() / MEGABYTE  # it was measured at all


# JSONL


def jsonl(path: Path, *lines: str | bytes | dict[str, Any]) -> Path:
    encoded = (json.dumps(line) if isinstance(line, dict) else line for line in lines)
    path.write_bytes(
        b"\n".join(line if isinstance(line, bytes) else line.encode() for line in encoded) + b"\n"
    )
    return path


def test_a_bad_line_is_refused_by_its_number_and_the_others_are_taken_in(
    ingest: Ingest, home: Path
) -> None:
    file = jsonl(
        home / "briefs.jsonl",
        {"_id": "one", "title": "One", "text": "The first."},
        "{broken",
        {"_id": "no", "title": "No text"},
        "",
        '{"text": "half \\ud83d", "title": "x"}',
        '{"text": "x", "title": "x", "authors": ["\\ud83d"]}',
        '{"text": "x", "title": "x", "more": {"\\udc00": 1}}',
        b'{"text": "\xff", "title": "x"}',
        {"_id": "two", "title": "Two", "text": "The second."},
        {"_id": "one", "title": "One again", "text": "The third."},
        "[]",
        {"title": "Three", "text": "The fourth."},
        {"title": "Three", "text": "The fourth."},
        {"title": "Blank", "text": " \n"},
    )
    code, report, _ = ingest(file)
    assert code == 1
    reasons = {gone["source"].removeprefix(f"{file}"): gone["reason"] for gone in report["refused"]}
    assert list(reasons) == [
        " line 2",
        " line 3",
        " line 5",
        " line 6",
        " line 7",
        " line 8",
        " line 10",
        " line 11",
        " line 13",
        next(name for name in reasons if name.startswith("#")),
    ]
    assert "not JSON" in reasons[" line 2"]
    assert reasons[" line 3"] == "a record without text"
    assert all("lone surrogate" in reasons[f" line {line}"] for line in (5, 6, 7))
    assert "not JSON" in reasons[" line 8"]
    assert reasons[" line 10"] == "the _id 'one' was given on line 1 already"
    assert reasons[" line 13"] == "the same record stands on line 12"
    assert [each["title"] for each in report["added"]] == ["One", "Two", "Three"]
    assert [each["source"] for each in report["added"]][:2] == [f"{file}#one", f"{file}#two"]


def test_records_are_found_in_a_folder_and_questions_left_alone(
    ingest: Ingest, briefs: Path
) -> None:
    jsonl(briefs / "records.jsonl", {"_id": "r", "title": "Record", "text": "It rose."})
    questions = jsonl(briefs / "questions.jsonl", {"_id": "q1", "text": "Did it rise?"})
    code, report, _ = ingest(briefs)
    assert code == 0
    assert [Path(each["source"]).name for each in report["added"]] == [
        "good.txt",
        "records.jsonl#r",
    ]
    assert report["left_alone"] == [
        {"source": str(questions), "reason": "its records have no title, so they are no briefs"}
    ]
    code, report, _ = ingest(questions)  # named, it is taken at its word
    assert code == 0
    assert [each["title"] for each in report["added"]] == ["Did it rise?"]


def test_a_person_is_told_what_was_left_alone(
    ingest: Ingest, ask: Callable[..., tuple[int, str, str]], briefs: Path
) -> None:
    questions = jsonl(briefs / "questions.jsonl", {"_id": "q1", "text": "Did it rise?"})
    code, _, err = ask("ingest", briefs)
    assert code == 0
    assert f"left alone: {questions}: its records have no title, so they are no briefs" in err


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(home: Path) -> None:
    file = home / "dos.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"_id": "a", "text": "x"}\r\n{"_id": "b", "text": "y"}\r\n')
    found = [one for one in discover([str(file)]) if isinstance(one, Source)]
    assert [one.uri for one in found] == [f"{file}#a", f"{file}#b"]
    assert [one.load() for one in found] == [
        b'{"_id": "a", "text": "x"}',
        b'{"_id": "b", "text": "y"}',
    ]


@given(st.lists(st.text('abc {}"\\\n', max_size=12), max_size=6), st.booleans())
def test_each_record_loads_its_own_line(texts: list[str], last: bool) -> None:
    lines = [json.dumps({"_id": number, "text": text}) for number, text in enumerate(texts)]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "records.jsonl"
        file.write_text("\n\n".join(lines) + "\n" * last)
        found = [one for one in discover([str(file)]) if isinstance(one, Source)]
        assert [json.loads(one.load())["text"] for one in found] == texts


# What is found, and in which order


def test_a_folder_is_walked_in_the_order_of_names(home: Path) -> None:
    for name in ("b/2.md", "b/1.txt", "a.html", "c.txt", "b.txt", "B.txt", "b/a/x.markdown"):
        path = home / "walk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BRIEF)
    found = [one for one in discover([str(home / "walk")]) if isinstance(one, Source)]
    assert [one.uri.removeprefix(f"{home}/walk/") for one in found] == [
        "B.txt",
        "a.html",
        "b/1.txt",
        "b/2.md",
        "b/a/x.markdown",
        "b.txt",
        "c.txt",
    ]
    assert [one.media_type for one in found[:4]] == [
        "text/plain",
        "text/html",
        "text/plain",
        "text/markdown",
    ]


def test_hidden_files_and_knowledge_bases_in_a_folder_are_skipped(
    ask: Callable[..., tuple[int, str, str]], briefs: Path
) -> None:
    (briefs / ".git").mkdir()
    (briefs / ".git" / "config.txt").write_text(BRIEF)
    (briefs / ".hidden.txt").write_text(BRIEF)
    ask("init", briefs / "base", "--model", "hashing")
    ask("--kb", briefs / "base", "ingest", briefs)
    assert any((briefs / "base" / "originals").rglob("*")), "originals without a suffix lie there"
    assert named(briefs) == ["good.txt"]
    assert named(briefs / ".git") == ["config.txt"]
    assert named(briefs / ".hidden.txt") == [".hidden.txt"]
    assert named(briefs / "base") == ["no file in this folder that kb can read"]


def test_patterns_are_expanded_where_the_shell_did_not(
    briefs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.md", "b.md", "within/c.md", "[draft].txt"):
        (briefs / name).parent.mkdir(exist_ok=True)
        (briefs / name).write_text(BRIEF)
    assert named(briefs / "*.md") == ["a.md", "b.md"]
    assert named(briefs / "**" / "*.md") == ["a.md", "b.md", "c.md"]
    assert named(briefs / "?.md", briefs / "b.*") == ["a.md", "b.md"]
    assert named(briefs / "[draft].txt") == ["[draft].txt"]  # a file of that very name
    (briefs / "-").write_text(BRIEF)
    monkeypatch.chdir(briefs)
    assert named("?") == ["-"]  # a file, not standard input


def test_a_source_named_twice_is_one(briefs: Path, home: Path) -> None:
    ways: list[str | Path] = [
        briefs,
        briefs / "good.txt",
        "briefs/good.txt",
        "./briefs/../briefs/*.txt",
    ]
    assert named(*ways) == ["good.txt"]


def test_one_title_is_not_given_to_many_documents(
    ask: Callable[..., tuple[int, str, str]], briefs: Path
) -> None:
    (briefs / "more.txt").write_text(BRIEF)
    jsonl(briefs / "records.jsonl", {"title": "One", "text": "x"})
    for sources in (
        [briefs],
        [briefs / "*.txt"],
        [briefs / "good.txt", briefs / "more.txt"],
        [briefs / "records.jsonl"],
    ):
        code, _, err = ask("ingest", "--title", "A levy", *sources)
        assert code == 2
        assert "belong to one document" in err
    assert not is_collection(str(briefs / "good.txt"))
    assert not is_collection("-")


@pytest.mark.parametrize(
    "name",
    [
        b"two words.txt",
        "été – 政府.txt".encode(),
        b"caf\xe9.txt",
        b"line\nend.txt",
        b"esc\x1b[31m.txt",
        b"#1@2.txt",
        b"-.txt",
        b"--json.txt",
        b"no suffix",
        b"UPPER.TXT",
        b"question?.txt",
    ],
    ids=repr,
)
def test_a_file_of_any_name_is_taken_in_found_again_and_shown(
    ingest: Ingest, ask: Callable[..., tuple[int, str, str]], briefs: Path, name: bytes
) -> None:
    text = "the levy on bottles was raised, and then it fell again"  # its title is the file's name
    (briefs / "good.txt").unlink()
    path = Path(os.fsdecode(os.fsencode(briefs) + b"/" + name))
    path.write_text(text)
    code, report, _ = ingest(briefs)
    assert (code, len(report["added"])) == (0, 1)
    added = report["added"][0]
    assert added["source"].encode().decode("utf-8") == added["source"]
    assert added["title"]
    code, report, _ = ingest(path)
    assert (code, report["unchanged"]) == (0, 1)
    code, out, _ = ask("show", added["document"], "--format", "json")
    assert code == 0
    assert json.loads(out)["text"] == text
    for form in ("text", "json", "csv", "markdown"):
        assert ask("search", "levy on bottles", "--format", form)[0] == 0
    path.write_text(f"{text}\aand again")
    code, _, err = ask("ingest", briefs)
    assert code == 0
    assert "1 control character became spaces" in err
    assert "\x1b" not in err


# Standard input


def from_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes, **options: Any) -> Discovered:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    return only(list(discover(["-"], **options)))


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"just text", "text/plain"),
        (b"# A levy\n\nIt works.", "text/markdown"),
        (b"---\ntitle: A levy\n---\nIt works.", "text/markdown"),
        (b" <!DOCTYPE html><p>It works.", "text/html"),
        (b"<html lang=en><p>It works.", "text/html"),
    ],
)
def test_standard_input_is_a_source_named_by_its_bytes(
    monkeypatch: pytest.MonkeyPatch, data: bytes, media_type: str
) -> None:
    found = from_stdin(monkeypatch, data)
    assert isinstance(found, Source)
    assert found.media_type == media_type
    assert found.load() == data
    assert found.uri == getattr(from_stdin(monkeypatch, data), "uri", None)
    assert found.uri.startswith("stdin:")
    assert found.uri != getattr(from_stdin(monkeypatch, data + b"!"), "uri", None)


def test_standard_input_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = from_stdin(monkeypatch, b"x" * 11, max_size=10)
    assert isinstance(found, Refusal)
    assert found.source == "standard input"
    assert isinstance(from_stdin(monkeypatch, b"x" * 10, max_size=10), Source)


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "nothing came"), (b"\x89PNG\r\n", "a PNG picture")]
)
def test_standard_input_without_text_is_refused(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch, data: bytes, reason: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, report, _ = ingest("-")
    assert code == 1
    (gone,) = report["refused"]
    assert reason in gone["reason"]


def test_standard_input_through_a_pipe(kb: Run) -> None:
    kb("init", "--model", "hashing")
    done = kb("ingest", "-", "--json", stdin=BRIEF)
    assert done.returncode == 0, done.stderr
    (added,) = json.loads(done.stdout)["added"]
    assert added["title"] == "A levy on bottles works"
    again = kb("ingest", "-", "--json", "--title", "A levy", "--date", "2017-03", stdin=BRIEF)
    (updated,) = json.loads(again.stdout)["updated"]
    assert (updated["document"], updated["title"]) == (added["document"], "A levy")


def test_what_is_found_compares_by_what_it_is() -> None:
    assert LeftAlone("a", "b") == LeftAlone("a", "b")
    assert Source("u", "n", "t", lambda: b"") == Source("u", "n", "t", lambda: b"x")


def test_tables_and_slides_are_refused_when_they_are_named(ingest: Ingest, briefs: Path) -> None:
    (briefs / "figures.csv").write_text("year,levy\n2017,5\n")
    reason = "not .csv; text in it is read with --reader plain"
    code, report, _ = ingest(briefs / "figures.csv")
    assert (code, reason in refusals(report)["figures.csv"]) == (1, True)
    code, report, _ = ingest("--reader", "plain", briefs)
    assert (code, "figures.csv" in taken(report)) == (0, True)


def test_an_address_of_another_kind_is_refused_with_those_that_are_taken() -> None:
    assert named("ftp://x/y") == ["kb takes http and https addresses only"]
    assert list(discover(["HTTP://x/y#z"])) == [Link("HTTP://x/y")]
    assert named("x/y") == ["no such file or folder"]


def test_clutter_beside_briefs_is_left_alone(
    ask: Callable[..., tuple[int, str, str]], briefs: Path, home: Path
) -> None:
    clutter = {"photo.PNG", "Thumbs.db", "~$report.docx", "style.css", "report.pdf.crdownload"}
    clutter |= {f"figures.{end}" for end in "csv xlsx XLS pptx ppt odp ods".split()}
    for name in clutter:
        (briefs / name).write_bytes(b"\x00\x01")
    ask("init", "--model", "hashing")
    code, out, _ = ask("ingest", str(briefs), "--json")
    report = json.loads(out)
    left = {Path(one["source"]).name for one in report["left_alone"]}
    assert left == clutter
    assert not left & {Path(one["source"]).name for one in report["refused"]}
    assert code == 0
    code, _, err = ask("ingest", str(briefs / "photo.PNG"))
    assert code == 1, "one that is named is refused"
    assert "photo.PNG" in err
    assert json.loads(ask("list", "--problems", "--json")[1])["refused"][-1]["source"].endswith(
        "PNG"
    )
