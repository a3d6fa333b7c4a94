"""What is imported is declared, what is declared is imported, or pyproject.toml says why not."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from typing import Any

import pytest
from imports import ROOT, imported, modules
from lowest import OURSELVES, pinned, requirements

ROOMS = ("kb", "ingest", "search")
TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
OPTIONAL = {"ir_measures", "scipy"}  # what MissingExtra tells of
WRITTEN = {"environs"}  # a module that a test writes
OURS = {*ROOMS, *WRITTEN, *(path.stem for path in (ROOT / "tests").rglob("*"))}


def normal(name: str) -> str:
    """A package's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(part: str) -> set[str]:
    """The packages that pyproject.toml declares: in "dependencies", or in the extra so named."""
    project: dict[str, Any] = tomllib.loads(TEXT)["project"]
    found = project["optional-dependencies"].get(part) or project[part]
    return {normal(re.split(r"[^\w-]", each)[0]) for each in found}


@cache
def needed(*folders: str) -> frozenset[str]:
    """The packages, not of Python's own, that the files in these folders import."""
    packages = packages_distributions()
    tops = {
        name.partition(".")[0]
        for folder in folders
        for path in modules(folder)
        for name in imported(path, (ROOT / path).read_text(encoding="utf-8"))
    }
    others = tops - OURS - set(sys.stdlib_module_names) - {"", "hidden", "__future__"}
    missing = {name for name in others if name not in packages}
    assert missing == set(), "imported and not installed"
    return frozenset(normal(package) for name in others for package in packages[name])


def test_what_the_rooms_import_is_declared() -> None:
    optional = {normal(name) for name in OPTIONAL}
    assert needed(*ROOMS) - declared("dependencies") == optional
    assert declared("eval") == optional


def test_what_the_tests_import_is_declared() -> None:
    assert needed("tests") <= declared("dependencies") | declared("eval") | declared("dev")


def test_what_is_declared_and_not_imported_says_why() -> None:
    for package in declared("dependencies") - needed(*ROOMS):
        (line,) = re.findall(rf'((?: *#.*\n)*) *"{package}>=[^"]*",(.*)', TEXT)
        assert "#" in "".join(line), f"{package}: say in pyproject.toml why it is there"


def test_what_is_bounded_above_says_why() -> None:
    bounded = re.findall(r'^(.*\n) *"[\w-]+>=[^"]*<[^"]*",(.*)', TEXT, re.M)
    assert bounded
    for before, beside in bounded:
        assert "#" in before + beside


@pytest.mark.parametrize("requirement", list(requirements()))
def test_a_requirement_has_a_lower_bound_that_is_not_above_what_is_tested(requirement: str) -> None:
    name, lowest = pinned(requirement).split("==")
    constraints = (ROOT / ".ci/constraints.txt").read_text(encoding="utf-8").splitlines()
    tested = {
        normal(each): version for each, _, version in (c.partition("==") for c in constraints)
    }
    assert parts(lowest) <= parts(tested[normal(name)])


def parts(version: str) -> list[int]:
    """A version as numbers."""
    return [int(number) for number in re.findall(r"\d+", version)]


def test_our_own_name_is_no_requirement() -> None:
    assert f'"{OURSELVES}[eval]"' in TEXT
    assert not any(each.startswith(OURSELVES) for each in requirements())
