"""The version that kb bears, what the changelog says of it, and the tags: they fit together."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

import pytest
from imports import ROOT

from kb import __version__

CHANGELOG = (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
_HEADING = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (unreleased|\d{4}-\d\d-\d\d)$", re.M)


def releases(changelog: str) -> list[tuple[str, str]]:
    """The versions in the order in which they stand, each with its day or "unreleased"."""
    return _HEADING.findall(changelog)


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, to compare it."""
    return tuple(map(int, version.split(".")))


def out_of_step(version: str, changelog: str, tags: Sequence[str]) -> list[str]:
    """What does not fit together, in words; nothing when all does."""
    found = releases(changelog)
    (newest, day), *older = found
    released = [each for each, when in found if when != "unreleased"]
    tagged = sorted((tag.removeprefix("v") for tag in tags), key=numbers)
    expected = f"{newest}.dev0" if day == "unreleased" else newest
    wrong = []
    if version != expected:
        wrong.append(f"kb says {version}, the changelog {expected}")
    if any(when == "unreleased" for _, when in older):
        wrong.append("only the newest version may be unreleased")
    if found != sorted(found, key=lambda each: numbers(each[0]), reverse=True):
        wrong.append("the newest version stands first")
    if sorted(days := [when for _, when in found if when != "unreleased"], reverse=True) != days:
        wrong.append("a later version has an earlier day")
    wrong += [
        f"v{each} is tagged and not in the changelog" for each in tagged if each not in released
    ]
    # a version is tagged after the commit that writes its day down
    last = released[:1] if day == "unreleased" else released[:2]
    if tagged and tagged[-1] not in last:
        wrong.append(f"v{last[-1]} was never tagged")
    return wrong


def tags() -> list[str]:
    """The tags of the versions that lead to what is here; none outside a clone."""
    command = ["git", "tag", "--merged", "HEAD", "--list", "v*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split()


def test_version_changelog_and_tags_are_in_step() -> None:
    assert out_of_step(__version__, CHANGELOG, tags()) == []


UNDER_WAY = "## [0.3.0] - unreleased\n## [0.2.0] - 2026-12-01\n## [0.1.0] - 2026-11-22\n"
DONE = UNDER_WAY.replace("unreleased", "2026-12-24")


@pytest.mark.parametrize(
    ("version", "changelog", "tagged"),
    [
        ("0.3.0.dev0", UNDER_WAY, []),
        ("0.3.0.dev0", UNDER_WAY, ["v0.2.0", "v0.1.0"]),
        ("0.3.0", DONE, ["v0.1.0", "v0.2.0"]),
        ("0.3.0", DONE, ["v0.1.0", "v0.2.0", "v0.3.0"]),
        ("0.10.0", DONE.replace("0.3.0", "0.10.0"), ["v0.2.0", "v0.10.0"]),
    ],
)
def test_what_is_in_step_is_let_pass(version: str, changelog: str, tagged: list[str]) -> None:
    assert out_of_step(version, changelog, tagged) == []


@pytest.mark.parametrize(
    ("version", "changelog", "tagged"),
    [
        ("0.2.0", UNDER_WAY, []),
        ("0.3.0", UNDER_WAY, []),
        ("0.3.0.dev0", DONE, []),
        ("0.3.0.dev0", UNDER_WAY, ["v0.1.0"]),
        ("0.3.0.dev0", UNDER_WAY, ["v0.3.0"]),
        ("0.3.0", DONE, ["v0.1.0"]),
        ("0.3.0", DONE.replace("2026-12-01", "2027-01-01"), []),
        ("0.1.0", "## [0.1.0] - 2026-11-22\n## [0.2.0] - 2026-11-21\n", []),
        ("0.3.0.dev0", UNDER_WAY.replace("2026-12-01", "unreleased"), []),
    ],
)
def test_what_is_out_of_step_is_seen(version: str, changelog: str, tagged: list[str]) -> None:
    assert out_of_step(version, changelog, tagged)


def test_the_changelog_keeps_to_its_form() -> None:
    versions = re.split(r"^## ", CHANGELOG, flags=re.M)[1:]
    assert len(versions) == len(releases(CHANGELOG))
    for version in versions:
        sections = re.split(r"^### ", version, flags=re.M)[1:]
        names = [section.splitlines()[0] for section in sections]
        assert names
        assert set(names) <= SECTIONS
        assert len(names) == len(set(names))
        assert all("\n- " in section for section in sections)
    assert all(len(line) <= 100 for line in CHANGELOG.splitlines())
