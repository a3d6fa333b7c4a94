"""Why a passage was found, in words for a person. Pure."""

from __future__ import annotations

from kb.text.lines import plural
from search.hits import Explanation, Hit

# Cosines of the default model, measured on health guidance: of the sections that answer 60 % are
# above the first and 95 % above the second; of sections picked by chance half are below the last.
CLOSENESS = ((0.6, "close"), (0.4, "related"), (0.2, "distant"))


def in_words(hit: Hit) -> list[str]:
    """The sum that is the score, then what each signal saw; nothing without an explanation."""
    why = hit.explanation
    if why is None:
        return []
    total = " ".join(f"{'-' if part < 0 else '+'} {n} {abs(part):.2f}" for n, part in _shown(why))
    seen = []
    if why.cosine is not None:
        seen.append(f"meaning {why.cosine:.2f} ({closeness(why.cosine)})")
    if "words" in why.parts:
        seen.append(_words(why))
    if why.phrases:
        names = ", ".join(f"“{name}”" for name in why.phrases)
        seen.append(f"{plural(len(why.phrases), 'phrase')}: {names}")
    return [f"score {hit.score:.2f} = {total.removeprefix('+ ')}", "; ".join(seen)]


def _shown(why: Explanation) -> list[tuple[str, float]]:
    """The parts that are more than nothing, in two digits; the first in any case."""
    first, *others = why.parts.items()
    return [first, *((name, part) for name, part in others if abs(part) >= 0.005)]


def closeness(cosine: float) -> str:
    """How near a meaning is."""
    return next((word for least, word in CLOSENESS if cosine >= least), "far")


def _words(why: Explanation) -> str:
    """Which of the question's words stand there."""
    count = len(why.found) + len(why.missing)
    if not count:
        return "words: the question has none to look for"
    if not why.found:
        return f"words: none of {', '.join(why.missing)}"
    found = ", ".join(why.found)
    if not why.missing:
        return f"words: {found} (all)"
    return (
        f"words: {found} ({len(why.found)} of {count}, {100 * why.weight:.0f} % of the weight; "
        f"missing: {', '.join(why.missing)})"
    )
