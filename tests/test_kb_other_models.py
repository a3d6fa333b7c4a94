"""There is room for the vectors of further models, and what is searched knows nothing of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from asking import dense
from editions import ENCODER, brief

from kb.keys import Reference
from kb.local.connection import FILE
from kb.store import open_store


def test_a_passage_may_have_a_vector_of_each_model(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    editions = [brief("a", "fish", "heat"), brief("b", "coal")]
    with open_store(folder, create=True, model="hashing") as store:
        for edition in editions:
            vectors = ENCODER.encode_passages([one.text for one in edition.passages])
            store.add(edition, vectors, {}, ENCODER)
    db = sqlite3.connect(folder / FILE)
    for fingerprint in ("other@1", "other@2"):
        db.execute(
            "INSERT INTO other_vectors SELECT ?, passage_id, x'00', digest FROM vectors",
            (fingerprint,),
        )
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        db.execute("INSERT INTO other_vectors SELECT 'other@1', passage_id, x'', '' FROM vectors")
    db.commit()

    def left() -> int:
        return int(db.execute("SELECT count(*) FROM other_vectors").fetchone()[0])

    assert left() == 6
    with open_store(folder, write=True) as store:
        assert len(dense(store, ENCODER.encode_question("fish"), 9)) == store.size == 3
        assert not [fault for fault in store.faults() if "original" not in fault.what]
        store.remove("a")
        assert left() == 2, "what is taken out of search is searched by no model"
        changed = brief("b", "coal and fish")
        store.add(changed, ENCODER.encode_passages(["coal and fish"]), {}, ENCODER)
        store.add(editions[1], ENCODER.encode_passages(["coal"]), {}, ENCODER)
        assert store.edition(Reference("b")) == editions[1]
    assert left() == 0
    db.close()
