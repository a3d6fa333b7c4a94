"""The Encoder contract: text in, unit vectors out.

Any object with these members serves; `tests/contracts/test_encoder_contract.py` is its suite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector: TypeAlias = NDArray[np.float32]
    Matrix: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of a text, each where it stands and what it means there.

    `spans` are characters of the text, half open, in order; `vectors` is float32[n, width], a unit
    vector for each, the text around it read with it. The model's own marks are left out.
    """

    spans: tuple[tuple[int, int], ...]
    vectors: Matrix


class Encoder(Protocol):
    """Turns passages and questions into vectors whose inner product is their similarity."""

    @property
    def name(self) -> str:
        """The model as a person names it: "all-MiniLM-L6-v2", a path, a hub name."""

    @property
    def fingerprint(self) -> str:
        """Name and digest of all that shapes a vector; equal fingerprints, equal vectors."""

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""

    @property
    def window(self) -> int:
        """How many tokens the model reads at once, its own special tokens included."""

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages the model knows (ISO 639-1), None where nobody says."""

    def count(self, text: str) -> int:
        """How many tokens of the window `text` takes, special tokens included."""

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """float32[n, dimension], a unit vector for each text; none may exceed the window."""

    def encode_question(self, text: str) -> Vector:
        """float32[dimension], the unit vector of a question."""

    def passage_tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, as far as the window goes; all vectors of one width."""

    def question_tokens(self, text: str) -> Tokens:
        """The tokens of a question, comparable with those of passages by inner product."""
