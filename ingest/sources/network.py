"""Which machine does an address lead to? This one, one on a private network, or any other.

A list, a feed or a redirect is written by a stranger, who could have kb ask servers that only this
computer reaches, as of a router or a database, and keep what they say (server-side request
forgery, CWE-918). So what they name is fetched from public machines only, unless the person named
the host too. What counts is the address that is connected to: a name is resolved once, and the
connection is made to what it resolved to (or else an answer that changes would get round it).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib3 import PoolManager
    from urllib3.connection import HTTPConnection
    from urllib3.exceptions import HTTPError

_TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052: an address of IPv4 in its last 32 bits


class PrivateAddress(Exception):
    """A host that is on this machine or a private network, and was not to be."""


class Late(Exception):
    """What was under way when its time was over."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and of a single machine.

    Not so are loopback, link-local, private and unique-local, shared, multicast, reserved and
    documentation addresses (the registries of RFC 6890), also where one of IPv6 stands for one of
    IPv4.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (embedded := _embedded(ip)) is not None:
        ip = embedded
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 that one of IPv6 leads to: mapped, by 6to4, or translated."""
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour


def host_of(url: str) -> str:
    """The host of a web address as connections name it, "" when there is none."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        urlsplit(url)  # what either of the two does not understand leads nowhere
        host = parse_url(url).host or ""
    except (LocationParseError, ValueError):
        return ""
    return host.strip("[]").rstrip(".")


def is_by_itself_private(host: str) -> bool:
    """Whether a host is, whatever name servers say, on this machine or a private network."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return True
    try:
        return not is_public(host)
    except ValueError:
        pass
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))  # "2130706433", "0x7f.1"
    except OSError:
        return False


class Gate:
    """Lets connections through to public machines, and to those that a person named.

    One that led to a public machine before may not lead to a private one later: who is asked for
    a feed could otherwise answer, the second time, with an address here.
    """

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._public: set[str] = set()
        self._line: socket.socket | None = None  # the one that was opened last, held once more
        self._late = False  # the time is over of what is done now

    def name(self, host: str) -> None:
        """Note that the person named this host."""
        self._named.add(host)

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Late when what is done meanwhile takes more than that; the connection is broken off.

        The limits of `pools` are each for a next piece, however small.
        """
        self._late = False

        def break_off() -> None:
            self._late = True
            if self._line is not None:
                with suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)

        timer = Timer(seconds, break_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if self._late:
                raise Late from error
            raise
        finally:
            timer.cancel()
            self._hold(None)
        if self._late:  # an end that is broken off can look like one
            raise Late

    def pools(self, connect: float, read: float) -> PoolManager:
        """Connections through this gate, with limits of time in seconds; PrivateAddress when it
        keeps one out.
        """
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
        from urllib3.connection import HTTPConnection, HTTPSConnection

        gate = self

        class Connection(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return gate.connected(self)

        class SecureConnection(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return gate.connected(self)

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        pools = PoolManager(timeout=Timeout(connect=connect, read=read), retries=False)
        pools.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
        return pools

    def connected(self, connection: HTTPConnection) -> socket.socket:
        """A socket to the first of the host's addresses that answers, as urllib3 wants it."""
        from urllib3.exceptions import (
            ConnectTimeoutError,
            NameResolutionError,
            NewConnectionError,
        )
        from urllib3.util.connection import create_connection

        try:
            addresses = _resolved(connection.host, connection.port)
        except OSError as error:
            raise NameResolutionError(connection.host, connection, _cause(error)) from error
        failure: HTTPError = NewConnectionError(connection, "it has no address")
        for address in self._let_through(connection.host, addresses):
            if self._late:
                raise Late
            try:
                line = create_connection(
                    (address, connection.port),
                    connection.timeout,
                    source_address=connection.source_address,
                    socket_options=connection.socket_options,
                )
            except TimeoutError:
                failure = ConnectTimeoutError(connection, f"{address} does not answer")
            except OSError as error:
                failure = NewConnectionError(connection, str(error))
            else:
                self._hold(line)
                if self._late:  # before there was anything to break off
                    line.close()
                    raise Late
                return line
        raise failure

    def _hold(self, line: socket.socket | None) -> None:
        """Keep hold of a line, whatever becomes of the socket: TLS and HTTP pass it on."""
        if self._line is not None:
            self._line.close()
        self._line = line.dup() if line is not None else None

    def _let_through(self, host: str, addresses: list[str]) -> list[str]:
        public = [address for address in addresses if is_public(address)]
        if public:
            self._public.add(host)
            return public
        if addresses and (host not in self._named or host in self._public):
            raise PrivateAddress(addresses[0])
        return addresses


def _resolved(host: str, port: int) -> list[str]:
    """The IP addresses of a host, each once."""
    from urllib3.util.connection import allowed_gai_family

    try:
        records = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in records))


def _cause(error: OSError) -> socket.gaierror:
    return error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
