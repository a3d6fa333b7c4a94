"""Errors that a person reads: each says what, where, and what to do next.

One place (`kb.cli.main`) turns them into a line on stderr and an exit code.
"""

from __future__ import annotations

from os import PathLike
from typing import TypeAlias

Location: TypeAlias = str | PathLike[str]  # where a knowledge base is


class KBError(Exception):
    """Base of all errors that kb raises on purpose. Exit code 2."""


class BadUsage(KBError):
    """The words of a command or call do not make sense together."""


class NotFound(KBError):
    """A document, revision or passage that is not in the knowledge base."""


class Refused(KBError):
    """A source that cannot be read; the message is the reason, without the source's name."""


class MissingExtra(KBError):
    """An optional part is not installed; the message holds the exact install line."""


class ReportingLibrary(KBError):
    """A version of a library that reports about its user and cannot be kept from it."""

    def __init__(self, library: str, version: str, least: str | None) -> None:
        since = f"versions before {least} cannot" if least else "this version cannot"
        wanted = f">={least}" if least else f"<{version}"
        super().__init__(
            f"{library} {version}: {since} be kept from reporting about you, so kb does not use "
            f"it. Install another one with: pip install '{library}{wanted}'"
        )


class StoreError(KBError):
    """A knowledge base that cannot be used as it is."""


class StoreMissing(StoreError):
    """No knowledge base stands at the location."""

    def __init__(self, location: Location) -> None:
        super().__init__(
            f"{location}: there is no knowledge base here. "
            f"Make one with: kb --kb '{location}' ingest FILE"
        )


class StoreTooNew(StoreError):
    """The knowledge base was written by a newer kb."""

    def __init__(self, location: Location, theirs: int, ours: int) -> None:
        super().__init__(
            f"{location}: written in format {theirs}; this kb knows formats up to {ours}. "
            "Nothing was changed. Upgrade kb to use it."
        )


class StoreDamaged(StoreError):
    """The database file cannot be read."""

    def __init__(self, location: Location, detail: str) -> None:
        super().__init__(
            f"{location}: the knowledge base is damaged ({detail}). Nothing was changed. "
            "Copy the folder aside; your briefs are in its folder originals/, and "
            "kb ingest into a new knowledge base reads them again."
        )


class StoreLocked(StoreError):
    """Another process is writing."""

    def __init__(self, location: Location) -> None:
        super().__init__(
            f"{location}: another kb is writing to this knowledge base. "
            "Wait until it is done, then run the command again. Searching is possible meanwhile."
        )


class StoreReadOnly(StoreError):
    """The files of the knowledge base may not be written."""


class DiskFull(StoreError):
    """No room is left for what was to be written."""

    def __init__(self, location: Location) -> None:
        super().__init__(
            f"{location}: the disk is full. What was there before is unharmed, and documents "
            "that were done are kept. Free some space and run the command again to go on."
        )


class ModelMismatch(StoreError):
    """The encoder at hand is not the one that the stored vectors were made with."""

    def __init__(self, location: Location, theirs: str, ours: str) -> None:
        super().__init__(
            f"{location}: made with the model {theirs}, but asked with {ours}. "
            "Vectors of two models cannot be compared. Use the first model, or make a new "
            f"knowledge base: kb --kb NEW_FOLDER init --model '{ours.partition('@')[0]}', "
            "then kb --kb NEW_FOLDER ingest"
        )


class ModelUnavailable(KBError):
    """The model cannot be loaded."""
