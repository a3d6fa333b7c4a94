"""Reading in a process of its own, with limits of time and memory.

The libraries that parse PDF, HTML and the like can crash, hang or fill the memory over a file that
is broken or made to do so. Then the worker dies, that file is refused by name, and the run goes on
with a new worker. What it answers is believed to be a reading only when it is one to the last
value: a file may have taken the worker over. What kb parses by itself (text, Markdown, records) is
read in this process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from threading import Timer
from types import TracebackType
from typing import IO, Self

from ingest.drafts import Reading
from ingest.readers import Reader, reader_named
from ingest.readers.codec import to_json
from ingest.readers.messages import (
    Answer,
    Question,
    read_answer,
    read_question,
    write_answer,
    write_question,
)
from kb.encoders.telemetry import environment
from kb.errors import KBError, Refused

SECONDS = 120  # of processor time, and by the clock half as much again
MEMORY = 2 * 1024**3  # bytes of address space, all libraries included
ANSWERS = 8  # parts of that memory: one is the most that an answer takes in JSON
NO_MEMORY = "there is not enough memory to read it"
PROGRAM = "ingest.readers.worker"
TRUSTED = frozenset({"plain", "markdown", "record"})


class Worker:
    """Reads, in another process where the reader may break; it is started when it is needed.

    `program` is the module that the process runs: it calls `serve`.
    """

    def __init__(
        self, seconds: float = SECONDS, memory: int = MEMORY, program: str = PROGRAM
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._program = program
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
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        late = Timer(self._seconds * 1.5, process.kill)
        late.start()
        try:
            write_question(process.stdin, Question(reader.NAME, name, more), data)
            answer = read_answer(process.stdout, self._memory // ANSWERS)
        except (EOFError, OSError, ValueError) as error:
            raise Refused(self._why(process, reader.NAME, timely=late.is_alive())) from error
        except BaseException:
            self.stop()  # Ctrl-C: an answer that comes later is not for the next question
            raise
        finally:
            late.cancel()
        if answer.reading is None:
            raise Refused(answer.refusal)
        return answer.reading

    def stop(self) -> None:
        """End the process; the next reading starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: a folder "ingest" where the user works is not ours
        limits = str(self._seconds), str(self._memory)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", self._program, *limits],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent
        )

    def _why(self, process: subprocess.Popen[bytes], name: str, *, timely: bool) -> str:
        """Why a worker gave no answer, or none that is one; the next reading starts another."""
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
        raise Refused(NO_MEMORY) from error
    except Exception as error:  # whatever a parser raises
        raise Refused(
            f"the reader {reader} stumbled over it ({type(error).__name__}: {error}). "
            "Try --reader plain"
        ) from error


def serve(seconds: float, memory: int, asked: IO[bytes], answers: IO[bytes]) -> None:
    """In the worker: read what is asked, until nobody asks any more."""
    _limit_memory(memory)
    while (asking := read_question(asked)) is not None:
        question, data = asking
        _limit_time(seconds)
        write_answer(answers, _answer(question, data))


def _answer(question: Question, data: bytes) -> bytes:
    try:
        read = reader_named(question.reader).read
        reading = attempt(read, question.reader, data, question.name, question.arguments)
        return to_json(Answer(reading))
    except KBError as error:
        return to_json(Answer(refusal=str(error)))
    except MemoryError:
        return to_json(Answer(refusal=NO_MEMORY))


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


def main(arguments: Sequence[str]) -> None:
    """Serve over the standard streams; `arguments` are the limits, of seconds and of bytes."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    serve(float(arguments[0]), int(arguments[1]), sys.stdin.buffer, out)


if __name__ == "__main__":
    main(sys.argv[1:])
