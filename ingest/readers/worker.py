"""Reading in a process of its own, with limits of time and memory.

The libraries that parse PDF, HTML and the like can crash, hang or fill the memory over a file that
is broken or made to do so. Then the worker dies, that file is refused by name, and the run goes on
with a new worker. What kb parses by itself (text, Markdown, records) is read in this process.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from threading import Timer
from types import TracebackType
from typing import IO, Self

from ingest.drafts import Reading
from ingest.readers import Reader
from kb.encoders.telemetry import environment
from kb.errors import KBError, Refused

SECONDS = 120  # of processor time, and by the clock half as much again
MEMORY = 2 * 1024**3  # bytes of address space, all libraries included
TRUSTED = frozenset({"plain", "markdown", "record"})


class Worker:
    """Reads, in another process where the reader may break; it is started when it is needed."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def read(self, reader: Reader, data: bytes, name: str, *more: str) -> Reading:
        """What the reader makes of the bytes; Refused when it breaks over them.

        One file that no reader foresaw must not end the run of a thousand others.
        """
        if reader.NAME in TRUSTED:
            return attempt(reader.read, reader.NAME, data, name, more)
        process = self._process = self._process or _started(self._seconds, self._memory)
        assert process.stdin is not None
        assert process.stdout is not None
        late = Timer(self._seconds * 1.5, process.kill)
        late.start()
        try:
            pickle.dump((reader.read, reader.NAME, data, name, more), process.stdin)
            process.stdin.flush()
            found = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise Refused(self._why(process, reader.NAME, timely=late.is_alive())) from error
        except BaseException:
            self.stop()  # Ctrl-C: an answer that comes later is not for the next question
            raise
        finally:
            late.cancel()
        if isinstance(found, Reading):
            return found
        raise Refused(found)

    def stop(self) -> None:
        """End the process; the next reading starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _why(self, process: subprocess.Popen[bytes], name: str, *, timely: bool) -> str:
        """Why a worker died; the next reading starts another."""
        self.stop()
        if not timely or process.returncode == -signal.SIGXCPU:
            what = f"the reader {name} took more than {self._seconds:g} s over it"
        else:
            what = f"the reader {name} broke down over it"
        return f"{what}. Save it in another format, or print it to a new PDF, and take that in"


def attempt(
    read: Callable[..., Reading], reader: str, data: bytes, name: str, more: Sequence[str] = ()
) -> Reading:
    """What a reader makes of the bytes, here; Refused also when it stumbles over them."""
    try:
        return read(data, name, *more)
    except KBError:
        raise
    except MemoryError as error:
        raise Refused("there is not enough memory to read it") from error
    except Exception as error:  # whatever a parser raises
        raise Refused(
            f"the reader {reader} stumbled over it ({type(error).__name__}: {error}). "
            "Try --reader plain"
        ) from error


def _started(seconds: float, memory: int) -> subprocess.Popen[bytes]:
    # -P: a folder "ingest" where the user works is not ours; a session: Ctrl-C is for the parent
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "ingest.readers.worker", str(seconds), str(memory)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def serve(seconds: float, memory: int, asked: IO[bytes], answers: IO[bytes]) -> None:
    """In the worker: read what is asked, until nobody asks any more."""
    _limit_memory(memory)
    while True:
        try:
            asking = pickle.load(asked)
        except EOFError:
            return
        _limit_time(seconds)
        try:
            found: Reading | str = attempt(*asking)
        except KBError as error:
            found = str(error)
        pickle.dump(found, answers)
        answers.flush()


def _limit_memory(memory: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ImportError, OSError, ValueError):  # not on this system: the limit of time remains
        pass


def _limit_time(seconds: float) -> None:
    """So much more processor time than was used so far, also when the parent is gone."""
    try:
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    except (ImportError, OSError, ValueError):
        pass


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    serve(float(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer, out)
