"""Vectors made beside everything else: while a batch is encoded, the next documents are read.

Encoding takes most of an ingest and runs outside Python's lock, so reading, cutting and the
database cost next to nothing beside it. A text that was encoded before is not encoded again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kb.encoder import Encoder
from kb.store import Store

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

SLICE = 8_192  # tokens: some half a second's work, what Ctrl-C may have to wait for
GLANCE = 0.2  # seconds between two looks at what the other thread has done

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pending:
    """Texts on their way: for each its vector, or the work that makes it and the row in it.

    `new` are those that are made for this batch and for no earlier one; `alone` is the work that
    makes all of them, each once and in their order, if there is such.
    """

    rows: list[Vector | tuple[Future[Matrix], int]]
    new: list[str]
    alone: Future[Matrix] | None


class Background:
    """Encodes in a thread of its own, one batch after the other; results are taken in that order.

    `progress(passages, tokens)` is told, in the caller's thread, what was done since the last call.
    The store is asked and told in the caller's thread alone.
    """

    def __init__(
        self, store: Store, encoder: Encoder, progress: Progress = lambda passages, tokens: None
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._progress = progress
        self._thread = ThreadPoolExecutor(1, "encoder")
        self._stop = Event()
        self._done: SimpleQueue[tuple[int, int]] = SimpleQueue()
        self._begun: dict[str, tuple[Future[Matrix], int]] = {}  # texts that were not taken yet
        self._last: Future[Matrix] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        """Begin no further slice."""
        self._stop.set()

    @property
    def idle(self) -> bool:
        """Whether nothing is being made."""
        return self._last is None or self._last.done()

    def begin(self, texts: list[str], tokens: Sequence[int]) -> Pending:
        """Start on the texts, which take so many tokens each; `take` gives their vectors."""
        known = self._store.encoded(texts)
        new = {
            text: count
            for text, count in zip(texts, tokens, strict=True)
            if text not in known and text not in self._begun
        }
        made = self._last = self._thread.submit(self._encode, list(new), list(new.values()))
        self._begun.update({text: (made, row) for row, text in enumerate(new)})
        self._done.put((len(texts) - len(new), 0))
        if texts and len(new) == len(texts):
            return Pending([], texts, made)
        rows = [known[text] if text in known else self._begun[text] for text in texts]
        return Pending(rows, list(new), None)

    def take(self, pending: Pending) -> Matrix:
        """float32[n, dimension] of the texts; waits until they are made.

        Raises what the encoder raised. The store should know the vectors before the next `begin`.
        """
        import numpy as np

        if pending.alone is not None:  # all of them, made for this batch: no copy
            matrix = self._result(pending.alone)
        else:
            matrix = np.empty((len(pending.rows), self._encoder.dimension), dtype=np.float32)
            for at, row in enumerate(pending.rows):
                if isinstance(row, tuple):
                    matrix[at] = self._result(row[0])[row[1]]
                else:
                    matrix[at] = row
        self._tell()
        for text in pending.new:
            del self._begun[text]
        return matrix

    def _result(self, made: Future[Matrix]) -> Matrix:
        while not made.done():
            wait([made], timeout=GLANCE)
            self._tell()
        return made.result()

    def _encode(self, texts: list[str], tokens: list[int]) -> Matrix:
        """In the other thread: the vectors of all texts, a slice at a time."""
        import numpy as np

        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        matrix = np.empty((len(texts), self._encoder.dimension), dtype=np.float32)
        for start, end in slices(tokens):
            if self._stop.is_set():
                break
            matrix[start:end] = self._encoder.encode_passages(texts[start:end])
            self._done.put((end - start, sum(tokens[start:end])))
        return matrix

    def _tell(self) -> None:
        while not self._done.empty():
            self._progress(*self._done.get())


def slices(tokens: Sequence[int], most: int = SLICE) -> Iterator[tuple[int, int]]:
    """Neighbouring runs (start, end) of at most so many tokens together, one text at the least."""
    start = size = 0
    for at, count in enumerate(tokens):
        if size + count > most and at > start:
            yield start, at
            start, size = at, 0
        size += count
    if start < len(tokens):
        yield start, len(tokens)


def encode(texts: list[str], store: Store, encoder: Encoder) -> Matrix:
    """float32[n, dimension] of the texts, made now."""
    with Background(store, encoder) as background:
        return background.take(background.begin(texts, [encoder.count(text) for text in texts]))
