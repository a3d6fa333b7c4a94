"""The FAISS index: derived from the vectors in SQLite, rebuilt whenever it is not to be trusted.

The only module that imports faiss. Two files: the index, and a label beside it that says which
generation, model and bytes it was built from. SQLite keeps the label's digest: an index whose
label is another one (older, damaged, from another knowledge base) is not opened.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from kb.keys import sha256_of
from kb.local import labels
from kb.local.files import replace_file, replacing
from kb.local.permissions import folder_within

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.encoder import Matrix, Vector

INDEX = "passages.faiss"
LABEL = "passages.json"
_LENGTH = struct.Struct("<Q")
_HEAD = struct.Struct("<4siqqq?i")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(labels.Label):
    """Of the vectors: which model made them, how many numbers each has, and how many they are."""

    FORMAT: ClassVar[int] = 1

    fingerprint: str
    dimension: int
    count: int


class VectorIndex:
    """An exact index over the vectors of one generation, opened for reading."""

    def __init__(self, faiss_index: Any, label: Label) -> None:
        self._index = faiss_index
        self.label = label

    @property
    def generation(self) -> int:
        """The generation that the index was built from."""
        return self.label.generation

    @property
    def count(self) -> int:
        """How many vectors it holds."""
        return self.label.count

    def search(
        self, vector: Vector, limit: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Up to `limit` (id, inner product), best first; ties in any order."""
        import faiss
        import numpy as np

        faiss.omp_set_num_threads(1)  # one question: threads cost more than they bring
        limit = min(limit, self.count)
        if limit <= 0:
            return []
        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.asarray(among, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # swig hides it
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        scores, ids = self._index.search(query, limit, params=parameters)
        # faiss pads short results with -1
        return [
            (int(id), float(score)) for id, score in zip(ids[0], scores[0], strict=True) if id >= 0
        ]

    def vectors(self) -> tuple[NDArray[np.int64], Matrix]:
        """All ids and vectors in the index, for checking it against the truth."""
        import faiss
        import numpy as np

        ids = faiss.vector_to_array(self._index.id_map)
        flat = faiss.downcast_index(self._index.index)
        matrix = flat.reconstruct_n(0, self.count) if self.count else np.empty((0, flat.d), "f4")
        return ids, matrix


def build(
    folder: Path,
    batches: Iterable[tuple[NDArray[np.int64], Matrix]],
    count: int,
    dimension: int,
    generation: int,
    fingerprint: str,
) -> str:
    """Write an index over `count` ids and vectors, in batches float32[n, dimension]; the label's
    digest.

    What is written is faiss's own format (an `IndexIDMap2` of an `IndexFlatIP`), a batch at a
    time: its writer would hold every vector. The files are replaced whole, the label last: a crash
    before the digest is kept leaves a label that nobody knows, hence an index that is not used.
    """
    folder_within(folder)
    path = folder / INDEX
    written: list[NDArray[np.int64]] = []
    with replacing(path) as file:
        file.write(_head(b"IxM2", dimension, count) + _head(b"IxFI", dimension, count))
        file.write(_LENGTH.pack(count * dimension))
        for ids, matrix in batches:
            file.write(matrix.data)
            written.append(ids)
        file.write(_LENGTH.pack(count))
        for ids in written:
            file.write(ids.data)
        if (found := sum(map(len, written))) != count:
            raise ValueError(f"not {count} vectors but {found}")
    label = Label.of(path, generation, fingerprint=fingerprint, dimension=dimension, count=count)
    text = label.text().encode()
    replace_file(folder / LABEL, text)
    return sha256_of(text)


def open_index(folder: Path, digest: str | None, *, every_byte: bool = False) -> VectorIndex | None:
    """The index in the folder whose label has this digest; None when it is not to be trusted."""
    try:
        text = (folder / LABEL).read_bytes()
    except OSError:
        return None
    if sha256_of(text) != digest:
        return None
    path = folder / INDEX
    label = Label.read(text, path, every_byte=every_byte)
    if label is None:
        return None
    import faiss

    try:
        # memory-mapped: opening costs the same for any size; such an index is never added to
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError:
        return None
    if index.ntotal != label.count or index.d != label.dimension:
        return None
    return VectorIndex(index, label)


def _head(name: bytes, dimension: int, count: int) -> bytes:
    """How faiss begins an index of so many vectors: trained, by inner product (0)."""
    unused = 1 << 20  # where older versions kept two numbers
    return _HEAD.pack(name, dimension, count, unused, unused, True, 0)
