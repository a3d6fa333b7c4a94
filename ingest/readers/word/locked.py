"""Office files that are no zip archives: locked ones and those of before 2007, refused."""

from __future__ import annotations

from kb.errors import Refused

_CONTAINER = b"\xd0\xcf\x11\xe0"  # OLE, MS-CFB
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def refuse_old_office(data: bytes, program: str, suffix: str) -> None:
    """Refused with what to do next when the bytes are a container of the old kind."""
    if not data.startswith(_CONTAINER):
        return
    if _LOCKED in data:
        raise Refused(
            f"protected by a password. Open it in {program}, save it without one, and ingest that"
        )
    raise Refused(
        f"a file of {program} 97-2003. Open it in {program} or LibreOffice, save it as {suffix}, "
        "and ingest that"
    )
