"""Web addresses that a list, a feed or a sitemap names. Pure.

Feeds are RSS 2.0, RSS 1.0 and Atom (RFC 4287), sitemaps those of sitemaps.org.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

MOST = 500  # of one list
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses in their order; of a feed those that are kept are not asked for again.

    `is_plain`: a line each, as people write them.
    """

    urls: tuple[str, ...]
    is_feed: bool = False
    is_plain: bool = False
    left_out: int = 0  # beyond the most


def links_in(data: bytes, base: str = "") -> Links | None:
    """What a feed, a sitemap or a list of addresses (a line each) names; None for anything else.

    Relative addresses are taken from `base`.
    """
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        if not re.search(rb"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b", head):
            return None
        return _of_xml(data, base)
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if lines and all(map(_ADDRESS.fullmatch, lines)):
        return replace(_links(lines, is_feed=False), is_plain=True)
    return None


def _of_xml(data: bytes, base: str) -> Links | None:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    root = etree.fromstring(data, parser)
    if root is None:
        return None
    kind = etree.QName(root).localname.lower()
    if kind in ("urlset", "sitemapindex"):
        urls = [_text(loc) for loc in root.iter("{*}loc")]
    elif kind == "feed":
        urls = [_of_entry(entry) for entry in root.iter("{*}entry")]
    elif kind in ("rss", "rdf"):
        urls = [_of_item(item) for item in root.iter("{*}item")]
    else:
        return None
    return _links(
        [_joined(base, url) for url in urls if url], is_feed=kind in ("feed", "rss", "rdf")
    )


def _joined(base: str, url: str) -> str:
    """The address, from `base` where it is relative; one that cannot be read as it is."""
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def _of_entry(entry: Any) -> str:
    """The page of an entry of Atom: its link without a relation, or the alternate one."""
    links = entry.findall("{*}link")
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    return next((link.get("href", "").strip() for link in pages), "")


def _of_item(item: Any) -> str:
    """The page of an item of RSS: its link, else a guid that is an address."""
    link = item.find("{*}link")
    if link is not None and _text(link):
        return _text(link)
    guid = item.find("{*}guid")
    return _text(guid) if guid is not None and _ADDRESS.fullmatch(_text(guid)) else ""


def _text(element: Any) -> str:
    return (element.text or "").strip()


def _links(urls: list[str], *, is_feed: bool) -> Links:
    kept = list(dict.fromkeys(url for url in urls if _ADDRESS.fullmatch(url)))
    return Links(tuple(kept[:MOST]), is_feed, left_out=max(0, len(kept) - MOST))
