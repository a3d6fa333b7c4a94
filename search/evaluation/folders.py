"""Which form the judgements in a folder have."""

from __future__ import annotations

from pathlib import Path

from kb.errors import BadUsage
from search.evaluation import beir, own
from search.evaluation.collections import Collection


def read(folder: Path) -> Collection:
    """The collection in a folder; BadUsage says what is missing or wrong, and where."""
    if not folder.is_dir():
        what = "not a folder" if folder.exists() else "no such folder"
        raise BadUsage(f"{folder}: {what}. Name a folder with questions and judgements.")
    if (folder / own.QUESTIONS).exists():
        return own.read(folder)
    if (folder / beir.QUERIES).exists():
        return beir.read(folder)
    raise BadUsage(
        f"{folder}: no questions in this folder. kb eval reads {own.QUESTIONS} beside briefs, or "
        f"{beir.CORPUS}, {beir.QUERIES} and {beir.QRELS} or {beir.EVIDENCE}."
    )
