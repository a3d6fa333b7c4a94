"""Folders that are watched: what is there, when to look again, and rounds of taking in."""

from __future__ import annotations

import os
import time
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path

from ingest.pipeline.report import Report
from ingest.pipeline.session import Session
from ingest.sources.discovered import Discovered, uri_of, why
from ingest.sources.files import discover_file, files_below
from ingest.watch.debounce import FileState, any_waiting, due, observed, with_taken
from kb.records import Refusal


class Watch:
    """The files below some folders as they come, change and go."""

    def __init__(self, folders: Sequence[str], session: Session) -> None:
        self.folders = [uri_of(folder) for folder in folders]
        self._session = session
        self._paths: dict[str, Path | Refusal] = {}
        self._states: dict[str, FileState] = {}
        self._empty: set[str] = set()  # folders without a file
        self.emptied: list[str] = []  # those of them that the last round found to be so

    @property
    def files(self) -> int:
        """How many there are."""
        return len(self._paths)

    @property
    def pending(self) -> bool:
        """Whether something has changed and was not taken in yet."""
        return any_waiting(self._states)

    def look(self) -> list[str]:
        """Walk the folders; those that are not there any more, which are let go."""
        lost = [folder for folder in self.folders if not os.path.isdir(folder)]  # noqa: PTH112
        self.folders = [folder for folder in self.folders if folder not in lost]
        self._paths = {}
        self._empty = set()
        for folder in self.folders:
            below = {
                one.source if isinstance(one, Refusal) else uri_of(one): one
                for one in files_below(Path(folder))
            }
            if not below:
                self._empty.add(folder)
            self._paths |= below
        stamps = {name: _stamp(one) for name, one in self._paths.items()}
        self._states = observed(
            {name: one for name, one in self._states.items() if _inside(name, self.folders)},
            stamps,
            time.monotonic(),
        )
        return lost

    def round(self, *, first: bool = False) -> Report | None:
        """Take in what came to rest, and see what is gone; None when nothing is due.

        The first one sees what is gone also when nothing is due. StoreLocked when another process
        writes: then all of it stays due.
        """
        names = due(self._states, time.monotonic())
        if not names and not first:
            return None
        self.emptied = [one for one in sorted(self._empty) if any(_inside(n, [one]) for n in names)]
        discovered = [one for name in sorted(names) for one in self._discovered(name)]
        report = self._session.take(
            discovered,
            self.folders,
            present=[*self._empty, *(name for name in self._states if name not in names)],
        )
        if not report.interrupted:
            self._states = with_taken(self._states, names)
        return report

    def _discovered(self, name: str) -> Iterator[Discovered]:
        one = self._paths.get(name)
        if isinstance(one, Refusal):
            yield one
        elif one is not None:
            yield from discover_file(one, self._session.options.max_size)


def _inside(name: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders, or below one."""
    return any(name == one or name.startswith(f"{one.rstrip('/')}/") for one in folders)


def _stamp(one: Path | Refusal) -> Hashable:
    """What changes when a file does; of what cannot be looked at, why not."""
    if isinstance(one, Refusal):
        return one.reason
    try:
        state = one.stat()
    except OSError as error:
        return why(error)
    return (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
