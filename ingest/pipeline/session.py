"""What was discovered goes into the knowledge base that is meant: opened, filled, looked over."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

import click

from ingest.pipeline.report import Report
from ingest.pipeline.run import Options
from ingest.pipeline.run import ingest as run_ingest
from ingest.sources.discovered import Discovered, LeftAlone, Link, Source
from ingest.sources.missing import missing_sources, prune
from kb.catalogue import check_model
from kb.commands.locations import Location
from kb.encoder import Encoder
from kb.encoders import encoder_of, open_encoder
from kb.records import Refusal
from kb.store import Store, open_store


class Session:
    """Takes in what is discovered, once or again and again; the encoder is opened once."""

    def __init__(self, location: Location, options: Options, prune: bool, bar: bool = True) -> None:
        self.location = location
        self.options = options
        self.prune = prune
        self.bar = bar  # whether a terminal is shown how far it is
        self._encoder: Encoder | None = None
        self._told = False  # which knowledge base it is
        self._gone: frozenset[str] = frozenset()  # what was said to be gone the last time

    def take(
        self,
        discovered: Sequence[Discovered],
        folders: Sequence[str],
        *,
        present: Iterable[str] = (),
    ) -> Report:
        """What became of these sources, and what is gone from the folders (absolute paths).

        What was said to be gone the last time is not said again; `present` are files and folders
        of which nothing is gone, whatever the disk says. The knowledge base is open, and locked,
        only meanwhile: StoreLocked when another process writes.
        """
        if not readable(discovered) and not self.location.exists:  # nothing to make one from
            return Report(
                refused=[one for one in discovered if isinstance(one, Refusal)],
                left_alone=[one for one in discovered if isinstance(one, LeftAlone)],
            )
        new = not self.location.exists
        with open_store(self.location.path, write=True, create=new) as store:
            self._tell_where(new)
            encoder = self._encoder_for(store, readable(discovered))
            with Progress(readable(discovered), hidden=not self.bar) as progress:
                report = run_ingest(discovered, store, encoder, self.options, progress.update)
            if folders and not report.interrupted:
                there = [*discovered, *(Refusal(one, "") for one in present)]
                gone = list(missing_sources(store, folders, there))
                new_ones = [one for one in gone if one.source not in self._gone]
                self._gone = frozenset(one.source for one in gone)
                report.missing += prune(store, new_ones) if self.prune else new_ones
                if report.moved and not self.prune:  # its old name would be missed for ever
                    prune(store, [one for one, _ in report.moved])
            return report

    def _encoder_for(self, store: Store, sources: int) -> Encoder:
        if not sources and store.manifest.fingerprint is None:
            return open_encoder("hashing")  # asked for nothing; the model may not be prepared yet
        if self._encoder is None:
            self._encoder = encoder_of(store.manifest)
        if sources:
            check_model(store.manifest, self._encoder, store.location)
        return self._encoder

    def _tell_where(self, new: bool) -> None:
        if new:
            click.echo(f"Made a new knowledge base in {self.location.path}", err=True)
        elif self.location.chosen == "data folder" and not self._told:
            click.echo(f"Using the knowledge base in {self.location.path}", err=True)
        self._told = True


def readable(discovered: Iterable[Discovered]) -> int:
    """How many of them may be read."""
    return sum(isinstance(one, Source | Link) for one in discovered)


class Progress:
    """A bar on stderr while a terminal looks on, with the speed and the time left; else silent."""

    def __init__(self, sources: int, *, hidden: bool = False) -> None:
        self._bar: Any = click.progressbar(  # its type is private
            length=sources,
            label="Ingesting",
            file=sys.stderr,
            show_pos=True,
            item_show_func=lambda said: said,
            hidden=hidden or not sys.stderr.isatty(),
        )
        self._passages = self._tokens = 0
        self._began: float | None = None  # when the first passage was said to be encoded

    def __enter__(self) -> Progress:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.render_finish()

    def update(self, sources: int, passages: int, tokens: int) -> None:
        """So many sources, passages and tokens more are done."""
        self._passages += passages
        self._tokens += tokens
        self._bar.update(sources, self._said())

    def _said(self) -> str | None:
        if not self._passages:
            return None
        said = f"{self._passages:,} passages"
        if self._began is None:  # the first batch's time is that of loading the model
            self._began, self._tokens = time.monotonic(), 0
        elif self._tokens:
            said += f", {self._tokens / (time.monotonic() - self._began):,.0f} tokens/s"
        return said
