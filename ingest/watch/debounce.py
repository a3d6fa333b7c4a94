"""Debounce: when a file that is watched has come to rest, by what was seen of it, and when.

Pure: times are handed in. A file is at rest when its stamp (size, times) stood still for a while;
one that is gone, when it stayed away for twice as long, so that a file that was moved has come to
rest under its new name before the old one is given up.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace

STILL = 1.0  # seconds
GROWN = 5.0  # seconds, of a file that was seen to change on its way: a copy may falter
GATHER = 2.0  # seconds that what is at rest waits for what is not, so that a burst is one batch


@dataclass(frozen=True, slots=True)
class FileState:
    """What a file looked like (None: it is gone), since when, and when it was last taken in.

    `grows`: it was seen to change again before it was taken in.
    """

    stamp: Hashable | None
    since: float
    taken: Hashable | None = None
    grows: bool = False

    @property
    def changed(self) -> bool:
        """Whether it is not as it was when it was taken in."""
        return self.stamp != self.taken

    @property
    def rests(self) -> float:
        """The time from which on it is at rest, if it does not change before."""
        if self.stamp is None:
            return self.since + 2 * STILL
        return self.since + (GROWN if self.grows else STILL)


def observed(
    before: Mapping[str, FileState], there: Mapping[str, Hashable], now: float
) -> dict[str, FileState]:
    """The states after looking again; a file that is gone and was given up is forgotten."""
    after = {}
    for name, stamp in there.items():
        state = before.get(name)
        if state is None:
            state = FileState(stamp, now)
        elif state.stamp != stamp:
            state = replace(state, stamp=stamp, since=now, grows=state.changed)
        after[name] = state
    for name in before.keys() - there.keys():
        state = before[name]
        if state.stamp is not None:
            state = replace(state, stamp=None, since=now)
        if state.changed:
            after[name] = state
    return after


def due(states: Mapping[str, FileState], now: float) -> set[str]:
    """What is to be taken in now: all changed files at rest, or none yet as others may join them.

    None waits longer than `GATHER` for files that do not come to rest.
    """
    changed = {name: state.rests for name, state in states.items() if state.changed}
    resting = {name for name, at in changed.items() if at <= now}
    if len(resting) == len(changed):
        return resting
    waited = any(changed[name] + GATHER <= now for name in resting)
    return resting if waited else set()


def with_taken(states: Mapping[str, FileState], names: Collection[str]) -> dict[str, FileState]:
    """The states when these files were taken in as they looked."""
    return {
        name: replace(state, taken=state.stamp, grows=False) if name in names else state
        for name, state in states.items()
    }


def any_waiting(states: Mapping[str, FileState]) -> bool:
    """Whether anything changed that was not taken in yet."""
    return any(state.changed for state in states.values())
