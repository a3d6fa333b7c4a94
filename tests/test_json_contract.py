"""`kb help json` is true: every key and type that is printed stands there, and nothing else.

Every command that prints JSON is run over briefs of which everything is known, or nothing, so that
each type which the guide names is seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import json_guide
from json_guide import OBJECTS, PLAIN, PRINTED, TOLLS, Seen, damage, rows

from kb.cli import COMMANDS, cli
from search.confidence.calibration import State

Ask = Callable[..., tuple[int, str, str]]


class Printing:
    """Runs commands that print JSON, each under the name that the guide gives it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.seen = Seen()
        self.commands: set[str] = set()

    def __call__(
        self, command: str, *arguments: str | Path, base: str = ".kb", code: int = 0
    ) -> dict[str, Any]:
        """The object that was printed, or the last of them, each looked at by the guide."""
        options = ("--json",) if "--questions" not in arguments else ()
        found, out, err = self._ask("--kb", base, command.split()[1], *arguments, *options)
        assert found == code, err
        self.commands.add(command)
        for line in [out] if options else out.splitlines():
            value: dict[str, Any] = json.loads(line)
            self.seen.object(PRINTED[command], value)
        return value


def test_every_object_is_printed_as_it_is_documented(ask: Ask, home: Path) -> None:
    briefs = json_guide.fill(home / "briefs")
    printing = Printing(ask)
    assert ask("init", "--model", "hashing")[0] == 0
    printing("kb stats")
    _ingest(printing, briefs)
    _search(printing, home)
    _show(printing)
    _change(printing)
    _evaluate(printing, ask, home)
    _verify(printing, home)
    assert sorted(printing.seen.wrong) == []
    assert sorted(printing.seen.unseen) == []
    watch = "kb watch FOLDER"  # is seen to print what is documented where it is seen to end
    assert printing.commands == PRINTED.keys() - {watch}


def _ingest(printing: Printing, folder: Path) -> None:
    printing("kb ingest SOURCE", folder, code=1)
    (folder / "us-russia-syria.md").write_text("# Syria\n\nIt is another text by now.\n")
    (folder / "copy.txt").unlink()
    printing("kb ingest SOURCE", folder, code=1)


def _search(printing: Printing, home: Path) -> None:
    (home / "questions.jsonl").write_text('{"_id": "q1", "text": "who pays tolls"}\nzebra\n')
    command = "kb search QUESTION"
    printing(command, "who pays tolls in the city", "--context", "1", "--explain")
    printing(command, "who pays tolls", "--mode", "semantic", "--explain")
    printing(command, "who pays tolls", "--mode", "keyword", "--explain")
    printing(command, "xylophone votes of the parliament", "-n", "20")
    printing(command, "parliment votes", "--mode", "keyword")
    printing(command, "xylophone", "--mode", "keyword", code=1)
    printing(command, "--questions", "questions.jsonl")


def _show(printing: Printing) -> None:
    printing("kb list --problems", "--problems")
    for entry in printing("kb list")["documents"]:
        key = entry["document"]
        printing("kb show KEY", key)
        printing("kb show KEY --receipt", key, "--receipt")
        printing("kb show KEY --removed", key, "--removed")
        for number in range(1, min(entry["passages"], 3) + 1):
            printing("kb show KEY#3", f"{key}#{number}")


def _change(printing: Printing) -> None:
    heat = "rest-water-shade-rule-not-favour"
    printing("kb keep-text KEY N", heat, "1")
    said = ("--title", "Heat", "--author", "Jo", "--date", "2020", "--publisher", "P")
    printing("kb set KEY", heat, "--title", "Shade")
    printing("kb set KEY", heat, *said, "--url", "https://example.org", "--tag", "heat")
    printing("kb set KEY", heat, "--unset", "date", "--unset", "publisher", "--unset", "url")
    printing("kb remove KEY", heat)
    printing("kb stats")


def _evaluate(printing: Printing, ask: Ask, home: Path) -> None:
    folder = home / "judged"
    folder.mkdir()
    (folder / "toll.txt").write_text(f"Tolls\n\n{TOLLS}\n")
    answer = {"source": "toll.txt", "quote": "The income goes to buses"}
    asked = [
        {"_id": "1", "text": "where does the income of tolls go", "answers": [answer]},
        {"_id": "2", "text": "weather in June", "answers": []},
    ]
    (folder / "questions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked))
    assert ask("--kb", "own", "init", "--model", "hashing")[0] == 0
    assert ask("--kb", "own", "ingest", folder / "toll.txt")[0] == 0
    command = "kb eval FOLDER"
    printing(command, folder, "--mode", "keyword", "--run", "before.run", base="own")
    printing(command, folder, "--against", "before.run", base="own")


def _verify(printing: Printing, home: Path) -> None:
    assert printing("kb verify")["sound"]
    damage(home / ".kb")
    assert not printing("kb verify", code=1)["sound"]


def test_what_is_not_as_documented_is_seen() -> None:
    for value in (
        {"sound": True},
        {"sound": True, "faults": [], "more": 1},
        {"sound": 1, "faults": []},
        {"sound": True, "faults": [{"where": "a", "what": None, "mendable": True}]},
        {"sound": True, "faults": ["a"]},
    ):
        seen = Seen()
        seen.object("audit", value)
        assert seen.wrong or any(
            line.startswith("audit: faults is at times") for line in seen.unseen
        )
    seen = Seen()
    seen.object("audit", {"sound": True, "faults": []})
    assert {line for line in seen.unseen if line.startswith("audit")} == {
        "audit: faults is never list of fault"
    }


def test_every_command_that_prints_json_is_documented() -> None:
    context = click.Context(cli)
    prints = set()
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        if any("--json" in param.opts for param in command.params):
            prints.add(name)
    assert {command.split()[1] for command in PRINTED} == prints
    assert set(PRINTED.values()) <= OBJECTS.keys()


def test_every_object_is_part_of_what_is_printed() -> None:
    kinds = {kind for keys in OBJECTS.values() for its, _ in keys.values() for kind in its}
    named = {re.sub("(?:list|map) of ", "", kind) for kind in kinds} | set(PRINTED.values())
    assert named - PLAIN.keys() == OBJECTS.keys()


def test_every_state_is_named() -> None:
    (meaning,) = (
        row[2]
        for name, row in rows("key", "type", "meaning")
        if (name, row[0]) == ("answer", "state")
    )
    assert all(state in meaning for state in State)
