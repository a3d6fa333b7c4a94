"""A message (RFC 5322, MIME) as its headers and the parts that hold its text.

Parsed by the standard library's older policy, which takes time in proportion to a header's length;
the newer one, which takes its square, is given single headers of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import compat32, default
from typing import Any

from ingest.readers.common.characters import visible_line
from ingest.readers.common.decoding import Decoded, declared_encoding, decode
from kb.errors import Refused

MOST_PARTS = 1_000
_DEEPEST = 50  # parts in one another; forwarding a forwarded mail makes three
_TOO_DEEP = "parts in parts in parts of it, too deep to read"
_LONGEST = 2_000  # characters of a header that are read
_BOUNDARY = re.compile(rb"boundary\s*\*?\d*\*?=", re.I)
_LOCKED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(slots=True)
class Letter:
    """A message's text parts in their order, of each the best of its forms, and its enclosures."""

    message: Message
    texts: list[Message] = field(default_factory=list)
    enclosed: list[str] = field(default_factory=list)  # names of what is not read


def parsed(data: bytes) -> Message:
    """The message; Refused when it is nested deeper or in more parts than any real one."""
    if len(_BOUNDARY.findall(data)) > MOST_PARTS:
        raise Refused(f"more than {MOST_PARTS:,} parts in it")
    try:
        return message_from_bytes(data.lstrip(b"\r\n\t "), policy=compat32)
    except RecursionError as error:
        raise Refused(_TOO_DEEP) from error
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Refused(f"a message that is damaged ({error})") from error


def letter_of(data: bytes) -> Letter:
    """The message with its texts sorted from its enclosures; Refused when it is encrypted."""
    letter = Letter(parsed(data))
    if media_type(letter.message) in _LOCKED:
        raise Refused("encrypted. Open it in your mail program, save it decrypted, and ingest that")
    _sort(letter.message, letter, 0)
    for part in () if letter.texts else walk(letter.message):
        inside = part.get_payload(0) if part.is_multipart() else None
        if media_type(part) == "message/rfc822" and isinstance(inside, Message):
            _sort(inside, letter, 1)  # nothing but a message that is passed on
    return letter


def _sort(part: Message, letter: Letter, depth: int) -> None:
    if depth > _DEEPEST:
        raise Refused(_TOO_DEEP)
    kind = media_type(part)
    parts = list(_parts(part))
    if kind == "multipart/alternative":
        best = max(parts, key=_richness, default=None)
        parts = [] if best is None else [best]
    elif kind == "multipart/related":
        parts = [root_of(part)] if parts else []
    if parts and kind.startswith("multipart/"):
        for each in parts:
            _sort(each, letter, depth + 1)
    elif kind in ("text/html", "text/plain") and not _is_enclosed(part):
        letter.texts.append(part)
    elif not kind.startswith("multipart/"):
        letter.enclosed.append(_file_name(part) or visible_line(kind[:80]))


def root_of(related: Message) -> Message:
    """Of parts that belong together the one that shows the others."""
    parts = list(_parts(related))
    start = _parameter(related, "start")
    return next((each for each in parts if start and header(each, "Content-ID") == start), parts[0])


def walk(message: Message) -> Iterator[Message]:
    """The parts that hold no others, in their order."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inside = list(_parts(part))
        if inside:
            waiting += reversed(inside)
        else:
            yield part


def media_type(part: Message) -> str:
    """Its type in small letters, "text/plain" when it says none or nonsense."""
    return str(part.get_content_type())


def text_of(part: Message) -> Decoded:
    """The characters of a part by the encoding that its header names, else as pages are read."""
    data = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    named = _parameter(part, "charset")
    page = declared_encoding(data) if media_type(part) == "text/html" else None
    return decode(data, named, page)


def header(message: Message, name: str) -> str:
    """What a header says, decoded, on one line; "" when it is not there."""
    return visible_line(str(structured(message, name) or ""))


def _with_its_letters(raw: object) -> str:
    """A header's text; bytes beyond ASCII are UTF-8, as RFC 6532 has it.

    The standard library hides such bytes in an object that shows each as a sign for the unknown.
    """
    pieces = getattr(raw, "_chunks", [(raw, None)])
    text = "".join(str(piece) for piece, _ in pieces)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def structured(message: Message, name: str) -> Any:
    """A header as the standard library understands it, its text when it does not; None without."""
    raw = message.get(name)
    if raw is None:
        return None
    text = " ".join(_with_its_letters(raw).splitlines())[:_LONGEST]
    try:
        parsed = default.header_factory(name, text)
        str(parsed).encode()
    except Exception:  # its parser raises whatever it meets: IndexError, TypeError, RecursionError
        return text
    return parsed


def _parts(part: Message) -> Iterator[Message]:
    if part.is_multipart() and media_type(part).startswith("multipart/"):
        yield from (each for each in part.get_payload() if isinstance(each, Message))


def _richness(part: Message) -> int:
    """How much of a text's form a part keeps: HTML more than text, and anything else nothing."""
    kinds = {media_type(each) for each in walk(part) if not _is_enclosed(each)}
    return 2 if "text/html" in kinds else 1 if "text/plain" in kinds else 0


def _is_enclosed(part: Message) -> bool:
    return header(part, "Content-Disposition").lower().startswith("attachment")


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (LookupError, ValueError, TypeError, AttributeError):
        name = None
    said = header(part, "Content-ID") if name is None else str(name)
    return visible_line(said[:200]) if name else ""


def _parameter(part: Message, name: str) -> str | None:
    try:
        value = part.get_param(name)
    except (LookupError, ValueError, TypeError, AttributeError):
        return None
    value = value[-1] if isinstance(value, tuple) else value
    return str(value)[:_LONGEST] if value else None
