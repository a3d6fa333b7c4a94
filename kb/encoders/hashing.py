"""An encoder without a model: words hashed into buckets, for tests and for trying things out.

Feature hashing (Weinberger et al. 2009): each word adds one to the bucket that its CRC-32 names;
the counts are scaled to unit length. Equal words meet; meaning does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from kb.encoder import Tokens

if TYPE_CHECKING:
    from kb.encoder import Matrix, Vector

_TOKEN = re.compile(r"\w+|[^\w\s]")


class HashingEncoder:
    """Vectors that can be computed by eye; a token is a word or a mark of punctuation."""

    name = "hashing"
    languages: frozenset[str] | None = None

    def __init__(self, dimension: int = 256, window: int = 256) -> None:
        self.dimension = dimension
        self.window = window

    @property
    def fingerprint(self) -> str:
        """Name, dimension and window: nothing else shapes a vector."""
        return f"hashing@{self.dimension}x{self.window}"

    def count(self, text: str) -> int:
        """Words and marks, and two as if for the special tokens of a real model."""
        return len(_TOKEN.findall(text)) + 2

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """float32[n, dimension]; a text without a word points to the first bucket."""
        return self._hashed(texts)

    def encode_question(self, text: str) -> Vector:
        """float32[dimension], as a passage of the same words."""
        vector: Vector = self.encode_passages([text])[0]
        return vector

    def passage_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Words and marks; the vector of each is one in its own bucket."""
        found = [list(_TOKEN.finditer(text))[: self.window - 2] for text in texts]
        return [
            Tokens(
                tuple(token.span() for token in tokens),
                self._hashed([token.group() for token in tokens]),
            )
            for tokens in found
        ]

    def question_tokens(self, text: str) -> Tokens:
        """As those of a passage."""
        return self.passage_tokens([text])[0]

    def _hashed(self, texts: Sequence[str]) -> Matrix:
        import numpy as np

        matrix = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(matrix, texts, strict=True):
            for word in _TOKEN.findall(text.lower()):
                row[crc32(word.encode("utf-8", "surrogatepass")) % self.dimension] += 1.0
            if not row.any():
                row[0] = 1.0
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix
