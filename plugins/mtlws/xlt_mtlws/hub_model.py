"""The files of a pretrained model: from a folder, from the hub's cache or from the hub."""

from __future__ import annotations

from pathlib import Path

from xlt_core.errors import Problem, UnavailableError

FILES = ("*.json", "*.safetensors", "*.model", "*.spm", "*.txt")
"""All that is ever fetched: settings, weights that hide no programs, vocabularies."""


def model_folder(name: str, revision: str, flag: str, otherwise: str) -> Path:
    """Where a model's files are; `flag` chose it, and `otherwise` is a way to do without."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        told = str(error).strip().splitlines()[0]
        problem = Problem(f"{name}: {told}", flag, f"{flag}=FOLDER that holds the model, or {otherwise}")
        raise UnavailableError("A model can't be had.", [problem]) from None
