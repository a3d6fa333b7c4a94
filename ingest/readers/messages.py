"""What a worker is asked and what it answers, over a pipe: a part in JSON, and bytes beside it.

Each message is the lengths of its two parts, as 64-bit numbers with the highest byte first, and
the parts. A reader goes by the name under which it is registered; nothing in a message can name
any other code.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

from ingest.drafts import Reading
from ingest.readers.codec import from_json, to_json

_LENGTHS = struct.Struct(">QQ")
_PIECE = 1024 * 1024  # bytes that are read at once: memory is taken as they come, not as announced


@dataclass(frozen=True, slots=True)
class Question:
    """Which reader is to read what: bytes, the name of their file, and what else it takes."""

    reader: str
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reading, or the reason why there is none."""

    reading: Reading | None = None
    refusal: str | None = None


def write_question(stream: IO[bytes], question: Question, data: bytes) -> None:
    """Send a question with its bytes."""
    _write(stream, to_json(question), data)


def read_question(stream: IO[bytes]) -> tuple[Question, bytes] | None:
    """The next question with its bytes; None when nobody asks any more."""
    lengths = stream.read(_LENGTHS.size)
    if not lengths:
        return None
    head, size = _LENGTHS.unpack(lengths)
    question = from_json(Question, _read(stream, head))
    return question, _read(stream, size)


def write_answer(stream: IO[bytes], answer: bytes) -> None:
    """Send an answer, as `to_json` has it."""
    _write(stream, answer, b"")


def read_answer(stream: IO[bytes], most: int) -> Answer:
    """The answer to the question that was sent last.

    EOFError when none comes, ValueError for what is none, or longer than `most` bytes.
    """
    head, size = _LENGTHS.unpack(_read(stream, _LENGTHS.size))
    if head > most or size:
        raise ValueError("an answer longer than any")
    answer = from_json(Answer, _read(stream, head))
    if (answer.reading is None) == (answer.refusal is None):
        raise ValueError("an answer that says nothing, or two things")
    return answer


def _write(stream: IO[bytes], head: bytes, data: bytes) -> None:
    stream.write(_LENGTHS.pack(len(head), len(data)))
    stream.write(head)
    stream.write(data)
    stream.flush()


def _read(stream: IO[bytes], size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
