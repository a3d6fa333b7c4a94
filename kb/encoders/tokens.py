"""What a model gives for each token of a text, as `Tokens`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.encoder import Tokens

if TYPE_CHECKING:
    from kb.encoder import Matrix


def tokens_of(
    states: Matrix, offsets: Sequence[tuple[int, int]], special: Sequence[int], prompt: int
) -> Tokens:
    """The tokens of a text behind a prompt of so many characters, without the special ones.

    `states` is float32[n, width]; `offsets` are characters of prompt and text, `special` is 1 for
    a mark of the model's own. Both may be longer than `states`, which ends with the window.
    """
    import numpy as np

    read = len(states) if len(states) == len(offsets) else len(states) - 1  # a mark ends it
    rows = [row for row in range(read) if not special[row] and offsets[row][1] > prompt]
    spans = tuple((max(offsets[row][0] - prompt, 0), offsets[row][1] - prompt) for row in rows)
    vectors = np.asarray(states, dtype=np.float32)[rows]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Tokens(spans, vectors / np.maximum(lengths, 1e-9))
