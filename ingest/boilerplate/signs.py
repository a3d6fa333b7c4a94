"""What a line or paragraph looks like by itself: the brief, a label, a notice. Pure.

A notice is known by its voice, not by its topic: a site that speaks of itself ("we", "our
partners") to its visitor ("your browser", "you can opt out"). A brief about consent speaks of
"websites" and "users", or quotes. Furniture (buttons, menus, share bars) is known by whole lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.boilerplate.labels import LEGAL, label
from ingest.boilerplate.looks import ADVERTISEMENT, COOKIES, FOOTER, NEWSLETTER, Look
from ingest.boilerplate.voice import (
    CONSENT,
    DISCOURSE,
    ENDS,
    FULL_STOP,
    GREETING,
    INVITATION,
    QUOTED,
    SITE,
    VISITOR,
    WEB,
    distinct,
)
from ingest.drafts import Block

SHORT, REMEMBERED = 4_096, 512  # characters; texts, as each is looked at three times
_EDGES = " \t↑☰×✕✖›»«←→▼▾•|·*#>–—-"  # what stands around a label without being of it


@dataclass(frozen=True, slots=True)
class Sign:
    """What a block looks like and why it would be left out."""

    look: Look
    reason: str = ""


_PROSE = Sign(Look.PROSE)
LINE = Sign(Look.LINE)
AD = Sign(Look.SURE, ADVERTISEMENT)
BRIEF = (Look.PROSE, Look.LINE)
LABELS = (Look.WORD, Look.TOOL)
ANCHORS = (Look.NOTICE, Look.BUTTON, Look.SURE)


def signs_of(block: Block) -> Sequence[tuple[str, Sign]]:
    if block.kind == "title":
        return [(block.text, LINE)]
    if block.kind in ("quote", "table"):
        cookies = block.kind == "table" and "cookie" in block.text.lower()
        return [(block.text, Sign(Look.ECHO, COOKIES) if cookies else _PROSE)]
    return signs_of_lines(block.text)


def signs_of_lines(text: str) -> Sequence[tuple[str, Sign]]:
    """The text as one, or line by line where labels and notices stand among its lines."""
    return _remembered(text) if len(text) <= SHORT else _signs_of_lines(text)


def _signs_of_lines(text: str) -> Sequence[tuple[str, Sign]]:
    said = QUOTED.sub(lambda quoted: re.sub(r"[^\n]", "_", quoted[0]), text)
    if "\n" not in text:
        return [(text, _sign(said))]
    units: list[tuple[str, Sign]] = []
    start = 0
    for line in said.split("\n"):
        end = start + len(line)
        sign = _sign(line)
        if units and sign.look in BRIEF and _runs_on(units[-1][0], line):
            start -= len(units.pop()[0]) + 1
            sign = _sign(said[start:end])
        units.append((text[start:end], sign))
        start = end + 1
    looks = {sign.look for _, sign in units}
    if looks & set(ANCHORS) or looks <= set(LABELS):
        return units
    return [(text, _sign(said))]


_remembered = lru_cache(REMEMBERED)(_signs_of_lines)


def _runs_on(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the line before it."""
    if ENDS.search(before):
        return False
    wrapped = len(before.rpartition("\n")[2]) >= 50
    return wrapped or line.lstrip()[:1].islower()


def _sign(said: str) -> Sign:
    """What a line or paragraph looks like; `said` is without what it quotes."""
    line = plain(said).strip(_EDGES).rstrip(":")
    if not line:
        return Sign(Look.TOOL, COOKIES) if set(said) & set("×✕✖") else _PROSE
    known = (_label(line) or _row_of_labels(line)) if len(line) <= 450 else None
    if known:
        return known
    short = len(line.split()) <= 14 and not FULL_STOP.search(said)
    return _voice(plain(said)) or (LINE if short else _PROSE)


def _label(line: str) -> Sign | None:
    known = label(line)
    return Sign(*known) if known else None


def _row_of_labels(line: str) -> Sign | None:
    """The sign of a line that holds several labels: a menu, a share bar, buttons."""
    parts = [part.strip() for part in re.split(r"\s[|·•/]\s|\|", line) if part.strip()]
    if apart := len(parts) > 1:
        fits = max(map(len, parts)) <= 50
    else:
        parts = _labels_in([word.rstrip(":") for word in line.split()])
        fits = len(parts) > 1
    known = [sign for sign in map(_label, parts) if sign]
    if not fits or 2 * len(known) < len(parts):
        return None
    sure = [sign for sign in known if sign.look in (Look.SURE, Look.BUTTON)]
    if sure and len(known) == len(parts) and sure[0] != AD:
        return sure[0]
    if len(known) < (2 if apart else 4):
        return None
    return Sign(Look.SURE, FOOTER if LEGAL.search(line) else known[0].reason)


def _labels_in(words: list[str]) -> list[str]:
    """The fewest labels, each with a capital, that make up all the words; [] when none do."""
    if len(words) > 16:
        return []
    best: list[list[str] | None] = [[]]
    for end in range(1, len(words) + 1):
        ways = [
            [*before, " ".join(words[start:end])]
            for start in range(max(0, end - 8), end)
            if (before := best[start]) is not None
            and words[start][:1].isupper()
            and _label(" ".join(words[start:end]))
        ]
        best.append(min(ways, key=len) if ways else None)
    return best[-1] or []


def _voice(said: str) -> Sign | None:
    """The sign of a notice: a site that speaks of itself, to its visitor, about consent."""
    brief = len(said.split()) <= 60
    if brief and INVITATION.match(said) and not DISCOURSE.search(said):
        return Sign(Look.NOTICE, NEWSLETTER)
    consent = distinct(CONSENT, said)
    if not consent:
        return None
    site, visitor, discourse = (distinct(p, said) for p in (SITE, VISITOR, DISCOURSE))
    spoken = site + visitor + consent
    greets = brief and not discourse and GREETING.match(said)
    if greets or (site and visitor and spoken >= 3 + 2 * discourse and WEB.search(said)):
        return Sign(Look.NOTICE, COOKIES)
    if (site or visitor) and spoken >= 2 + 2 * discourse:
        return Sign(Look.ECHO, COOKIES)
    return None


def plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split())
