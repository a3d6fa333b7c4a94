"""What would report is told not to, before it is loaded, in every process, by its own switches."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watched import as_users

from ingest.readers.worker import Worker
from kb.encoders import preparing
from kb.encoders.telemetry import REPORTERS, environment

ROOT = Path(__file__).parent.parent
SWITCHES = {name: off for one in REPORTERS.values() for name, off in one.switches.items()}

words = st.sampled_from(["0", "1", "true", "False", "yes", "no", "ON", "off", "", " 1 ", "maybe"])


@given(st.dictionaries(st.sampled_from([*SWITCHES, "HOME", "PATH"]), words))
def test_everything_is_off_and_nothing_else_is_touched(given: dict[str, str]) -> None:
    made = environment(given)
    assert all(made[name].lower() in off for name, off in SWITCHES.items())
    assert environment(made) == made
    for name in given:
        if name not in SWITCHES or given[name].lower() in SWITCHES[name]:
            assert made[name] == given[name], "what the user said stays, where it says off"
    assert set(made) == set(given) | set(SWITCHES)


def python(code: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A program run in a user's environment."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=home,
        env=as_users(home, **more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# The one way to them


BY_STRING = ("import_module", "__import__")


def aloud(source: str) -> set[str]:
    """The libraries that would report and that a module imports by other means."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(BY_STRING):
            found |= {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
    return {name.partition(".")[0] for name in found} & set(REPORTERS)


MODULES = [path for room in ("kb", "ingest", "search") for path in (ROOT / room).rglob("*.py")]


def test_no_module_imports_them_by_other_means() -> None:
    heard = {path: aloud(path.read_text(encoding="utf-8")) for path in MODULES}
    its_own = heard.pop(ROOT / "kb" / "encoders" / "telemetry.py")
    assert its_own == {"huggingface_hub"}, "the constants of one that is loaded"
    assert {path for path in heard if heard[path]} == set()


@pytest.mark.parametrize(
    "source",
    [
        "import onnxruntime",
        "def f():\n    from onnxruntime.quantization import QuantType",
        "import numpy, transformers as t",
        "import_module('huggingface_hub')",
        "importlib.import_module(f'x', 'sentence_transformers.util')",
        "__import__('hf_xet')",
    ],
)
def test_one_that_is_imported_by_other_means_is_seen(source: str) -> None:
    assert aloud(source)


# In this process


SAID = """
import json, os
from kb.encoders.telemetry import REPORTERS, import_quietly
{before}
import_quietly({name!r})
said = {{name: os.environ[name] for one in REPORTERS.values() for name in one.switches}}
from huggingface_hub import constants
said["hub"] = [constants.HF_HUB_DISABLE_TELEMETRY, constants.HF_HUB_DISABLE_UPDATE_CHECK]
print(json.dumps(said))
"""


@pytest.mark.parametrize("name", ["onnxruntime", "huggingface_hub"])
def test_the_switches_are_set_when_a_library_is_imported(home: Path, name: str) -> None:
    done = python(SAID.format(name=name, before=""), home, ORT_DISABLE_TELEMETRY="0")
    said = json.loads(done.stdout)
    assert said.pop("hub") == [True, True], "the library has taken note"
    assert said == {switch: off[0] for switch, off in SWITCHES.items()}


def test_what_was_loaded_before_is_told_by_a_call(home: Path) -> None:
    before = "from huggingface_hub import constants; assert not constants.HF_HUB_DISABLE_TELEMETRY"
    done = python(SAID.format(name="huggingface_hub", before=before), home)
    assert json.loads(done.stdout)["hub"] == [True, True]


def test_importing_kb_sets_nothing(home: Path) -> None:
    code = """
import os
before = dict(os.environ)
import kb.cli, kb.encoders.onnx, kb.encoders.preparing, kb.encoders.sentence_transformers
import search.searcher, ingest.cli.ingest
print(dict(os.environ) == before)
"""
    assert python(code, home).stdout.strip() == "True"


# In the processes that kb starts


def test_the_reading_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "environs.py").write_text(
        "import os, sys\nfrom ingest import readers\nfrom ingest.drafts import Block, Reading\n"
        "from ingest.readers.worker import main\nNAME = 'environs'\nVERSION = '1'\n"
        "def read(data, name):\n"
        "    return Reading((Block(repr(dict(os.environ))),))\n"
        "if __name__ == '__main__':\n"
        "    readers._READERS['x/environs'] = NAME\n"
        "    sys.modules['ingest.readers.environs'] = sys.modules['__main__']\n"
        "    main(sys.argv[1:])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    with Worker(program="environs") as worker:
        reading = worker.read(import_module("environs"), b"", "a")
    told = eval(reading.blocks[0].text)
    assert {name: told[name] for name in SWITCHES} == {n: off[0] for n, off in SWITCHES.items()}
    assert os.environ.get("ORT_DISABLE_TELEMETRY") is None, "this process is left as it is"


def test_the_preparing_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nenv > {tmp_path / 'environ'}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "new").mkdir()
    preparing._in_process_of_its_own("m", "int8", tmp_path / "new")
    told = dict(line.partition("=")[::2] for line in (tmp_path / "environ").read_text().split("\n"))
    assert {name: told[name] for name in SWITCHES} == {n: off[0] for n, off in SWITCHES.items()}
    assert Path(told["TMPDIR"]).parent == tmp_path, "what it leaves behind goes with it"
    assert not Path(told["TMPDIR"]).exists()


# What a fetch from the hub tells


class _Hub(BaseHTTPRequestHandler):
    """Has no model, and notes who asks for which."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["User-Agent"]))  # type: ignore[attr-defined]
        self.send_error(404)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


@pytest.fixture
def hub() -> Iterator[Any]:
    """A hub on this machine."""
    with HTTPServer(("127.0.0.1", 0), _Hub) as server:
        server.asked = []  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


FETCH = """
from importlib import import_module
from kb.encoders import models
{before}
try:
    models.folder_of("somebody/something")
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("quietly", [True, False])
def test_a_fetch_asks_for_the_model_and_tells_nothing(home: Path, hub: Any, quietly: bool) -> None:
    before = "" if quietly else "models.import_quietly = import_module"
    endpoint = f"http://127.0.0.1:{hub.server_port}"
    done = python(FETCH.format(before=before), home, HF_ENDPOINT=endpoint)
    assert done.stdout.strip() == "ModelUnavailable", done.stderr
    assert hub.asked
    asked_more = [path for path, _ in hub.asked if "something" not in path]
    tells_more = [agent for _, agent in hub.asked if "torch/" in agent]
    assert bool(asked_more or tells_more) is not quietly


# What is refused


def installed(folder: Path, name: str, version: str, code: str = "") -> str:
    """A library of that version, in a folder for PYTHONPATH."""
    (folder / name).mkdir(parents=True)
    note = f"open({str(folder / 'loaded')!r}, 'w').close()\n"
    (folder / name / "__init__.py").write_text(f"{note}__version__ = {version!r}\n{code}")
    (folder / f"{name}-{version}.dist-info").mkdir()
    return os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))


IMPORT = "from kb.encoders.telemetry import import_quietly; import_quietly({!r})"


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("onnxruntime", "1.19.2", "Install another one with: pip install 'onnxruntime>=1.20'"),
        ("huggingface_hub", "0.9", "pip install 'huggingface_hub>=0.20'"),
    ],
)
def test_a_version_that_cannot_be_kept_quiet_is_not_loaded(
    tmp_path: Path, home: Path, name: str, version: str, said: str
) -> None:
    path = installed(tmp_path / "old", name, version)
    done = python(IMPORT.format(name), home, PYTHONPATH=path)
    assert f"{name} {version}: versions before" in done.stderr.splitlines()[-1]
    assert said in done.stderr
    assert not (tmp_path / "old" / "loaded").exists()


def test_one_that_another_brings_is_refused_too(tmp_path: Path, home: Path) -> None:
    path = installed(tmp_path / "old", "transformers", "4.40.2")
    done = python(IMPORT.format("sentence_transformers"), home, PYTHONPATH=path)
    assert "ReportingLibrary: transformers 4.40.2: versions before 4.41" in done.stderr


def test_one_without_its_switch_is_refused(tmp_path: Path, home: Path) -> None:
    path = installed(tmp_path / "new", "onnxruntime", "9.1")
    done = python(IMPORT.format("onnxruntime"), home, PYTHONPATH=path)
    assert "onnxruntime 9.1: this version cannot be kept from reporting" in done.stderr
    assert "pip install 'onnxruntime<9.1'" in done.stderr


@pytest.mark.model
def test_a_command_says_so_in_one_line(
    tmp_path: Path, kb: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "a.txt").write_text("Tolls\n\nWho pays for roads.\n")
    assert kb("ingest", "a.txt").returncode == 0
    monkeypatch.setenv("PYTHONPATH", installed(tmp_path / "old", "onnxruntime", "1.19.2"))
    done = kb("search", "who pays")
    assert done.returncode == 2
    assert done.stderr.startswith("kb: onnxruntime 1.19.2: versions before 1.20 cannot be kept")
    assert done.stderr.count("\n") == 1


def test_pyproject_asks_for_no_version_that_is_refused() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asks = [re.match(r"([\w-]+)>=([\d.]+)", line) for line in project["dependencies"]]
    asked = {ask[1].replace("-", "_"): ask[2] for ask in asks if ask is not None}
    for name, reporter in REPORTERS.items():
        if name == "hf_xet":  # comes with huggingface_hub, which says from which version on
            continue
        bound, least = (tuple(map(int, text.split("."))) for text in (asked[name], reporter.least))
        assert bound >= least
