"""python -m calibrating DATA --briefs FOLDER --stores STORES

DATA holds collections in the BEIR form, FOLDER briefs and questions of one's own; STORES holds a
knowledge base of each, under its name.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from calibrating import gathering, making
from calibrating.report import as_text
from kb.errors import KBError
from kb.store import open_store
from search.confidence import calibration as kept
from search.evaluation import folders


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--briefs", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--stores", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--seen", type=click.Path(path_type=Path), help="Keep what was seen, or take it.")
@click.option("--dry", is_flag=True, help="Print the figures; leave the calibration as it is.")
def main(data: Path, briefs: Path, stores: Path, seen: Path | None, dry: bool) -> None:
    """Fit how sure kb is of an answer to the collections in DATA, and write calibration.json."""
    found = sorted(path.parent for path in data.glob("*/queries.jsonl"))
    others = [folders.read(folder) for folder in found]
    # the only ones that ask in other words than the text's
    collections = [*others, folders.read(briefs)]
    if seen is not None and seen.exists():
        all_seen = list(gathering.read(seen))
    else:
        all_seen = gathering.gather(
            collections, others, stores, lambda name: click.echo(f"asking {name}", err=True)
        )
        if seen is not None:
            gathering.write(seen, all_seen)
    fitted, general = making.calibrated(all_seen)
    measured = {
        "areas": making.areas(all_seen, fitted),
        "states": making.rates(all_seen, fitted),
        "unseen": making.unseen(all_seen, "with_late"),
        "unseen_without_reading": making.unseen(all_seen, "without_late"),
        "unseen_general": making.unseen(all_seen, "general"),
    }
    click.echo(as_text(measured))
    if dry:
        return
    with open_store(stores / collections[0].name) as store:
        manifest = store.manifest
    path = Path(kept.__file__).with_name(kept.FILE)
    before = json.loads(path.read_text("utf-8")) if path.exists() else {"models": {}}
    written: dict[str, Any] = {
        "general": making.written(general),
        "models": {
            **before["models"],
            manifest.model: {
                **making.written(fitted),
                "fingerprint": manifest.fingerprint,
                "date": datetime.now(UTC).date().isoformat(),
                "data": {folder.name: digest(folder) for folder in (*found, briefs)},
                "measured": measured,
            },
        },
    }
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def digest(folder: Path) -> str:
    """Twelve hex digits of all that is in a folder."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


if __name__ == "__main__":
    try:
        main()
    except KBError as error:
        sys.exit(f"calibrating: {error}")
