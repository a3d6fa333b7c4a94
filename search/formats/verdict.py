"""What a person is told of an answer that may be none, and of hits that hardly are. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kb.text.lines import plural
from search.confidence.calibration import State
from search.hits import Answer, Hit

REST = "Less likely to answer:"


def verdict(answer: Answer) -> str:
    """A sentence before the hits; empty where they answer."""
    if not answer.hits:
        return "Nothing found."
    missing = ", ".join(answer.missing)
    if answer.state is State.NOTHING:
        lack = f" No passage found mentions: {missing}." if missing else ""
        passages = plural(len(answer.hits), "passage")
        return f"Nothing here answers this.{lack} The nearest {passages}:"
    if answer.state is State.UNCERTAIN:
        if not missing:
            these = "this" if answer.likely == 1 else "one of these"
            return f"Not sure that {these} answers it."
        return f"Not sure: no passage found mentions: {missing}"
    return ""


def parted(answer: Answer) -> tuple[Sequence[Hit], Sequence[Hit]]:
    """The hits that may answer, and those below `REST`: none where all of them are only near."""
    likely = answer.likely or len(answer.hits)
    return answer.hits[:likely], answer.hits[likely:]
