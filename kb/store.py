"""A knowledge base opened as one: catalogue, index and upkeep; and `open_store`, the way to it.

A location is a string: today the path of a folder.
"""

from __future__ import annotations

from os import PathLike
from types import TracebackType
from typing import Protocol, Self

from kb.catalogue import Catalogue
from kb.encoders import DEFAULT, PRECISION
from kb.index import Index
from kb.upkeep import Upkeep


class Store(Catalogue, Index, Upkeep, Protocol):
    """What is kept, what is found and whether it is sound, over one location."""

    @property
    def location(self) -> str:
        """Where it is, as it was named."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def refresh(self) -> bool:
        """Open what a question needs of the newest state; whether that is newer than before.

        Questions see the newest state also without it; but the one that comes first after a change
        pays for it, unless this was called meanwhile.
        """

    def close(self) -> None:
        """Finish what is pending (the index) and let go of the files."""


def open_store(
    location: str | PathLike[str],
    *,
    write: bool = False,
    create: bool = False,
    model: str = DEFAULT,
    precision: str = PRECISION,
) -> Store:
    """The knowledge base at a location, to read, or with `write` to change.

    `create` makes it when it is not there, for the named model and precision. StoreMissing,
    StoreLocked, StoreTooNew and StoreDamaged say what is wrong.
    """
    from kb.local.store import LocalStore

    return LocalStore.open(
        location, write=write or create, create=create, model=model, precision=precision
    )
