"""Answers as text: one module a format, each with `render(answer, terminal)`.

The written answer ends with a line end; formats that have a heading repeat it for each answer.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from kb.text.terminal import Terminal
from search.hits import Answer

NAMES = ("text", "json", "jsonl", "markdown", "csv")


def renderer(name: str) -> Callable[[Answer, Terminal], str]:
    """The function that writes an answer in the named format."""
    module = import_module(f"search.formats.as_{name}")
    return cast("Callable[[Answer, Terminal], str]", module.render)
