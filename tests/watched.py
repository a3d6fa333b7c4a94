"""Commands whose network and files are watched: what they ask for, connect to and write.

They run in a network of their own in which every address on earth is this machine, so nothing can
leave: a resolver answers all questions, and every packet is seen. Files are seen by strace. Run as
a script, inside that network, by `watch`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from threading import Thread
from typing import Any

SOMEWHERE = "203.0.113.7"  # what the resolver answers: an address that nobody has (RFC 5737)
FED = 3.0  # seconds between two files that are laid into a folder
# by these a library may know that it is tested, and behave; and what a developer may have set
SIGNS = re.compile(
    r"CI$|.*_CI$|CIRCLECI|TRAVIS|GITHUB_|TF_BUILD|JENKINS|BUILDKITE|CODEBUILD|TEAMCITY|APPVEYOR|"
    r"BITBUCKET|SYSTEM_TEAM|PYTEST|ORT_|HF_|TRANSFORMERS_|DO_NOT_TRACK|DISABLE_TELEMETRY|XDG_|KB_"
)
_FILES = "open,openat,creat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,link,linkat,"
_CALLS = _FILES + "symlink,symlinkat,truncate,unlink,unlinkat,rmdir,chmod,fchmodat"
_CALL = re.compile(r"(\w+)\((.*)\) += \d+")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_CHANGING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line; one that does not end by itself is stopped, as by Ctrl-C, after `seconds`.

    Meanwhile the files of `feed` are moved into `into`, one every three seconds.
    """

    line: Sequence[str]
    seconds: float | None = None
    feed: Sequence[str] = ()
    into: str = ""


@dataclass(slots=True)
class Seen:
    """What commands did: exit codes, seconds and output of each, and what they tried together.

    `asked` are names that a resolver was asked for, `tried` addresses beyond the machine that
    something was sent to, `written` paths that were made, changed or deleted.
    """

    codes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Take in what others did after these."""
        for part in fields(self):
            getattr(self, part.name).extend(getattr(other, part.name))


def lacking() -> str | None:
    """Why nothing can be watched here, None where it can."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    for program in ("unshare", "ip", "strace"):
        if shutil.which(program) is None:
            return f"needs the program {program}"
    if subprocess.run([*_apart(), "true"], check=False, capture_output=True).returncode:
        return "may not make a network of its own (unshare --net)"
    return None


def as_users(home: Path, **more: str) -> dict[str, str]:
    """The environment of a person at home, not of a test or a developer."""
    plain = {name: value for name, value in os.environ.items() if not SIGNS.match(name)}
    temporary = home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    # that Python keeps its compiled modules beside them is no doing of kb's
    mine = {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    return {**plain, **mine, **more}


def watch(
    commands: Sequence[Command],
    folder: Path,
    environment: Mapping[str, str],
    *,
    until_tried: bool = False,
) -> Seen:
    """What the commands did, one after the other, in a folder.

    `until_tried` stops them all as soon as one has sent something.
    """
    traces = folder.parent / "traces"
    shutil.rmtree(traces, ignore_errors=True)
    traces.mkdir()
    asked = traces / "asked.json"
    asked.write_text(json.dumps([[asdict(one) for one in commands], str(traces), until_tried]))
    line = [*_apart(), sys.executable, __file__, str(asked)]
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    seen = Seen(**json.loads((traces / "seen.json").read_text()))
    seen.written = sorted(_written(traces, folder))
    return seen


def _apart() -> list[str]:
    """A network of its own; root in a world of its own where the user is not root."""
    return ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]


def _written(traces: Path, folder: Path) -> set[str]:
    """The paths that the traced calls made, changed or deleted; devices are left out."""
    found: set[str] = set()
    for trace in traces.glob("calls.*"):
        for line in trace.read_text(errors="replace").splitlines():
            if (call := _CALL.match(line)) is None:  # it failed, or is none
                continue
            name, arguments = call.groups()
            if name.startswith("open") and not _CHANGING.search(arguments):
                continue
            paths = _PATH.findall(arguments)
            for base, path in paths[-1:] if name.startswith("symlink") else paths:
                found.add(os.path.normpath(Path(base or folder, path)))
    return {path for path in found if not path.startswith(("/dev/", "/proc/"))}


# Inside the network


class _Network:
    """Every address is ours: who asks a name or sends something is noted."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.tried: set[str] = set()
        self._wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        for line in ("link set lo up", "route add local 0.0.0.0/0 dev lo"):
            subprocess.run(["ip", *line.split()], check=True)
        # not every kernel has version 6
        subprocess.run("ip -6 route add local ::/0 dev lo".split(), check=False)
        Thread(target=self._look, daemon=True).start()
        for family, everywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            with contextlib.suppress(OSError):
                resolver = socket.socket(family, socket.SOCK_DGRAM)
                if family == socket.AF_INET6:
                    resolver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                resolver.bind((everywhere, 53))
                Thread(target=_answer, args=[resolver], daemon=True).start()

    def _look(self) -> None:
        while True:
            packet = self._wire.recv(65535)
            if packet[0] >> 4 == 4:
                protocol, to, rest = packet[9], packet[16:20], packet[(packet[0] & 15) * 4 :]
                name, near = socket.inet_ntop(socket.AF_INET, to), to[0] == 127
            else:
                protocol, to, rest = packet[6], packet[24:40], packet[40:]
                name = socket.inet_ntop(socket.AF_INET6, to)
                near = name == "::1" or to[0] == 0xFF  # or to all on this wire, as kernels do
            if protocol not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
                continue
            source, port = struct.unpack("!HH", rest[:4])
            if protocol == socket.IPPROTO_UDP and port == 53:  # also on loopback
                self.asked.add(".".join(_labels(rest[8:])))
            elif near or source == 53:
                continue
            elif protocol == socket.IPPROTO_UDP or rest[13] & 0x12 == 0x02:  # SYN without ACK
                self.tried.add(f"{name} port {port}")


def _labels(question: bytes) -> list[str]:
    """The name that a question to a resolver is about, part by part."""
    labels, place = [], 12
    while question[place]:
        end = place + 1 + question[place]
        labels.append(question[place + 1 : end].decode(errors="replace"))
        place = end
    return labels


def _answer(resolver: socket.socket) -> None:
    """Give every name one address of version 4 and none of version 6."""
    while True:
        question, asker = resolver.recvfrom(4096)
        end = question.index(b"\0", 12) + 5
        address = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(SOMEWHERE)
        answers = [address] if question[end - 4 : end - 2] == b"\0\1" else []
        head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, len(answers), 0, 0)
        resolver.sendto(b"".join([head, question[12:end], *answers]), asker)


def _run(command: Command, number: int, traces: Path, network: _Network, until_tried: bool) -> Any:
    """(exit code, seconds, output) of a command."""
    tracing = ["strace", "-ff", "--seccomp-bpf", "--interruptible=never_tstp", "-qq", "-y"]
    tracing += ["-s", "4096", "-e", f"trace={_CALLS}", "-e", "signal=none"]
    tracing += ["-o", str(traces / f"calls.{number}")]
    began = time.monotonic()
    output = traces / f"printed.{number}"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*tracing, *command.line],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        feed, fed = list(command.feed), began
        while process.poll() is None:
            time.sleep(0.1)
            now = time.monotonic()
            if feed and now > fed + FED:
                one = Path(feed.pop(0))
                one.rename(Path(command.into) / one.name)
                fed = now
            over = command.seconds is not None and now > began + command.seconds
            if over or (until_tried and network.tried):
                os.killpg(process.pid, signal.SIGINT)
                process.wait()
    return process.returncode, time.monotonic() - began, output.read_text(errors="replace")


def _main(asked: Path) -> None:
    commands, traces, until_tried = json.loads(asked.read_text())
    network = _Network()
    seen = Seen()
    for number, command in enumerate(commands):
        done = _run(Command(**command), number, Path(traces), network, until_tried)
        code, seconds, printed = done
        seen.codes.append(code)
        seen.seconds.append(seconds)
        seen.printed.append(printed)
    time.sleep(0.2)
    seen.asked, seen.tried = sorted(network.asked), sorted(network.tried)
    (Path(traces) / "seen.json").write_text(json.dumps(asdict(seen)))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
