"""Mail (.eml): what the sender wrote; quotations of earlier messages and signatures kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from ingest.boilerplate.marking import mark
from ingest.drafts import Block, Reading
from ingest.readers.common.characters import visible_line
from ingest.readers.common.tables import in_lists
from ingest.readers.common.titles import title_from_name
from ingest.readers.common.xml import Element
from ingest.readers.html.landmarks import HIDDEN
from ingest.readers.html.page import name_all, page_blocks
from ingest.readers.html.parsing import parse
from ingest.readers.mail.message import header, letter_of, media_type, structured, text_of
from ingest.readers.mail.senders import bare_subject, in_order
from ingest.readers.plain import BLANK_LINE, blocks_of
from kb.errors import Refused
from kb.metadata import Metadata
from kb.text.lines import count

NAME = "mail"
VERSION = "2"

QUOTED = "quoted from an earlier message"
SIGNATURE = "signature"
_HEADERS = ("From", "Date", "Subject", "Received", "Message-ID")
_MARKED = {  # how mail programs mark up what their user did not write
    QUOTED: '//blockquote[@type="cite"] | //*[contains(@class, "gmail_quote")]'
    ' | //*[contains(@class, "moz-cite-prefix")] | //*[contains(@class, "yahoo_quoted")]'
    ' | //*[@id="divRplyFwdMsg"] | //*[@id="divRplyFwdMsg"]/following-sibling::*',
    SIGNATURE: '//*[contains(@class, "gmail_signature")] | //*[contains(@class, "moz-signature")]',
}
_NAMES = {QUOTED: "kb-quoted", SIGNATURE: "kb-signature"}
_FORWARDED = re.compile(r"(?:fwd?|wg|tr|rv|i|enc|vs)\s*:", re.I)  # of a subject, by language
_FORWARD_LINE = re.compile(r"\s*-{5,}")
_ORIGINAL = re.compile(
    r"-{3,}\s*(?:original message|original appointment|ursprüngliche nachricht|message d.origine"
    r"|mensaje original|messaggio originale|oorspronkelijk bericht)\s*-{3,}",
    re.I,
)
_INTRODUCES = re.compile(r"\b(?:wrote|writes|schrieb|écrit|escribió|scritto|schreef|skrev)\b.*:$")
_DASHES = re.compile(r"-- ?")
_LONGEST_SIGNATURE = 12  # lines


def read(data: bytes, name: str) -> Reading:
    """The text of a message; Refused when it is none, is encrypted, or holds no text."""
    letter = letter_of(data)
    message = letter.message
    if not any(header(message, each) for each in _HEADERS):
        raise Refused("not a mail: it names no sender, date or subject at its top")
    subject = header(message, "Subject")
    blocks: list[Block] = []
    notes: list[str] = []
    for part in letter.texts:
        decoded = text_of(part)
        notes += decoded.notes
        is_page = media_type(part) == "text/html"
        blocks += in_lists(_html_blocks(decoded.text)) if is_page else text_blocks(decoded.text)
    if not blocks:
        what = f" but {', '.join(letter.enclosed[:5])}; save that and ingest it"
        raise Refused(f"no text in it{what if letter.enclosed else ''}")
    if letter.enclosed:
        number = count(len(letter.enclosed), "enclosure")
        names = ", ".join(letter.enclosed[:5])
        notes.append(f"{number} not read: {names}{', …' if len(letter.enclosed) > 5 else ''}")
    return Reading(
        blocks=_marked(blocks, is_forward=_FORWARDED.match(subject) is not None),
        metadata=Metadata(
            title=bare_subject(subject) or title_from_name(name) or None,
            author=_senders(message),
            issued=_sent(message),
            url=_archived(message),
        ),
        notes=tuple(dict.fromkeys(notes)),
    )


def text_blocks(text: str) -> list[Block]:
    """The blocks of a message in plain text; quotations and a signature have their reason."""
    blocks: list[Block] = []
    separated = BLANK_LINE.search(text.strip()) is not None
    for reason, lines in _stretches(text.split("\n")):
        inside = "\n".join(lines)
        if inside.strip():
            blocks += (
                replace(block, reason=reason) for block in blocks_of(inside, separated=separated)
            )
    return blocks


def _stretches(lines: Sequence[str]) -> Iterator[tuple[str | None, list[str]]]:
    """Runs of lines with the reason to leave them out."""
    reasons: list[str | None] = [QUOTED if line.startswith(">") else None for line in lines]
    for at, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line.strip()):
            reasons[at:] = [QUOTED] * (len(lines) - at)
            break
    for at in range(len(lines) - 1, -1, -1):
        if reasons[at] is not None or not _DASHES.fullmatch(lines[at]):
            continue
        end = next((n for n in range(at, len(lines)) if reasons[n] is not None), len(lines))
        if end - at <= _LONGEST_SIGNATURE:
            reasons[at:end] = [SIGNATURE] * (end - at)
    for at in range(1, len(lines)):
        if reasons[at] == QUOTED and reasons[at - 1] is None:
            _introduce(lines, reasons, at)
    start = 0
    for at in range(1, len(lines) + 1):
        if at == len(lines) or reasons[at] != reasons[start]:
            yield reasons[start], list(lines[start:at])
            start = at


def _introduce(lines: Sequence[str], reasons: list[str | None], quoted: int) -> None:
    """Put the line that says who wrote a quotation, over two lines at most, to it."""
    at = quoted - 1
    while at > 0 and not lines[at].strip() and reasons[at] is None:
        at -= 1
    for first in (at, at - 1):
        if first >= 0 and reasons[first] is None and (first == at or lines[first].strip()):
            said = " ".join(" ".join(lines[first : at + 1]).split())
            if len(said) < 250 and _INTRODUCES.search(said) and (first < at or said[:1].isupper()):
                reasons[first:quoted] = [QUOTED] * (quoted - first)
                return


def _html_blocks(markup: str) -> list[Block]:
    root = parse(markup)
    if root is None:
        return []
    for reason, paths in _MARKED.items():
        for element in root.xpath(paths):
            if reason == SIGNATURE or not _is_forwarded(element):
                name_all(element, _NAMES[reason])
    blocks = []
    for each in page_blocks(root):
        marked = (reason for reason, name in _NAMES.items() if name in each.box)
        hidden = each.landmark == HIDDEN
        blocks.append(replace(each.block, reason=HIDDEN if hidden else next(marked, None)))
    return blocks


def _is_forwarded(element: Element) -> bool:
    return _FORWARD_LINE.match("".join(element.itertext())[:100]) is not None


def _marked(blocks: Sequence[Block], *, is_forward: bool) -> tuple[Block, ...]:
    """The blocks as a reader should have them.

    What is forwarded is the message, and so is a quotation or a signature that stands alone.
    """
    if is_forward or all(block.reason is not None for block in blocks):
        quoted = is_forward or any(block.reason == QUOTED for block in blocks)
        undone = QUOTED if quoted else SIGNATURE
        blocks = [replace(b, reason=None) if b.reason == undone else b for b in blocks]
    return mark(blocks, among=lambda block: block.reason is None)


def _senders(message: Message) -> tuple[str, ...]:
    """Who sent it: names, else addresses."""
    stated = structured(message, "From")
    try:
        people = [(each.display_name, each.addr_spec) for each in stated.addresses]
    except Exception:  # no addresses in it, or some that its parser stumbles over
        people = [parseaddr(header(message, "From"))]
    said = ((visible_line(one).strip("\"' ") for one in person) for person in people)
    names = (in_order(name) or address for name, address in said)
    return tuple(dict.fromkeys(name for name in names if name and name != "<>"))


def _sent(message: Message) -> str | None:
    """The day on which it was sent, by the sender's clock."""
    try:
        return parsedate_to_datetime(header(message, "Date")).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _archived(message: Message) -> str | None:
    """Where a list keeps it on the web (RFC 5064)."""
    address = header(message, "Archived-At").strip("<> ")
    return address if re.fullmatch(r"https?://\S+", address) else None
