"""Every reader against damaged files: each is read soundly or refused in a line, and soon.

`make fuzz` runs it for ten minutes, FOR=SECONDS as long as you like, from the file SEED on. What
breaks a reader is printed with its number, from which the same bytes are made again.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from mutations import assert_reading, mutated, mutated_archive
from test_reader_docx import SOUND as WORD
from test_reader_epub import SOUND as BOOK
from test_reader_mail import SOUND as LETTER
from test_reader_mail import saved
from test_reader_pdf_laws import SOUND as SHEETS

from ingest.readers import reader_named
from kb.errors import Refused

HERE = Path(__file__).parent
CORPUS = HERE.parent / "corpus"
SOON = 20  # seconds for one file; none is larger than 100 KB
RECORD = (
    b'{"_id": "1", "title": "Tolls", "text": "Who pays.\\n\\nDrivers pay.", "authors": ["A B"]}'
)

Damage = Callable[[bytes, random.Random], bytes]


def _files(*patterns: str) -> list[bytes]:
    found = [path for pattern in patterns for path in sorted(HERE.parent.glob(pattern))]
    return [path.read_bytes()[:100_000] for path in found]


SAMPLES: Mapping[str, tuple[Damage, list[bytes]]] = {
    "plain": (mutated, _files("corpus/*.txt", "corpus/*.md")),
    "markdown": (mutated, _files("corpus/*.md")),
    "html": (mutated, _files("corpus/*.html", "tests/fixtures/html/*.html")),
    "record": (mutated, [RECORD]),
    "pdf": (mutated, [SHEETS]),
    "docx": (mutated_archive, [WORD]),
    "epub": (mutated_archive, [BOOK]),
    "mail": (mutated, [LETTER.as_bytes()]),
    "mhtml": (mutated, [saved()]),
}


def damaged(name: str, number: int) -> bytes:
    """The damaged file of that number for a reader, always the same."""
    chance = random.Random(f"{name} {number}")
    damage, samples = SAMPLES[name]
    return damage(chance.choice(samples), chance)


def try_one(name: str, number: int) -> str:
    """What becomes of one file: "read" or "refused". All else is an error."""
    data = damaged(name, number)
    with at_most(SOON):
        try:
            reading = reader_named(name).read(data, "a-file")
        except Refused as refusal:
            assert str(refusal).strip()
            assert "\n" not in str(refusal)
            return "refused"
        assert_reading(reading)
        return "read"


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """TimeoutError when what is inside takes longer."""

    def late(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    """All readers in turn until the time is over; exit 1 when one broke."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    outcomes: Counter[tuple[str, str]] = Counter()
    broken = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for name in SAMPLES:
            try:
                outcomes[name, try_one(name, number)] += 1
            except Exception as error:  # whatever a parser raises
                broken += 1
                click.echo(f"{name} {number}: {type(error).__name__}: {error}")
        number += 1
    for (name, outcome), count in sorted(outcomes.items()):
        click.echo(f"{name:<10}{outcome:<10}{count:>8}")
    sys.exit(broken > 0)


if __name__ == "__main__":
    main()
