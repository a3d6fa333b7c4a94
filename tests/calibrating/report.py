"""The figures of a calibration, for a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_text(measured: Mapping[str, Any]) -> str:
    """Tables: areas and states by kind, then what was said of unseen questions."""
    parts = [
        _table("area under the ROC curve", measured["areas"]),
        _table("what kb says", measured["states"]),
    ]
    for name in ("unseen", "unseen_without_reading", "unseen_general"):
        parts.append(_table(name.replace("_", " "), {"": measured[name]}))
    return "\n\n".join(parts)


def _table(title: str, groups: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    names = list(next(iter(next(iter(groups.values())).values())))
    rows: list[Sequence[str]] = [(title, *names)]
    for group, kinds in groups.items():
        for kind, figures in kinds.items():
            label = f"{group}, {kind}" if group else kind
            rows.append((label, *(_figure(figures[name]) for name in names)))
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    return "\n".join(
        "".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _figure(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"
