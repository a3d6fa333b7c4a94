"""A reading becomes an edition: laid out, cut into passages, named by its revision."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.drafts import Draft, Reading, lay_out
from ingest.passages.cutting import Measure, cut
from ingest.passages.languages import in_english, language_of
from ingest.readers.common.titles import title_from_name
from kb.encoder import Encoder
from kb.errors import Refused
from kb.keys import sha256_of_text
from kb.metadata import Metadata
from kb.records import Document, Edition, Passage, Provenance, revision_of


def edition_of(
    reading: Reading,
    key: str,
    sources: tuple[Provenance, ...],
    encoder: Encoder,
    overrides: Metadata,
    restored: frozenset[str],
) -> Edition:
    """The edition that a reading gives, with what people stated over it and restored.

    `restored` are digests of removed texts that stay in. Refused when no text is left.
    """
    draft = lay_out(reading, keep=lambda text: digest_of(text) in restored)
    if not draft.text.strip():
        raise Refused("nothing but page furniture in it. Try --reader plain")
    said = overrides.over(reading.metadata)
    title = said.title or title_from_name(sources[0].uri) or key
    cuts = cut(draft, title, Measure(encoder.count, encoder.window))
    revision = revision_of(draft.text, [each.span for each in cuts])
    document = Document(
        key=key,
        revision=revision,
        metadata=replace(said, title=title, language=_language(said, draft)),
        text=draft.text,
        sources=sources,
        external_id=reading.external_id,
    )
    labels = dict(reading.labels)
    pages = [draft.pages_of(each.span) for each in cuts]
    passages = tuple(
        Passage(
            document=key,
            revision=revision,
            ordinal=ordinal,
            paragraph=each.paragraph,
            span=each.span,
            text=each.span.of(draft.text),
            heading=each.heading,
            pages=stands,
            page_labels=_labels(stands, labels),
        )
        for ordinal, (each, stands) in enumerate(zip(cuts, pages, strict=True), 1)
    )
    notes = (*reading.notes, *_language_note(document.metadata.language, encoder))
    return Edition(document, passages, draft.removed, notes)


def _labels(pages: tuple[int, int] | None, labels: dict[int, str]) -> tuple[str, str] | None:
    """What is printed on the first and last page; None unless both have a number."""
    if pages is None or pages[0] not in labels or pages[1] not in labels:
        return None
    return labels[pages[0]], labels[pages[1]]


def digest_of(text: str) -> str:
    """The name under which a removed text is restored: its SHA-256, in hex."""
    return sha256_of_text(text)


def _language(said: Metadata, draft: Draft) -> str | None:
    """What is said of it, as two letters ("en-GB" is "en"), else what its text looks like."""
    code = re.fullmatch(r"([a-z]{2})(?:[-_].*)?", (said.language or "").strip().lower())
    return code[1] if code else language_of(draft.text)


def _language_note(language: str | None, encoder: Encoder) -> tuple[str, ...]:
    known = encoder.languages
    if known is None or language is None or language in known:
        return ()
    knows = ", ".join(sorted(in_english(code) for code in known))
    return (
        f"it reads as {in_english(language)}; the model {encoder.name} knows {knows}. "
        "Search it by words that stand in it",
    )
