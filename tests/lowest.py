"""The oldest versions that pyproject.toml allows, as constraints of pip: see make test-lowest."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
OURSELVES = "kb-briefs"  # an extra that another one takes in


def requirements() -> Iterator[str]:
    """Every requirement of kb and of its extras, as pyproject.toml writes it."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    for part in (project["dependencies"], *project["optional-dependencies"].values()):
        yield from (each for each in part if not each.startswith(f"{OURSELVES}["))


def pinned(requirement: str) -> str:
    """A requirement held to its lower bound; ValueError when it has none."""
    found = re.match(r"([\w-]+)>=([\w.]+)(?:,|$)", requirement)
    if found is None:
        raise ValueError(f"pyproject.toml: no lower bound: {requirement}")
    return f"{found[1]}=={found[2]}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{pinned(each)}\n" for each in requirements())
