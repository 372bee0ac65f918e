"""Bringing a backbone here, and loading it."""

from __future__ import annotations

import importlib.resources
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from xlt_core.errors import Problem, UnavailableError
from xlt_core.graph.job import Job

FILE = "backbone.json"


def fetch(job: Job) -> None:
    """The work of a backbone stage: see that its files are here, and note where."""
    location = str(job.stage.options["location"])
    kind = location.partition(":")[0]
    told = {"location": location if kind in ("package", "folder") else "folder:" + _from_hub(location, job)}
    (job.out / FILE).write_text(json.dumps(told), encoding="utf-8")


def _from_hub(repository: str, job: Job) -> str:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wanted = ["*.json", "*.model", "*.txt", "*.safetensors"]
    try:
        return str(snapshot_download(repository, revision=str(job.stage.options["revision"]), allow_patterns=wanted))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        problem = Problem(f"{repository}: {error}", "--backbone", "--backbone mini, or a folder that holds the model")
        raise UnavailableError("The backbone can't be had.", [problem]) from error


def backbone_folder(stage_folder: Path, stack: ExitStack) -> Path:
    """The folder of the files that a backbone stage noted."""
    location = json.loads((stage_folder / FILE).read_text(encoding="utf-8"))["location"]
    kind, _, rest = location.partition(":")
    if kind == "folder":
        return Path(rest)
    package, _, path = rest.partition("/")
    return stack.enter_context(importlib.resources.as_file(importlib.resources.files(package).joinpath(path)))


def load_model(folder: Path) -> tuple[Any, Any]:
    """The model with its language-model head where its kind has one, in fp32, and its tokenizer.

    Nothing remote is run and nothing pickled is read.
    """
    import transformers
    from transformers.utils import logging

    from xlt_core.model.architecture import ARCHITECTURES

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
    head = ARCHITECTURES[config.model_type].head if config.model_type in ARCHITECTURES else "none"
    auto = {
        "masked": transformers.AutoModelForMaskedLM,
        "causal": transformers.AutoModelForCausalLM,
        "denoising": transformers.AutoModelForSeq2SeqLM,
        "none": transformers.AutoModel,
    }[head]
    model = auto.from_pretrained(folder, config=config, dtype="float32", use_safetensors=True, trust_remote_code=False)
    return model, transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


def load_encoder(folder: Path) -> tuple[Any, Any]:
    """The encoder, in fp32 and without a pooler, and its tokenizer. Nothing remote, nothing pickled."""
    from transformers import AutoConfig, AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # the language-model head that is left out is no news
    logging.disable_progress_bar()
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    pooler = {"add_pooling_layer": False} if config.model_type in ("xlm-roberta", "roberta", "bert") else {}
    model = AutoModel.from_pretrained(
        folder, config=config, dtype="float32", use_safetensors=True, trust_remote_code=False, **pooler
    )
    return model, AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
