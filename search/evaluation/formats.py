"""An evaluation as text for a person, and as the object that --json prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.text.lines import count
from kb.text.terminal import printable
from search.confidence.calibration import State
from search.evaluation.evaluating import Evaluation, States
from search.evaluation.measures import NAMES
from search.evaluation.significance import Difference, Estimate

LABEL = 12  # columns of a measure's name
WIDTH = 21  # columns of a mean with its interval


def as_text(evaluation: Evaluation, differences: Mapping[str, Difference] | None = None) -> str:
    """A table of the groups of questions; of several stages, a table for each group."""
    parts = [_heading(evaluation)]
    if len(evaluation.stages) == 1:
        parts.append(_table("", evaluation.last.figures))
    else:
        for group in evaluation.groups:
            columns = {name: its.figures[group] for name, its in evaluation.stages.items()}
            parts.append(_table(_group(evaluation, group), columns))
    if evaluation.states:
        parts.append(_states(evaluation.states))
    if differences is not None:
        parts.append(_comparison(differences))
    return "\n\n".join(parts)


def as_object(
    evaluation: Evaluation, differences: Mapping[str, Difference] | None = None
) -> dict[str, object]:
    """All figures, by stage, group and measure."""
    value: dict[str, object] = {
        "collection": evaluation.collection.name,
        "model": evaluation.model,
        "questions": len(evaluation.collection.questions),
        "left_out": evaluation.collection.left_out,
        "documents": len(evaluation.known),
        "passages": evaluation.passages,
        "ranked": _ranked(evaluation),
        "stages": {
            name: {
                group: {
                    "questions": len(evaluation.groups[group]),
                    **{measure: _estimate(its) for measure, its in figures.items()},
                }
                for group, figures in stage.figures.items()
            }
            for name, stage in evaluation.stages.items()
        },
    }
    if evaluation.states:
        value["states"] = {
            group: {
                "questions": sum(counts.values()),
                **{str(state): counts.get(state, 0) for state in State},
            }
            for group, counts in evaluation.states.items()
        }
    if differences is not None:
        value["against"] = {
            measure: {
                "difference": _estimate(its.mean),
                "p": round(its.p, 5),
                "wins": its.wins,
                "losses": its.losses,
                "ties": its.ties,
            }
            for measure, its in differences.items()
        }
    return value


def _heading(evaluation: Evaluation) -> str:
    questions = len(evaluation.collection.questions)
    lines = [
        f"{printable(evaluation.collection.name)}: {count(questions, 'question')}, "
        f"{count(len(evaluation.known), 'document')}, {count(evaluation.passages, 'passage')}; "
        f"{_ranked(evaluation)} ranked."
    ]
    if len(evaluation.stages) == 1:
        (name,) = evaluation.stages
        lines.append(f"Mode {name}; in brackets the 95 % interval.")
    else:
        lines.append("By stage; in brackets the 95 % interval.")
    return "\n".join(lines)


def _ranked(evaluation: Evaluation) -> str:
    return "documents" if evaluation.collection.by_document else "passages"


def _group(evaluation: Evaluation, group: str) -> str:
    return f"{printable(group)} ({len(evaluation.groups[group])})"


def _table(title: str, columns: Mapping[str, Mapping[str, Estimate]]) -> str:
    """A row for each measure."""
    rows = [[title, *columns]]
    rows += ([name, *(_figure(its[name]) for its in columns.values())] for name in NAMES)
    return _lines(rows, [max(LABEL, len(title) + 2), *(WIDTH for _ in columns)])


def _states(groups: States) -> str:
    """What share of each group of questions was said to be answered, uncertain, nothing."""
    rows = [["", *groups]]
    for state in State:
        shares = (counts.get(state, 0) / sum(counts.values()) for counts in groups.values())
        rows.append([str(state), *(f"{share:.3f}" for share in shares)])
    return _lines(rows, [LABEL, *(max(WIDTH, len(group) + 2) for group in groups)])


def _comparison(differences: Mapping[str, Difference]) -> str:
    rows = [["difference", "", "p", "wins", "losses", "ties"]]
    rows += (
        [
            name,
            _figure(its.mean, "+"),
            f"{its.p:.4f}",
            *map(str, (its.wins, its.losses, its.ties)),
        ]
        for name, its in differences.items()
    )
    return _lines(rows, [LABEL, WIDTH + 3, 9, 7, 8, 6])


def _lines(rows: Iterable[list[str]], widths: list[int]) -> str:
    return "\n".join(
        "".join(f"{printable(cell):<{width}}" for cell, width in zip(row, widths, strict=True))
        .rstrip()
        for row in rows
    )  # fmt: skip


def _figure(its: Estimate, sign: str = "") -> str:
    if sign:
        return f"{its.value:+.3f} [{its.low:+.3f} {its.high:+.3f}]"
    return f"{its.value:.3f} [{its.low:.3f}-{its.high:.3f}]"


def _estimate(its: Estimate) -> dict[str, float]:
    return {"value": round(its.value, 5), "low": round(its.low, 5), "high": round(its.high, 5)}
