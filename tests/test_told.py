"""What the documents name is there: paths, names, laws, targets of make, links; in our words."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import documents
import pytest
from documents import ALL, ROOT, code, name, tables

ARCHITECTURE, CONTRIBUTING, GLOSSARY = (
    ROOT / ".github" / f"{page}.md" for page in ("ARCHITECTURE", "CONTRIBUTING", "GLOSSARY")
)
_PATH = re.compile(r"(?:kb|ingest|search|tests|corpus|\.ci|\.github)/[\w./-]*|Makefile")
_NAMED = re.compile(rf"`({_PATH.pattern})`: ((?:`\w+`(?:, )?)+)")  # `path`: `name`, `name`
_LAW = re.compile(r"\bLaw (\d)\b")
MOST_LINES = 200  # of the architecture: a page that can be read at once

# Words that gave way to the field's, each with the one that came: patterns that may stand in no
# sentence, and names that may not stand between backticks.
GONE = {
    "shelf|shelves": "local store",
    "sureness": "confidence",
    "clues?": "feature",
    "(?<!share )bars": "thresholds",
    "intake": "session",
    "wakings?": "change events",
    "settling": "debounce",
}
GONE_IN_CODE = {
    "Wanted": "SearchOptions", "Asked": "PreparedQuery", "Judged": "Assessment",
    "Bars": "Thresholds", "Clues": "Features", "Unread": "Refusal", "Stated": "Metadata",
    "Legs": "Candidates", "Beside": "Expansion", "Demands": "Requirements", "Shelf": "LocalStore",
    "taken_back": "restored", "unread": "refusals", "stated": "overrides", "beside": "expansion",
    "legs": "retrieval", "sureness": "assessment", "clues": "features",
}  # fmt: skip


def paths(document: Path) -> Iterator[str]:
    """The paths of this repository that a document names."""
    blocks = "\n".join(documents.blocks(document, "text"))
    for text in (*code(document), *blocks.split()):
        if _PATH.fullmatch(text):
            yield text


@pytest.mark.parametrize("document", ALL, ids=name)
def test_every_path_is_there(document: Path) -> None:
    assert [path for path in paths(document) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", ALL, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for link in documents.links(document):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if (
            not target.is_relative_to(ROOT)
            or not target.exists()
            or (anchor and anchor not in documents.anchors(target))
        ):
            broken.append(link)
    assert broken == []


def test_documents_are_linked_from_readme() -> None:
    reached = {documents.README}
    while True:
        linked = {
            (page.parent / link.partition("#")[0]).resolve()
            for page in reached
            for link in documents.links(page)
            if "://" not in link
        }
        if linked & set(ALL) <= reached:
            break
        reached |= linked & set(ALL)
    assert reached == set(ALL)


@pytest.mark.parametrize("document", ALL, ids=name)
def test_every_name_is_defined_in_the_file_that_it_is_said_to_be_in(document: Path) -> None:
    missing = [
        f"{path}: {one}"
        for path, names in _NAMED.findall(documents.read(document))
        for one in re.findall(r"\w+", names)
        if not defines(ROOT / path, one)
    ]
    assert missing == []


def defines(path: Path, wanted: str) -> bool:
    """Whether a Python file defines a class, function, constant or field of this name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == wanted:
            return True
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            every = [one for target in targets for one in ast.walk(target)]
            if wanted in {one.id for one in every if isinstance(one, ast.Name)}:
                return True
    return False


def test_the_flow_is_one_of_types_and_functions_that_are_there() -> None:
    (flow,) = documents.blocks(ARCHITECTURE, "text")
    steps = 0
    for line in flow.splitlines():
        if (path := _PATH.search(line)) is None:
            continue
        named = re.findall(r"\w+", line[: path.start()].replace(" of ", " ").replace(" with ", " "))
        assert named, line
        steps += 1
        file = ROOT / path[0]
        files = sorted(file.rglob("*.py")) if file.is_dir() else [file]
        for one in named:
            assert any(defines(each, one.removesuffix("s")) or defines(each, one) for each in files)
    assert steps > 15


def test_contracts_are_protocols() -> None:
    for table in tables(ARCHITECTURE):
        if table.columns[0] != "contract":
            continue
        for contract, where, _ in table.rows:
            tree = ast.parse((ROOT / where.strip("`")).read_text(encoding="utf-8"))
            (found,) = (
                node
                for node in tree.body
                if isinstance(node, ast.ClassDef) and node.name == contract
            )
            assert "Protocol" in {base.id for base in found.bases if isinstance(base, ast.Name)}


def laws() -> dict[int, str]:
    """The laws by number."""
    section = documents.read(ARCHITECTURE).split("\n## Laws\n")[1].split("\n## ")[0]
    found = re.findall(r"^(\d)\. (.*?)(?=^\d\. |\Z)", section, re.M | re.S)
    return {int(number): " ".join(law.split()) for number, law in found}


def lawful() -> dict[int, list[str]]:
    """The tests that say in their docstring which law they hold."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in _LAW.findall(ast.get_docstring(node) or ""):
                    found[int(number)].append(f"{path.name}: {node.name}")
    return found


def test_each_law_has_a_test_that_bears_its_number() -> None:
    assert list(laws()) == list(range(1, 9))
    assert lawful().keys() == laws().keys()


def test_the_architecture_can_be_read_at_once() -> None:
    assert len(documents.read(ARCHITECTURE).splitlines()) <= MOST_LINES
    (changes,) = (table for table in tables(ARCHITECTURE) if table.columns == ("this", "go to"))
    assert len(changes.rows) >= 25
    for _, where in changes.rows:
        assert _PATH.search(where), where


# make, CI


def targets() -> set[str]:
    """What make can be asked for."""
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))


def test_every_make_target_that_is_named_exists_and_every_one_is_named() -> None:
    for document in ALL:
        shell = [line for block in documents.blocks(document, "sh") for line in block.splitlines()]
        named = re.findall(r"^make ([a-z-]+)", "\n".join([*code(document), *shell]), re.M)
        assert set(named) <= targets(), name(document)
        if document == CONTRIBUTING:
            assert set(named) == targets()


def test_what_ci_runs_is_what_stands_there() -> None:
    run = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line.partition("  #")[0] for line in run if line.startswith(("make ", ".venv"))]
    assert documents.blocks(CONTRIBUTING, "sh")[0].splitlines() == commands


# Words


def test_each_word_of_the_glossary_stands_there_once() -> None:
    (table,) = tables(GLOSSARY)
    words = [word for word, _, _ in table.rows]
    assert len(words) == len(set(words)) > 40
    assert all(meaning for _, meaning, _ in table.rows)


@pytest.mark.parametrize("document", ALL, ids=name)
def test_words_that_gave_way_do_not_come_back(document: Path) -> None:
    text = documents.prose(document)
    back = {its for gone, its in GONE.items() if re.search(rf"(?i)\b(?:{gone})\b", text)}
    back |= {its for gone, its in GONE_IN_CODE.items() if gone in code(document)}
    assert back == set(), "these words came for some that stand here"
