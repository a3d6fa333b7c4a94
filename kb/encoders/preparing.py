"""Makes a sentence-transformers model ready for the fast encoder, in a process of its own.

torch, transformers and onnx are needed for these seconds alone, once for each model. Run as
`python -m kb.encoders.preparing NAME PRECISION FOLDER`; the last line on stderr is the reason
when it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kb.encoders import prepared
from kb.encoders.models import digest_of, folder_of
from kb.encoders.prepared import MODEL, TOKENIZER, WEIGHTS, Prepared
from kb.encoders.telemetry import environment, import_quietly
from kb.errors import DiskFull, ModelUnavailable, ReportingLibrary
from kb.local.permissions import file_mode, folder_within, follow, new_file, own_folder

RECIPE = 2  # raised by whatever changes the vectors of a prepared model: it is in the fingerprint
LEAST_COSINE = {"fp32": 0.99999, "int8": 0.94}
FULL = ("No space left", "File too large", "quota exceeded")  # as the operating system says it
NOT_COVERED = 3  # exit code: the model is of a kind that the export does not cover
# what a prepared model is checked on, against sentence-transformers
TEXTS = (
    "Who pays?",
    "The committee met on 3 May 2021 and agreed to publish its findings. " * 3,
    "Lead service lines are to be replaced within ten years, at the utility's cost. " * 14,
    "Η έκθεση εγκρίθηκε. 🙂 Größe, café, naïve — § 5(2).",
)


class NotCovered(ModelUnavailable):
    """A model that the export does not cover; sentence-transformers runs it all the same."""


def fingerprint_of(name: str, precision: str) -> str:
    """The fingerprint that a model has in a precision; its files are read for it."""
    return _fingerprint(name, folder_of(name), precision)


def _fingerprint(name: str, folder: Path, precision: str) -> str:
    return f"{name}@{digest_of(folder)}/{precision}.{RECIPE}"


def prepare(name: str, precision: str) -> Prepared:
    """The prepared model, made now if it is not there yet.

    Of two processes that prepare one model, the second waits. NotCovered when the export does not
    know the model's kind; ModelUnavailable and DiskFull say what else is wrong.
    """
    fingerprint = fingerprint_of(name, precision)
    if (ready := prepared.read(fingerprint)) is not None:
        return ready
    from filelock import FileLock

    target = prepared.folder_for(fingerprint)
    refusal = target.with_name(f"{target.name}.not-covered")
    if refusal.exists():
        raise NotCovered(refusal.read_text(encoding="utf-8"))
    try:
        own_folder(target.parent.parent)
        folder_within(target.parent)
        with FileLock(target.with_name(f"{target.name}.lock"), mode=file_mode(target.parent)):
            if (ready := prepared.read(fingerprint)) is not None:
                return ready
            _say(f"Preparing the model {name}, once; this takes half a minute …")
            with tempfile.TemporaryDirectory(dir=target.parent, prefix="new-") as new:
                try:
                    _in_process_of_its_own(name, precision, Path(new))
                except NotCovered as error:
                    with new_file(refusal) as file:
                        file.write(str(error).encode())  # said once, tried once
                    _say(f"{error} It runs through sentence-transformers, which is slower.")
                    raise
                follow(Path(new))
                shutil.rmtree(target, ignore_errors=True)
                Path(new).rename(target)
                Path(new).mkdir()  # for the context manager to remove
    except OSError as error:
        if error.errno == 28:
            raise DiskFull(target.parent) from error
        raise ModelUnavailable(
            f"{target.parent}: the prepared model cannot be kept here ({error.strerror}). Make "
            "the folder writable, or name another one in XDG_CACHE_HOME."
        ) from error
    ready = prepared.read(fingerprint)
    if ready is None:
        raise ModelUnavailable(f"{target}: the model was prepared, but cannot be read back.")
    return ready


def _in_process_of_its_own(name: str, precision: str, folder: Path) -> None:
    command = [sys.executable, "-m", "kb.encoders.preparing", name, precision, str(folder)]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as scratch:
        # what torch and onnxruntime leave behind goes with it
        around = {**environment(), "TMPDIR": scratch}
        done = subprocess.run(
            command, env=around, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    if done.returncode == 0:
        return
    lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason was given"]
    if any(reason in lines[-1] for reason in FULL):
        raise DiskFull(folder.parent)
    kind = NotCovered if done.returncode == NOT_COVERED else ModelUnavailable
    raise kind(f"{name}: cannot be prepared ({lines[-1][:300]}).")


def export(name: str, precision: str, folder: Path) -> None:
    """Write model, tokenizer and manifest into a folder, checked against sentence-transformers."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    source = folder_of(name)
    import torch

    torch.set_grad_enabled(False)
    sentence_transformers = import_quietly("sentence_transformers")
    model = sentence_transformers.SentenceTransformer(
        str(source),
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True, "attn_implementation": "eager"},
    ).eval()
    graph, window = _graph(model)
    try:
        _write_graph(graph, precision, folder)
        model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    except (OSError, ReportingLibrary):
        raise  # of the disk or an installation, not of the model
    except Exception as error:  # torch's, onnx's or onnxruntime's, each of kinds of its own
        raise NotCovered(f"{type(error).__name__} at its export") from error
    prompts = model.prompts or {}
    made = Prepared(
        name=name,
        fingerprint=_fingerprint(name, source, precision),
        dimension=int(model.get_embedding_dimension()),
        window=window,
        passage_prompt=prompts.get("document") or "",
        question_prompt=prompts.get("query") or "",
        files={file: prepared.facts_of(folder / file) for file in (MODEL, WEIGHTS, TOKENIZER)},
    )
    _check(model, folder, made, LEAST_COSINE[precision])
    prepared.write_manifest(folder, made)


def _write_graph(graph: Any, precision: str, folder: Path) -> None:
    """Export, quantise if asked to, optimise; only the last graph stays, with its weights."""
    exact, final = folder / "exact.onnx", folder / MODEL
    _export_graph(graph, exact)
    if precision == "int8":
        _quantise(exact, folder / "small.onnx")
        _optimise(folder / "small.onnx", final)
    else:
        _optimise(exact, final)
    for path in folder.glob("*.onnx"):
        if path != final:
            path.unlink()


def _graph(model: Any) -> tuple[Any, int]:
    """The model as one graph from tokens to a unit vector, and its window."""
    import torch

    kinds = [type(module).__name__ for module in model]
    pooling = model[1] if len(model) > 1 else None
    mode = getattr(pooling, "pooling_mode", None) or ""
    mode = mode if isinstance(mode, str) else "+".join(mode)
    if kinds[:2] != ["Transformer", "Pooling"] or kinds[2:] not in ([], ["Normalize"]):
        raise NotCovered(f"modules {', '.join(kinds)}")
    if mode not in ("mean", "cls"):
        raise NotCovered(f"pooling {mode or 'unknown'}")

    class Graph(torch.nn.Module):  # type: ignore[misc]  # torch is not followed
        """Transformer, pooling and normalisation; the token vectors as a second output."""

        def __init__(self) -> None:
            super().__init__()
            self.transformer = model[0].auto_model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.transformer(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state
            if mode == "cls":
                pooled = hidden[:, 0]
            else:
                weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
                pooled = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(pooled, p=2.0, dim=1), hidden

    return Graph().eval(), int(model.max_seq_length or 512)


def _export_graph(graph: Any, path: Path) -> None:
    import torch

    ids = torch.randint(1000, 2000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    shape = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
    torch.onnx.export(
        graph,
        (ids, mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["sentence_vectors", "token_vectors"],
        dynamic_shapes={"input_ids": shape, "attention_mask": shape},
        opset_version=20,  # the first with Gelu as one operation: 3 % faster
        external_data=False,
        verbose=False,
    )


def _quantise(source: Path, target: Path) -> None:
    quantization = import_quietly("onnxruntime.quantization")
    quantization.quantize_dynamic(
        str(source), str(target), weight_type=quantization.QuantType.QInt8, per_channel=True
    )


def _optimise(source: Path, target: Path) -> None:
    """Save the graph as onnxruntime would optimise it at each start, but for one step.

    Its sum and layer normalisation in one operation (SkipLayerNormalization) is slower than the
    two apart: 16 % of the time of 144 tokens in int8, 7 % in fp32 (onnxruntime 1.31).
    """
    onnxruntime = import_quietly("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(target)
    options.add_session_config_entry(
        "session.optimized_model_external_initializers_file_name", WEIGHTS
    )
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    onnxruntime.InferenceSession(
        str(source),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def _check(model: Any, folder: Path, made: Prepared, least: float) -> None:
    """ModelUnavailable when the prepared model's vectors are not the reference's."""
    import numpy as np

    from kb.encoders.onnx import OnnxEncoder

    ours = OnnxEncoder(made, folder).encode_passages(TEXTS)
    theirs = model.encode_document(list(TEXTS), normalize_embeddings=True)
    worst = float(np.min(np.sum(ours * theirs, axis=1)))
    if worst < least:
        raise ModelUnavailable(f"its vectors differ from the reference's (cosine {worst:.5f})")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> int:
    """The exit code of one export; the reason of a failure is the last line on stderr."""
    name, precision, folder = sys.argv[1:]
    try:
        export(name, precision, Path(folder))
    except NotCovered as error:
        _say(str(error))
        return NOT_COVERED
    except Exception as error:  # any of torch's, transformers' or onnx's; the parent reads the line
        _say(str(error).strip().splitlines()[-1] if str(error).strip() else repr(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
