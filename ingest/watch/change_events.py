"""When to look at watched folders again: when the system tells of a change, or time has passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

TICK = 0.25  # seconds between two looks while something is on its way
RESCAN = 60.0  # seconds: a network drive does not tell of what other computers write
BLIND = 5.0  # the same, where the system tells of nothing
CALM = 5.0  # looking takes at most one part in so many of the time

Seen = TypeVar("Seen")


def change_events(
    folders: Sequence[str],
    look: Callable[[], Seen],
    pending: Callable[[], bool],
    blind: Callable[[str], None],
) -> Iterator[Seen]:
    """What was seen, whenever it was time to look, for ever.

    `pending()` says whether something is on its way; `blind(reason)` is told when the system
    cannot tell of changes, so that the folders are only looked at now and then.
    KeyboardInterrupt when the process is asked to stop.
    """
    told = _ticks(folders, blind)
    changed, rescan, due = False, RESCAN, time.monotonic()
    looked = -RESCAN
    for change in told:
        if change is None:
            rescan = BLIND
        changed = changed or bool(change)
        now = time.monotonic()
        if now < due or not (changed or pending() or now - looked >= rescan):
            continue
        changed = False
        seen = look()
        looked = time.monotonic()
        due = looked + CALM * (looked - now)  # of looking alone: a round may take minutes
        yield seen


def _ticks(folders: Sequence[str], blind: Callable[[str], None]) -> Iterator[bool | None]:
    """Every now and then whether something changed; None when the system cannot tell."""
    from watchfiles import watch

    try:
        for changes in watch(
            *folders,
            watch_filter=None,  # what is a brief is decided in one place
            debounce=round(TICK * 1000),
            rust_timeout=round(TICK * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            yield bool(changes)
    except OSError as error:
        blind(str(error))
    while True:
        yield None
        time.sleep(TICK)
