"""Damages files, and checks what a reader makes of them: a sound reading, or a refusal."""

from __future__ import annotations

import io
import random
import zipfile
from collections import Counter
from collections.abc import Iterable

from archives import zipped
from test_ingest_passages import assert_laws
from test_ingest_readers import MEASURE, assert_sound, strings

from ingest.drafts import Reading, lay_out
from ingest.passages.cutting import cut
from ingest.readers import Reader
from kb.errors import Refused


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with some of them changed, cut out, or repeated."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) + 1)
        length = chance.choice((1, 1, 4, 40))
        match chance.randrange(4):
            case 0:
                changed[at : at + length] = chance.randbytes(length)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case _:
                changed[at : at + 1] = chance.choice(
                    (b"<", b">", b"&", b'"', b"0", b"w:p", b"9" * 9)
                )
    return bytes(changed)


def unpacked(data: bytes) -> list[tuple[str, bytes]]:
    """The parts of an archive by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def mutated_archive(data: bytes, chance: random.Random) -> bytes:
    """An archive that is damaged itself, or whole with a damaged part in it."""
    if chance.random() < 0.3:
        return mutated(data, chance)
    parts = dict(unpacked(data))
    name = chance.choice(sorted(parts))
    return zipped({**parts, name: mutated(parts[name] or b" ", chance)})


def assert_reading(reading: Reading) -> None:
    """What any reader gives, whatever it was given."""
    for block in reading.blocks:
        assert block.text.strip(), "a block without text"
        assert_sound(block.text)
        assert block.level > 0 or block.kind != "heading"
    for said in strings(reading):
        assert said.strip(), "an unknown value must be None"
        assert_sound(said)
    draft = lay_out(reading)
    title = reading.metadata.title or "A file"
    assert_laws(draft, title, MEASURE, cut(draft, title, MEASURE))


def assert_read_or_refused(reader: Reader, files: Iterable[bytes]) -> None:
    """Each file gives a sound reading or a reason in one line; both happen."""
    outcomes: Counter[str] = Counter()
    for data in files:
        try:
            reading = reader.read(data, "a-file")
        except Refused as refusal:
            assert str(refusal).strip()
            assert "\n" not in str(refusal)
            outcomes["refused"] += 1
        else:
            assert_reading(reading)
            outcomes["read"] += 1
    assert min(outcomes["read"], outcomes["refused"]) > sum(outcomes.values()) // 20, outcomes
