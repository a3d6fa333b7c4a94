"""init, list, remove, stats, verify: what they print, and with which exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import __version__
from kb.cli import COMMANDS
from kb.local.connection import FORMAT
from kb.store import open_store

Ask = Callable[..., tuple[int, str, str]]

FISH = {
    "_id": "f-1",
    "title": "Who may fish",
    "text": "The Ministry sets the quota of every port.\n\nWhoever lands more pays twice.",
    "url": "https://example.org/fish",
    "authors": ["Ana Skipper", "Bo “Net” Mender"],
    "published": "2017-03",
    "publisher": "Harbour Institute",
}
HEAT = {"title": "Heat at work", "text": "Employers give shade and water.\n"}


@pytest.fixture
def folder(home: Path, ask: Ask) -> Path:
    """A knowledge base of two briefs, in a folder with a space in its name."""
    lines = [json.dumps(record, ensure_ascii=False) for record in (FISH, HEAT)]
    (home / "briefs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    folder = home / "my briefs"
    assert ask("init", folder, "--model", "hashing")[0] == 0
    assert ask("--kb", folder, "ingest", "briefs.jsonl")[0] == 0
    return folder


def _assert_line(result: tuple[int, str, str], *parts: str) -> None:
    """An error: exit code 2, nothing on stdout, one line on stderr that says all these."""
    code, out, err = result
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("kb: ")
    assert "did not foresee" not in err
    for part in parts:
        assert part in err


# kb init


def test_init_makes_a_store_for_this_folder_and_those_below(
    home: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = ask("init", "--model", "hashing")
    assert (code, out) == (0, "")
    assert err == "Made a knowledge base in .kb. Take in briefs with: kb ingest FILE\n"
    (home / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(home / "deep" / "er")
    assert ask("list", "--json")[:2] == (0, '{\n  "documents": []\n}\n')
    assert json.loads(ask("stats", "--json")[1])["location"] == str(home / ".kb")


def test_init_in_a_named_folder_says_how_to_go_on(home: Path, ask: Ask) -> None:
    _, _, err = ask("init", home / "my briefs", "--model", "hashing")
    assert err.endswith(f"Take in briefs with: kb --kb '{home / 'my briefs'}' ingest FILE\n")
    assert ask("--kb", home / "other", "init", "--model", "hashing")[0] == 0
    for name in ("my briefs", "other"):
        with open_store(home / name) as store:
            assert store.manifest.model == "hashing"


def test_init_twice_changes_nothing(folder: Path, ask: Ask) -> None:
    before = (folder / "kb.sqlite3").read_bytes()
    _assert_line(ask("init", folder), str(folder), "here already", "Nothing was changed")
    assert (folder / "kb.sqlite3").read_bytes() == before


def test_init_among_other_files_changes_nothing(home: Path, ask: Ask) -> None:
    (home / "notes.txt").write_text("mine")
    _assert_line(ask("init", home), str(home), "holds other files", str(home / ".kb"))
    assert [path.name for path in home.iterdir()] == ["notes.txt"]
    _assert_line(ask("init", home / "notes.txt"), "this is a file")


def test_init_keeps_the_place_of_a_model_that_is_a_folder(home: Path, ask: Ask) -> None:
    (home / "model").mkdir()
    (home / "model" / "config.json").write_text("{}")
    (home / "model" / "model.safetensors").write_bytes(b"")  # it is loaded by the first ingest
    assert ask("init", "--model", "model")[0] == 0
    with open_store(home / ".kb") as store:
        assert store.manifest.model == str(home / "model")


# kb list


def test_list_tells_all_in_json(home: Path, folder: Path, ask: Ask) -> None:
    code, out, err = ask("--kb", folder, "list", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert list(told) == ["documents"]
    heat, fish = told["documents"]
    for entry in (heat, fish):
        assert re.fullmatch("[0-9a-f]{8}", entry.pop("revision"))
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:.]+Z", entry.pop("ingested_at"))
    assert fish == {
        "document": "may-fish",
        "title": "Who may fish",
        "authors": ["Ana Skipper", "Bo “Net” Mender"],
        "published": "2017-03",
        "publisher": "Harbour Institute",
        "source": "https://example.org/fish",
        "external_id": "f-1",
        "passages": fish["passages"],
    }
    assert heat["source"].startswith(f"{home}/briefs.jsonl")
    assert heat == {
        "document": "heat-work",
        "title": "Heat at work",
        "authors": [],
        "published": None,
        "publisher": None,
        "source": heat["source"],
        "external_id": None,
        "passages": 1,
    }
    assert "“Net”" in out
    with open_store(folder) as store:
        assert [e.passages for e in store.entries()] == [heat["passages"], fish["passages"]]


def test_list_prints_a_line_for_each_document(folder: Path, ask: Ask) -> None:
    code, out, err = ask("--kb", folder, "list")
    heat, fish = out.splitlines()
    assert (code, err) == (0, "2 documents\n")
    assert heat.split(maxsplit=2) == ["heat-work", "1", "Heat at work"]
    assert re.fullmatch(r"may-fish +March 2017 +\d+  Who may fish", fish)
    assert heat.index("Heat") == fish.index("Who")
    assert ask("--kb", folder, "remove", "may-fish")[0] == 0
    assert ask("--kb", folder, "list")[2] == "1 document\n"


def test_list_obeys_nothing_that_stands_in_a_title(home: Path, ask: Ask) -> None:
    title = "Red\x1b[31m\n\ttape\x07 \u202eback"
    (home / "briefs.jsonl").write_text(json.dumps({"title": title, "text": "Some text."}))
    ask("init", "--model", "hashing")
    assert ask("ingest", "briefs.jsonl")[0] == 0
    code, out, _ = ask("list")
    assert (code, out.count("\n")) == (0, 1)
    assert not set(out) & set("\x1b\x07\u202e\t")


# kb remove


def test_remove_takes_out_of_search_and_says_what_still_shows_it(folder: Path, ask: Ask) -> None:
    revision = json.loads(ask("--kb", folder, "list", "--json")[1])["documents"][1]["revision"]
    code, out, err = ask("--kb", folder, "remove", "may-fish")
    assert (code, out) == (0, "")
    assert err == (
        "Took may-fish out of search. Its text is kept and can still be shown: "
        f"kb show may-fish@{revision}\n"
    )
    assert [d["document"] for d in _documents(ask, folder)] == ["heat-work"]
    for kept in ([], ["--original"]):
        assert ask("--kb", folder, "show", f"may-fish@{revision}", *kept)[0] == 0
    assert "Nothing is erased: the text, and the file as it was read, stay" in " ".join(
        ask("remove", "--help")[1].split()
    )
    _assert_line(ask("--kb", folder, "remove", "may-fish"), "was taken out of search", revision)
    assert ask("--kb", folder, "ingest", "briefs.jsonl")[0] == 0
    assert [d["document"] for d in _documents(ask, folder)] == ["heat-work", "may-fish"]


def _documents(ask: Ask, folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(ask("--kb", folder, "list", "--json")[1])[
        "documents"
    ]
    return found


def test_remove_several_in_json(folder: Path, ask: Ask) -> None:
    revisions = {str(d["document"]): d["revision"] for d in _documents(ask, folder)}
    code, out, err = ask("--kb", folder, "remove", "--json", "may-fish", "heat-work")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "removed": [
            {"document": key, "revision": revisions[key]} for key in ("may-fish", "heat-work")
        ]
    }
    assert _documents(ask, folder) == []


def test_remove_all_or_none(folder: Path, ask: Ask) -> None:
    result = ask("--kb", folder, "remove", "may-fish", "unknown")
    _assert_line(result, "unknown: no such document. kb list shows what there is.")
    assert len(_documents(ask, folder)) == 2


@pytest.mark.parametrize("key", ["may-fish#1", "may-fish@00000000", "MAY-FISH", "", "%", "\udcff"])
def test_remove_takes_a_key_and_nothing_else(folder: Path, ask: Ask, key: str) -> None:
    _assert_line(ask("--kb", folder, "remove", key))
    assert len(_documents(ask, folder)) == 2


def test_remove_the_same_twice_in_one_command(folder: Path, ask: Ask) -> None:
    code, _, err = ask("--kb", folder, "remove", "may-fish", "may-fish")
    assert (code, err.count("Took may-fish")) == (0, 1)


# kb stats


def test_stats_count_what_is_kept(folder: Path, ask: Ask) -> None:
    ask("--kb", folder, "remove", "heat-work")
    code, out, err = ask("--kb", folder, "stats", "--json")
    figures = json.loads(out)
    assert (code, err) == (0, "")
    sizes = {name: figures.pop(name) for name in list(figures) if name.startswith("bytes_")}
    assert set(sizes) == {"bytes_database", "bytes_originals", "bytes_index"}
    originals = [path for path in (folder / "originals").rglob("*") if path.is_file()]
    assert sizes["bytes_originals"] == sum(path.stat().st_size for path in originals)
    assert sizes["bytes_index"] > 0
    reader = next(iter(figures["readers"]))
    assert re.fullmatch(r"record \S+", reader)
    assert figures == {
        "location": str(folder),
        "documents": 1,
        "revisions": 2,
        "passages": _documents(ask, folder)[0]["passages"],
        "removed": 0,
        "originals": 2,
        "readers": {reader: 1},
        "model": "hashing",
        "fingerprint": "hashing@256x256",
        "format": FORMAT,
    }


def test_stats_in_words(folder: Path, ask: Ask) -> None:
    code, out, err = ask("--kb", folder, "stats")
    assert (code, err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert lines["Where"] == str(folder)
    assert lines["Documents"] == "2 (0 older revisions kept)"
    assert lines["Model"] == "hashing"


def test_one_older_revision_is_one(folder: Path, ask: Ask) -> None:
    assert ask("--kb", folder, "remove", "heat-work")[0] == 0
    assert "Documents       1 (1 older revision kept)" in ask("--kb", folder, "stats")[1]


def test_stats_of_nothing(home: Path, ask: Ask) -> None:
    ask("init", "--model", "hashing")
    code, out, _ = ask("stats", "--json")
    assert code == 0
    assert [json.loads(out)[name] for name in ("documents", "passages", "fingerprint")] == [
        0,
        0,
        None,
    ]
    assert ask("stats")[0] == 0


# kb verify


def test_verify_a_sound_store(folder: Path, ask: Ask) -> None:
    assert ask("--kb", folder, "verify") == (0, "", "All is sound.\n")
    assert ask("--kb", folder, "verify", "--repair") == (0, "", "All is sound.\n")
    code, out, err = ask("--kb", folder, "verify", "--json")
    assert (code, json.loads(out), err) == (0, {"sound": True, "faults": []}, "")


def test_verify_a_faulty_store(folder: Path, ask: Ask) -> None:
    (folder / "index" / "passages.json").unlink()
    code, out, err = ask("--kb", folder, "verify")
    assert (code, err) == (1, "")
    where = str(folder / "index")
    assert out.startswith(f"{where}: the index is missing")
    assert out.endswith(" (kb verify --repair mends this)\n")
    code, out, _ = ask("--kb", folder, "verify", "--json")
    (fault,) = json.loads(out)["faults"]
    assert (code, json.loads(out)["sound"]) == (1, False)
    assert fault == {"where": where, "what": fault["what"], "mendable": True}
    assert ask("--kb", folder, "verify", "--repair")[0] == 0


# All commands


@pytest.mark.parametrize("command", ["list", "stats", "verify", "remove a", "show a", "search x"])
def test_without_a_store_one_line_says_how_to_make_one(
    home: Path, ask: Ask, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _assert_line(ask(*command.split()), "there is no knowledge base yet", "kb ingest")
    _assert_line(ask("--kb", "no where", *command.split()), "kb --kb 'no where' ingest FILE")
    monkeypatch.setenv("KB_DIR", "not here")
    _assert_line(ask(*command.split()), "not here: there is no knowledge base here (KB_DIR)")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_a_help_text(home: Path, ask: Ask, name: str) -> None:
    code, out, err = ask(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: kb {name}")


def test_help_without_a_command(home: Path, ask: Ask) -> None:
    code, out, err = ask()
    assert (code, err) == (0, "")
    assert ask("--help") == (0, out, "")
    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", out, re.M)
    assert ask("--version") == (0, f"kb, version {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["lsit"], ["there is no command 'lsit'", "list", "See: kb --help"]),
        (["list", "--jsn"], ["No such option", "--jsn", "See: kb list --help"]),
        (["list", "--jsno"], ["Did you mean", "? See: kb list --help\n"]),
        (["search", "-n", "abc", "x"], ["'abc' is not a whole number. See: kb search --help"]),
        (["search", "--min-confidence", "x", "y"], ["'x' is not a number. See: kb search --help"]),
        (["keep-text", "a", "x"], ["'x' is not a whole number. See: kb keep-text --help"]),
        (["list", "extra"], ["unexpected extra argument", "See: kb list --help"]),
        (["remove"], ["Missing argument", "DOC", "See: kb remove --help"]),
        (["--kb"], ["requires an argument"]),
        (["--nonsense"], ["No such option"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_slip_of_the_pen_is_one_line(
    home: Path, ask: Ask, arguments: list[str], parts: list[str]
) -> None:
    _assert_line(ask(*arguments), *parts)


def test_what_was_not_foreseen_is_one_line_too(
    folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object, **options: object) -> None:
        raise KeyError("a slip of ours\nin two lines")

    monkeypatch.setattr("kb.commands.common.open_store", fails)
    code, out, err = ask("--kb", folder, "list")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "KeyError" in err
    assert "KB_DEBUG=1" in err
    monkeypatch.setenv("KB_DEBUG", "1")
    with pytest.raises(KeyError):
        ask("--kb", folder, "list")


def test_a_reader_that_goes_away_is_no_error(home: Path, ask: Ask) -> None:
    """As in `kb list | head -1`, with more text than a pipe holds."""
    records = [{"title": f"Brief {n} {'x' * 900}", "text": "Some text."} for n in range(200)]
    (home / "briefs.jsonl").write_text("\n".join(map(json.dumps, records)))
    ask("init", "--model", "hashing")
    assert ask("ingest", "briefs.jsonl")[0] == 0
    command = [sys.executable, "-c", "from kb.cli import main; main()", "list"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"brief-0")
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize(("command", "code"), [("list", 0), ("show", 2)])
def test_what_is_to_be_done_at_exit_is_done(folder: Path, command: str, code: int) -> None:
    program = (
        "import atexit, kb.cli as cli; run = cli.run;"
        "cli.run = lambda given: atexit.register(print, 'at exit') and run(given);"
        "cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--kb", folder, command], capture_output=True, text=True
    )
    assert done.returncode == code
    assert done.stdout.endswith("at exit\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full_is_told(folder: Path) -> None:
    main = "from kb.cli import main; main()"
    command = [sys.executable, "-c", main, "--kb", str(folder), "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "space" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_locale_does_not_matter(
    folder: Path,
    kb: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
        monkeypatch.setenv(name, value)
    assert "“Net”" in kb("--kb", folder, "list", "--json").stdout
