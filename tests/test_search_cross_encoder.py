"""A reranker of the user's: a cross-encoder in a folder, or a clear word of what is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.encoders.models import folder_of
from kb.errors import ModelUnavailable
from search.retrieval.cross_encoder import cross_encoder

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of one small layer with random weights."""
    folder = tmp_path_factory.mktemp("cross") / "model"
    code = f"""
import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification
torch.manual_seed(7)
tokenizer = AutoTokenizer.from_pretrained({str(folder_of("all-MiniLM-L6-v2"))!r})
config = BertConfig(vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1,
                    num_attention_heads=2, intermediate_size=64, max_position_embeddings=512,
                    num_labels=1, initializer_range=0.5)
BertForSequenceClassification(config).save_pretrained({str(folder)!r})
tokenizer.save_pretrained({str(folder)!r})
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return folder


@pytest.mark.model
def test_a_score_does_not_depend_on_the_other_passages(tiny: Path) -> None:
    reranker = cross_encoder(str(tiny))
    texts = ["Drivers pay the charge.", "Fish " * 600, "", "Drivers pay the charge."]
    together = reranker.read("who pays", texts)
    alone = [reranker.read("who pays", [text])[0] for text in texts]
    assert [one.score for one in together] == [one.score for one in alone]
    assert all(0 <= one.score <= 1 and one.matches is None for one in together)
    assert together[0].score == together[3].score != together[1].score


@pytest.mark.model
def test_a_cross_encoder_from_the_command_line(tiny: Path, home: Path, ask: Ask) -> None:
    (home / "a.txt").write_text("Tolls\n\nDrivers pay the charge. It rains.\n")
    (home / "b.txt").write_text("Fish\n\nA charge on cod is paid by the boats.\n")
    assert ask("init", "--model", "hashing")[0] == 0
    assert ask("ingest", "a.txt", "b.txt")[0] == 0
    command = ("search", "who pays the charge", "--format", "json")
    code, plain, _ = ask(*command, "--no-rerank")
    assert code == 0
    code, read, err = ask(*command, "--reranker", tiny)
    assert (code, err) == (0, "")
    first, second = ({h["passage"]: h for h in json.loads(o)["hits"]} for o in (plain, read))
    assert set(first) == set(second)
    assert all(0 < second[key]["score"] - first[key]["score"] < 1.5 for key in first)
    assert second["tolls#1"]["evidence"]["text"] == "Drivers pay the charge."


def test_what_is_no_cross_encoder_is_refused(tmp_path: Path, home: Path, ask: Ask) -> None:
    with pytest.raises(ModelUnavailable, match=r"nowhere: there is no such folder\. --reranker"):
        cross_encoder("nowhere")
    with pytest.raises(ModelUnavailable, match="holds no"):
        cross_encoder(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ModelUnavailable, match="not the description of a model"):
        cross_encoder(str(tmp_path))
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(ModelUnavailable, match="no score for two texts"):
        cross_encoder(str(tmp_path))
    assert ask("init", "--model", "hashing")[0] == 0
    code, out, err = ask("search", "who pays", "--reranker", "nowhere")
    assert (code, out) == (2, "")
    assert err.startswith("kb: nowhere: there is no such folder.")
    code, out, err = ask("search", "who pays", "--no-rerank", "--reranker", "nowhere")
    assert (code, out) == (2, "")
    assert "contradict" in err


@pytest.mark.model
def test_damaged_weights_are_a_line(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny, folder)
    (folder / "model.safetensors").write_bytes(b"\0" * 64)
    with pytest.raises(ModelUnavailable, match="this cross-encoder cannot be loaded"):
        cross_encoder(str(folder)).read("who", ["pays"])
