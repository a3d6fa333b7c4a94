"""May a program fetch what a list names? What a server's robots.txt says of it (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.sources.discovered import Forbidden
from kb.errors import Refused

if TYPE_CHECKING:
    from protego import Protego

AGENT = "kb"  # the product token
MOST = 512 * 1024  # bytes of the file that are read; a crawler must read 500 KiB
FILE = "/robots.txt"


class Robots:
    """What servers say, each asked once.

    `ask(url)` gives the status and the first `MOST` bytes of what stands there, and Refused when
    the server cannot be had.
    """

    def __init__(self, ask: Callable[[str], tuple[int, bytes]]) -> None:
        self._ask = ask
        self._rules: dict[str, Protego] = {}  # by server
        self._silent: dict[str, str] = {}  # servers that cannot be had, with the reason

    def check(self, url: str) -> None:
        """Forbidden when the server of this address asks programs not to fetch it; Refused while
        it cannot be asked, as all is to be left alone then.
        """
        parts = urlsplit(url)
        server = f"{parts.scheme}://{parts.netloc}"
        if server not in self._rules and server not in self._silent:
            self._learn(server)
        if why := self._silent.get(server):
            raise Refused(why)
        if not self._rules[server].can_fetch(url, AGENT):
            raise Forbidden(
                f"{parts.hostname} asks programs not to fetch this (robots.txt). Open it in a "
                f"browser and save it, or name it yourself: kb ingest {url}"
            )

    def _learn(self, server: str) -> None:
        from protego import Protego

        try:
            status, data = self._ask(server + FILE)
        except Refused as error:
            self._silent[server] = str(error)
            return
        if status >= 500:
            self._silent[server] = (
                f"its robots.txt cannot be had ({status}), so it is not known whether programs "
                "may fetch this. Try again later with kb ingest --retry"
            )
            return
        rules = data.decode("utf-8-sig", "replace") if status < 300 else ""
        self._rules[server] = Protego.parse(rules)
