"""Web addresses become bytes: within limits of time, size and redirects, and politely."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from ingest.readers import SUFFIXES, charset_of, with_charset
from ingest.sources.discovered import Source, too_large
from ingest.sources.files import JSONL, checked, sniffed
from kb import __version__
from kb.errors import Refused
from kb.records import Fetch

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT, READ, WHOLE = 10.0, 30.0, 120.0  # seconds: to connect, for the next bytes, for all
REDIRECTS = 5
PAUSE = 1.0  # seconds between two requests to one server, unless it is this machine
PIECE = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_REASONS = {
    401: "the server wants a login. Open it in a browser, save the page, and ingest that file",
    403: "the server refuses it. Open it in a browser, save the page, and ingest that file",
    404: "the server has no such page. Check the address",
    410: "the server took this page away",
    429: "the server asks for fewer requests. Try again later with kb ingest --retry",
    503: "the server is busy. Try again later with kb ingest --retry",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server gave: the bytes, their media type and charset, what is kept of the fetch."""

    data: bytes
    media_type: str
    fetch: Fetch
    charset: str | None = None


class Fetcher:
    """Fetches, one after the other; it remembers when it last asked which server."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._asked: dict[str, float] = {}
        self._pool: Any = None

    def fetch(self, url: str, known: Fetch | None = None) -> Page | None:
        """The page at an address; None when it did not change since `known` was fetched.

        Refused when it cannot be had, or not within the limits.
        """
        import urllib3

        until = time.monotonic() + WHOLE
        address = url
        try:
            for _ in range(REDIRECTS + 1):
                with _Closing(self._ask(address, known)) as response:
                    if response.status == 304 and known is not None:
                        return None
                    if response.status in _MOVED:
                        address = _moved(address, response.headers.get("Location"))
                        continue
                    if response.status != 200:
                        raise Refused(_why(response.status))
                    said = response.headers.get("Content-Type", "")
                    return Page(
                        b"".join(self._pieces(response, until)),
                        said.partition(";")[0].strip().lower(),
                        Fetch(
                            address,
                            response.headers.get("ETag"),
                            response.headers.get("Last-Modified"),
                        ),
                        charset_of(said),
                    )
        except urllib3.exceptions.NewConnectionError as error:  # a TimeoutError by inheritance
            raise Refused(_unreachable(address, error)) from error
        except urllib3.exceptions.TimeoutError as error:
            raise Refused(
                "the server does not answer in time. Try again later with kb ingest --retry"
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise Refused(_unreachable(address, error)) from error
        raise Refused(f"it was sent on more than {REDIRECTS} times")

    def _ask(self, address: str, known: Fetch | None) -> BaseHTTPResponse:
        import urllib3

        if self._pool is None:
            self._pool = urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=CONNECT, read=READ), retries=False
            )
        host = urlsplit(address).hostname or ""
        if host not in _HERE:
            time.sleep(max(0.0, self._asked.get(host, 0.0) + PAUSE - time.monotonic()))
        headers = {"User-Agent": f"kb/{__version__}", "Accept-Encoding": "gzip, deflate"}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        try:
            response: BaseHTTPResponse = self._pool.request(
                "GET", address, headers=headers, redirect=False, preload_content=False
            )
        finally:
            self._asked[host] = time.monotonic()
        return response

    def _pieces(self, response: BaseHTTPResponse, until: float) -> Iterator[bytes]:
        size = 0
        for piece in response.stream(PIECE, decode_content=True):
            size += len(piece)
            if size > self._max_size:
                raise Refused(too_large(size, self._max_size))
            if time.monotonic() > until:
                raise Refused(f"it did not come in {WHOLE:g} s. Try again with kb ingest --retry")
            yield piece
        if not size:
            raise Refused("an empty page")


class _Closing:
    """A response whose connection is not used again: it may not have been read to its end."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response

    def __enter__(self) -> BaseHTTPResponse:
        return self._response

    def __exit__(self, *error: object) -> None:
        self._response.close()


def _moved(address: str, location: str | None) -> str:
    if not location:
        raise Refused("it was sent on, but not where to")
    moved = urljoin(address, location)
    if urlsplit(moved).scheme not in ("http", "https"):
        raise Refused(f"it was sent on to {moved}, which is no web address")
    return moved


def _why(status: int) -> str:
    return f"{_REASONS.get(status, 'the server does not give it')} ({status})"


def _unreachable(address: str, error: Exception) -> str:
    import urllib3

    host = urlsplit(address).hostname
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return f"there is no server {host}, or no network. Check the address"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"the certificate of {host} is not trusted"
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return f"{host} cannot be reached. Check the address and the network"
    return f"{host} broke off ({type(error).__name__}). Try again with kb ingest --retry"


def source_of(uri: str, page: Page) -> Source:
    """A page as a source: its type as the server says, else by its name or by how it begins."""
    path = PurePosixPath(unquote(urlsplit(page.fetch.url).path))
    said = {"application/xhtml+xml": "text/html", "text/x-markdown": "text/markdown"}
    media_type = said.get(page.media_type, page.media_type)
    if media_type not in SUFFIXES.values():
        by_name = SUFFIXES.get(path.suffix.lower())
        if by_name and by_name != JSONL:
            media_type = by_name
        elif media_type in ("", "application/octet-stream") or media_type.startswith("text/"):
            media_type = sniffed(page.data)
    elif media_type == JSONL:
        media_type = "text/plain"
    name = path.name or urlsplit(page.fetch.url).hostname or ""
    whole = with_charset(media_type, page.charset)
    return Source(uri, name, whole, lambda: checked(page.data, media_type))
