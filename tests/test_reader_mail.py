"""Mail and saved pages: what was written, by whom and when; quotations and signatures apart."""

from __future__ import annotations

import random
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import assert_read_or_refused, mutated
from test_reader_html import PAGES, Page, words_of

from ingest.drafts import Reading
from ingest.readers import mail, mhtml
from ingest.readers.mail import senders
from kb.errors import Refused

BODY = "The government raised the levy on bottles in May. Nobody complained."
MORE = "Shops passed it on to their customers within weeks of the change."


def letter(text: str = "", page: str = "", **headers: str) -> EmailMessage:
    """A message with a text, a page, or both as alternatives."""
    message = EmailMessage(policy=SMTP)
    said = {
        "From": "Jane Roe <jane@example.org>",
        "Date": "Sun, 12 Mar 2017 23:30:00 +0100",
        "Subject": "A levy works",
    }
    for name, value in (said | headers).items():
        message[name.replace("_", "-")] = value
    if text:
        message.set_content(text)
    if page and text:
        message.add_alternative(page, subtype="html")
    elif page:
        message.set_content(page, subtype="html")
    return message


def read(text: str = "", page: str = "", **headers: str) -> Reading:
    return mail.read(letter(text, page, **headers).as_bytes(), "some_file.eml")


def kept(reading: Reading) -> list[str]:
    return [block.text for block in reading.blocks if block.reason is None]


def left_out(reading: Reading) -> list[tuple[str, str]]:
    return [(block.text, block.reason) for block in reading.blocks if block.reason is not None]


# Laws


@given(PAGES)
def test_every_word_of_a_page_is_there_in_order(page: Page) -> None:
    markup, words = page
    reading = read(page=f"<p>{BODY}</p>{markup}")
    assert "".join(words_of(list(reading.blocks))) == "".join([*BODY.split(), *words])


LINES = st.sampled_from(
    [BODY, MORE, "", "", "> quoted", ">> deeper", "-- ", "Jane Roe", "On Monday Jo wrote:"]
)


@given(st.lists(LINES, min_size=1, max_size=12))
def test_every_word_of_a_text_is_there_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    if not text.strip():
        return
    reading = read(text)
    words = " ".join(block.text for block in reading.blocks).split()
    assert words == text.split()
    assert kept(reading), "something always is the text"


SOUND = letter(f"{BODY}\n\n> {MORE}\n\n-- \nJane", f"<p>{BODY}</p><blockquote>x</blockquote>")
SOUND.add_attachment(b"\x00\x01", maintype="application", subtype="pdf", filename="levy.pdf")


def test_a_mutated_message_is_read_or_refused() -> None:
    chance = random.Random(7)
    data = SOUND.as_bytes()
    damaged = [mutated(data, chance) for _ in range(200)]
    bare = [mutated(data.partition(b"\r\n\r\n")[2], chance) for _ in range(60)]
    assert_read_or_refused(mail, [*damaged, *bare])


# A message by eye


def test_a_message_and_what_its_headers_say() -> None:
    message = letter(f"{BODY}\n\n{MORE}\n", Archived_At="<https://lists.example.org/7>")
    message.add_attachment(b"\x00", maintype="application", subtype="pdf", filename="levy.pdf")
    reading = mail.read(message.as_bytes(), "a.eml")
    assert kept(reading) == [BODY, MORE]
    assert (reading.metadata.title, reading.metadata.author) == ("A levy works", ("Jane Roe",))
    assert (reading.metadata.issued, reading.metadata.url) == (
        "2017-03-12",
        "https://lists.example.org/7",
    )
    assert reading.notes == ("1 enclosure not read: levy.pdf",)


def test_the_page_is_read_where_there_is_one_and_else_the_text() -> None:
    reading = read("Plain words.", f"<h2>Why</h2><p>{BODY}</p><ul><li>one</li></ul>")
    assert [(b.kind, b.text) for b in reading.blocks] == [
        ("heading", "Why"),
        ("paragraph", BODY),
        ("item", "- one"),
    ]
    assert kept(read("Plain words.")) == ["Plain words."]


@pytest.mark.parametrize(
    ("sender", "authors"),
    [
        ("jane@example.org", ("jane@example.org",)),
        ('"Roe, Jane" <jane@example.org>', ("Jane Roe",)),
        ("=?utf-8?q?J=C3=A4ne_Roe?= <jane@example.org>", ("Jäne Roe",)),
        ("Jane <jane@example.org>, John <john@example.org>", ("Jane", "John")),
        ("", ()),
    ],
)
def test_senders_go_by_their_names(sender: str, authors: tuple[str, ...]) -> None:
    raw = f"From: {sender}\r\nSubject: x\r\n\r\n{BODY}".encode()
    assert mail.read(raw, "a.eml").metadata.author == authors


plain_names = st.lists(
    st.sampled_from("Ada Jane Okonkwo Roe van der J. O’Neil Inc PhD MPP ROE ,".split()), max_size=6
).map(" ".join)


@given(name=plain_names)
def test_a_name_in_order_has_the_same_words_and_stays(name: str) -> None:
    turned = senders.in_order(name)
    assert sorted(turned.replace(",", " ").split()) == sorted(name.replace(",", " ").split())
    assert turned == name or "," not in turned
    assert senders.in_order(turned) == turned


@pytest.mark.parametrize(
    ("name", "turned"),
    [
        ("Okonkwo, Ada", "Ada Okonkwo"),
        ("OKONKWO, ADA", "ADA OKONKWO"),
        ("O’Neil-Roe, Jane J.", "Jane J. O’Neil-Roe"),
        ("van der Berg, Anna", "Anna van der Berg"),
        ("王, 小明", None),
        ("Ada Okonkwo, Treasury", None),
        ("Ministry of Finance, Kenya", None),
        ("Example, Inc.", None),
        ("Roe, Jr.", None),
        ("Roe, Ph.D.", None),
        ("Okonkwo, MPP", None),
        ("Roe, Jane, PhD", None),
        ("Roe, Jane (Treasury)", None),
        ("Levy 2017, Jane", None),
        (", Jane", None),
    ],
)
def test_names_are_turned_where_they_are_names(name: str, turned: str | None) -> None:
    assert senders.in_order(name) == (turned or name)


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Re: A levy", "A levy"),
        ("RE: AW: Fwd: A levy", "A levy"),
        ("WG:FW: Re[2]: A levy", "A levy"),
        ("Re:form the levy", "Re:form the levy"),
        ("Regarding: a levy", "Regarding: a levy"),
        ("A levy, re: bottles", "A levy, re: bottles"),
        ("Re:", "Some file"),
    ],
)
def test_a_title_is_the_subject_without_marks_of_answers(subject: str, title: str) -> None:
    assert read(f"{BODY}\n", Subject=subject).metadata.title == title


def test_the_encoding_is_the_one_that_the_header_names() -> None:
    raw = b"Subject: x\nContent-Type: text/plain; charset=koi8-r\n\n" + "Налог".encode("koi8-r")
    assert kept(mail.read(raw, "a.eml")) == ["Налог"]


def test_a_message_that_only_passes_another_on_is_that_message() -> None:
    outer = EmailMessage(policy=SMTP)
    outer["Subject"] = "Fwd: A levy works"
    outer.set_content(letter(f"{BODY}\n"))
    assert kept(mail.read(outer.as_bytes(), "a.eml")) == [BODY]


def test_a_message_of_nothing_but_enclosures_says_which() -> None:
    bare = EmailMessage(policy=SMTP)
    bare["Subject"] = "A levy"
    bare.add_attachment(b"\x00", maintype="application", subtype="pdf", filename="levy.pdf")
    with pytest.raises(Refused, match=r"no text in it but levy\.pdf; save that and ingest it"):
        mail.read(bare.as_bytes(), "a.eml")


# Quotations and signatures


def test_quotations_and_the_signature_of_a_text_are_kept_apart() -> None:
    reading = read(
        f"{BODY}\n\nOn Mon, 6 Mar 2017 at 10:00, John Doe\n<john@example.org> wrote:\n"
        f"> Does it work?\n> And for whom?\n\n{MORE}\n\n-- \nJane Roe\nHouse of Bottles\n"
    )
    assert kept(reading) == [BODY, MORE]
    quoted, signature = left_out(reading)
    assert quoted[0].startswith("On Mon")
    assert quoted[1] == "quoted from an earlier message"
    assert signature == ("--\nJane Roe\nHouse of Bottles", "signature")


def test_what_follows_an_original_message_is_quoted() -> None:
    reading = read(f"{BODY}\n\n-----Original Message-----\nFrom: John\n\n{MORE}\n")
    assert kept(reading) == [BODY]


def test_quotations_in_a_page_are_kept_apart() -> None:
    quote = f'<div class="gmail_quote"><div>On Monday Jo wrote:</div><p>{MORE}</p></div>'
    reading = read(page=f'<p>{BODY}</p>{quote}<div class="gmail_signature">Jane Roe</div>')
    assert kept(reading) == [BODY]
    assert {reason for _, reason in left_out(reading)} == {
        "quoted from an earlier message",
        "signature",
    }


@pytest.mark.parametrize("subject", ["Fwd: A levy", "FW: A levy", "WG: A levy"])
def test_what_is_forwarded_is_the_message(subject: str) -> None:
    assert kept(read(f"See below.\n\n> {MORE}\n", Subject=subject)) == ["See below.", f"> {MORE}"]


def test_a_quotation_alone_is_the_message() -> None:
    assert kept(read(f"> {MORE}\n")) == [f"> {MORE}"]
    assert kept(read("-- \nJane Roe\n")) == ["--", "Jane Roe"]


def test_a_line_of_dashes_above_much_text_is_no_signature() -> None:
    lines = "\n\n".join(f"{MORE} {number}" for number in range(9))
    assert left_out(read(f"{BODY}\n\n--\n\n{lines}\n")) == []


# What is no message, or a harmful one

NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number)
    for number in range(900)
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"A levy on bottles works\n\nAnd so on.", "not a mail: it names no sender"),
        (b"From: a@b\nSubject: x\n\n", "no text in it"),
        (b"From: a@b\nContent-Type: application/pkcs7-mime\n\nMIAGCSqGSIb", "encrypted"),
        (b"From: a@b\nContent-Type: text/plain\n\n%PDF-1.7", "not text but a PDF file"),
        (b"From: a@b\n" + NESTED, "too deep to read"),
        (b"From: a@b\n" + b"boundary=x\n" * 1_001, "more than 1,000 parts in it"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        mail.read(data, "a.eml")
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text/plain; " + b"; ".join(b"a%d*%d=x" % (n, n) for n in range(50_000)),
        b"Subject: " + b"=?utf-8?q?a?= " * 50_000,
        b"From: " + b"a <b@c>, " * 50_000,
        b"Subject: " + b"(" * 50_000,
    ],
    ids=["parameters", "encoded words", "addresses", "brackets"],
)
def test_the_cost_of_a_header_is_bounded(header: bytes) -> None:
    began = time.process_time()
    assert kept(mail.read(b"Date: x\n" + header + b"\n\n" + BODY.encode(), "a.eml")) == [BODY]
    assert time.process_time() - began < 5


# Saved pages

PAGE = (
    f"<html><head><title>A levy works</title></head><body><article><h1>A levy works</h1>"
    f"<p>{BODY}</p><p>{MORE} {MORE}</p></article></body></html>"
)


def saved(page: str = PAGE, location: str = "https://example.org/levy") -> bytes:
    """A page as Chrome saves it, with a style sheet and a frame."""
    parts = [("text/css", "cid:css", "p {}"), ("text/html", "cid:frame", "<p>In a frame.</p>")]
    parts.insert(0, ("text/html; charset=utf-8", location, page))
    inside = "".join(
        f"--x\r\nContent-Type: {kind}\r\nContent-Location: {where}\r\n\r\n{content}\r\n"
        for kind, where, content in parts
    )
    return (
        "From: <Saved by Blink>\r\nSubject: A levy works\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/related; type="text/html"; boundary="x"\r\n\r\n{inside}--x--\r\n'
    ).encode()


def test_a_saved_page_is_read_as_the_page_with_its_address() -> None:
    reading = mhtml.read(saved(), "a.mhtml")
    assert reading.metadata.title == "A levy works"
    assert reading.metadata.url == "https://example.org/levy"
    assert kept(reading) == ["A levy works", BODY, f"{MORE} {MORE}"]
    assert reading.metadata.author == ()


@pytest.mark.parametrize("location", ["file:///home/ada/levy.html", "cid:x", ""])
def test_an_address_that_nobody_can_open_is_none(location: str) -> None:
    assert mhtml.read(saved(location=location), "a.mhtml").metadata.url is None


def test_a_file_without_a_page_is_refused() -> None:
    with pytest.raises(Refused, match="no web page in it"):
        mhtml.read(letter(BODY).as_bytes(), "a.mhtml")


def test_a_mutated_saved_page_is_read_or_refused() -> None:
    chance = random.Random(7)
    damaged = [mutated(saved(), chance) for _ in range(100)]
    bare = [mutated(b"Subject: x\n\ny", chance) for _ in range(40)]
    assert_read_or_refused(mhtml, [*damaged, *bare])


@pytest.mark.parametrize(
    "sender", ["=?utf-8?q?Jane=01_Roe?= <jane@example.org>", '"Jane\x02 Roe" <jane@example.org>']
)
def test_a_sender_has_no_control_characters(sender: str) -> None:
    data = f"From: {sender}\r\nSubject: Levy\r\n\r\n{BODY}\r\n".encode()
    assert mail.read(data, "a.eml").metadata.author == ("Jane Roe",)
