"""What a person is told of an answer that may be none. Pure."""

from __future__ import annotations

from search.confidence import State
from search.hits import Answer


def verdict(answer: Answer) -> str:
    """A sentence before the hits; empty where they answer."""
    if not answer.hits:
        return "Nothing found."
    alone = len(answer.hits) == 1
    missing = ", ".join(answer.missing)
    if answer.state is State.NOTHING:
        lack = f" No passage found mentions: {missing}." if missing else ""
        return f"Nothing here answers this.{lack} The nearest passage{'' if alone else 's'}:"
    if answer.state is State.UNCERTAIN:
        if not missing:
            return f"Not sure that {'this' if alone else 'one of these'} answers it."
        return f"Not sure: no passage found mentions: {missing}"
    return ""
