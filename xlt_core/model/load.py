"""Bringing a backbone here, and loading it: nothing remote is run, nothing pickled is read."""

from __future__ import annotations

import importlib.resources
import json
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xlt_core.data.hub import why_not
from xlt_core.errors import Problem, RunError, UnavailableError
from xlt_core.graph.job import Job
from xlt_core.graph.parts import bring
from xlt_core.slots.backbones import Backbone

FILE = "backbone.json"
MADE = "model"
"""The folder of a backbone that its stage made."""
WEIGHTS = "*.safetensors"
LINKED = (WEIGHTS, "*.model", "*.txt", "tokenizer.json", "vocab.json")
"""Files that hold no settings; they are big and are read where they lie."""
CLEANED = (
    "config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "model.safetensors.index.json",
)  # fmt: skip
RUNS_CODE = frozenset(
    ("auto_map", "custom_pipelines", "trust_remote_code", "code_revision", "custom_generate", "use_kernels")
)
"""Settings that name code to be fetched and run, as those do that end in `_implementation`."""


def fetch(job: Job) -> None:
    """The work of a backbone stage: see that its files are here and fit, note where, and how its tokenizer reads."""
    location, revision = (str(job.stage.options[key]) for key in ("location", "revision"))
    kind, _, name = location.partition(":")
    if kind == "random":
        from xlt_core.model.shapes import draw

        draw(name, int(revision.removeprefix("seed ")), job.out / MADE)
        location = f"stage:{MADE}"
    elif kind not in ("package", "folder"):
        location = "folder:" + from_hub(location, revision)
    with ExitStack() as stack:
        folder = _opened(location, job.out, stack)
        check_folder(folder)
        told = {"location": location, **_reading(load_tokenizer(folder))}
    (job.out / FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")


def from_hub(repository: str, revision: str) -> str:
    """The folder in the hub's cache that holds a model, brought there if it isn't yet."""
    from huggingface_hub import snapshot_download

    wanted = ["*.json", "*.model", "*.txt", WEIGHTS]
    try:
        folder = Path(snapshot_download(repository, revision=revision, allow_patterns=wanted))
    except Exception as error:
        reason = why_not(repository, revision, error)
        if reason is None:
            raise
        problem = Problem(f"{repository}: {reason[0]}", "--backbone", reason[1])
        raise UnavailableError("The backbone can't be had.", [problem]) from error
    if not any(folder.glob(WEIGHTS)):
        what = f"{repository} has no weights in safetensors; pickled ones, which can hide programs, aren't read"
        here = any(folder.glob("pytorch_model*.bin"))
        bring = "" if here else f"hf download {repository} --local-dir FOLDER; "
        fix = bring + _conversion(folder if here else "FOLDER", f"{Path(repository).name}-safetensors")
        raise RunError("The backbone can't be loaded.", [Problem(what, "--backbone", fix)])
    return str(folder)


def backbone_folder(stage_folder: Path, stack: ExitStack) -> Path:
    """The folder of the files that a backbone stage noted; its tokenizer still reads as it did then."""
    told = json.loads((stage_folder / FILE).read_text(encoding="utf-8"))
    folder = _opened(told["location"], stage_folder, stack)
    _check_tokenizer(stage_folder, folder)
    return folder


def _opened(location: str, stage_folder: Path, stack: ExitStack) -> Path:
    kind, _, rest = location.partition(":")
    if kind == "stage":
        return stage_folder / rest
    if kind == "folder":
        return Path(rest)
    package, _, path = rest.partition("/")
    return stack.enter_context(importlib.resources.as_file(importlib.resources.files(package).joinpath(path)))


def carry(stage_folder: Path) -> list[str]:
    """Bring the files that a backbone stage noted on this machine into its folder; returns what was rewritten."""
    note = stage_folder / FILE
    told = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    kind, _, rest = str(told.get("location", "")).partition(":")
    if kind != "folder":
        return []
    (stage_folder / MADE).mkdir()
    for file in sorted({file for pattern in (*LINKED, *CLEANED) for file in Path(rest).glob(pattern)}):
        # the cache of the hub never writes into a file that is there; in a folder of the user's, anyone may
        (bring if file.is_symlink() else shutil.copyfile)(file, stage_folder / MADE / file.name)
    note.unlink()  # it may be the store's own file under another name
    note.write_text(json.dumps({**told, "location": f"stage:{MADE}"}, indent=1), encoding="utf-8")
    return [FILE]


# how the tokenizer reads


class _Plain:
    """A tokenizer in Python, CANINE's, where a fast one is expected: texts are read by it, lists of words aren't."""

    class backend_tokenizer:
        class pre_tokenizer:
            add_prefix_space = False

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def __call__(self, *texts: Any, **asked: Any) -> Any:
        return self._tokenizer(*texts, **asked)

    def __len__(self) -> int:
        return len(self._tokenizer)


def _fast(tokenizer: Any) -> Any:
    return tokenizer if getattr(tokenizer, "is_fast", False) else _Plain(tokenizer)


def _reading(tokenizer: Any) -> dict[str, Any]:
    import transformers

    from xlt_core.model.tokens import fingerprint

    return {"transformers": transformers.__version__, "tokenizer": fingerprint(_fast(tokenizer))}


@cache  # once a process: neither the files nor the library change within one
def _check_tokenizer(stage_folder: Path, folder: Path) -> None:
    """Refuse a tokenizer that gives other ids than when the stage noted how it reads."""
    from xlt_core.model.tokens import TokenizerChanged, check

    told = json.loads((stage_folder / FILE).read_text(encoding="utf-8"))
    fix = f"delete {stage_folder} and what was made with it, or begin anew with --store ANOTHER-FOLDER"
    headline = "The backbone's tokenizer may not read as it did."
    if "tokenizer" not in told:
        what = "the store doesn't say how the tokenizer read when this backbone was first used"
        raise RunError(headline, [Problem(what, str(stage_folder / FILE), fix)])
    try:
        check(_fast(load_tokenizer(folder)), told["tokenizer"])
    except TokenizerChanged as error:
        then = f"pip install transformers=={told['transformers']}, or {fix}"
        raise RunError(headline, [Problem(str(error), str(folder), then)]) from None


# what may be read of a folder


def stripped(settings: Any) -> Any:
    """Settings without those that name code to be run, at whatever depth they stand.

    >>> stripped({"a": [{"auto_map": {"AutoModel": "evil.Model"}, "b": 1}]})
    {'a': [{'b': 1}]}
    """
    if isinstance(settings, Mapping):
        return {
            key: stripped(value)
            for key, value in settings.items()
            if key not in RUNS_CODE and not key.endswith("_implementation")
        }
    return [stripped(value) for value in settings] if isinstance(settings, list) else settings


def check_folder(folder: Path) -> None:
    """Refuse, with the reason and the way out, a folder that no model can be safely loaded from."""
    from xlt_core.model.architecture import ARCHITECTURES

    kind = _json(folder / "config.json").get("model_type")
    if kind not in ARCHITECTURES:
        what = f"models of the kind `{kind}` aren't known; known are {', '.join(ARCHITECTURES)}"
        raise _refused(folder, what, "a plugin that adds this kind to xlt_core.model.architecture.ARCHITECTURES")
    if any(folder.glob(WEIGHTS)):
        return
    pickled = sorted(file.name for file in folder.glob("pytorch_model*.bin"))
    if pickled:
        what = f"its weights are pickled ({', '.join(pickled[:2])}), which can hide programs, and aren't read"
        new = folder.resolve().with_name(f"{folder.resolve().name}-safetensors")
        raise _refused(folder, what, _conversion(folder, new))
    raise _refused(folder, f"it holds no weights ({WEIGHTS})", "a folder made by save_pretrained")


def _conversion(folder: Path | str, new: Path | str) -> str:
    return f"python -m xlt_core.model.convert {folder} {new}, then --backbone {new}"


def _refused(folder: Path, what: str, fix: str = "") -> RunError:
    return RunError("The backbone can't be loaded.", [Problem(what, str(folder), fix)])


def _json(file: Path) -> dict[str, Any]:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(file.parent, f"{file.name} can't be read: {error.strerror}") from None
    except ValueError as error:
        raise _refused(file.parent, f"{file.name} is no JSON: {error}") from None
    if not isinstance(settings, dict):
        raise _refused(file.parent, f"{file.name} holds no settings")
    return settings


def _private(folder: Path, stack: ExitStack) -> Path:
    """A folder for transformers to read from: settings without code, tokenizer and weights, and nothing else."""
    private = Path(stack.enter_context(TemporaryDirectory(prefix="xlt-")))
    for file in sorted({file for pattern in LINKED for file in folder.glob(pattern)}):
        (private / file.name).symlink_to(file.resolve())
    for name in CLEANED:
        if (folder / name).is_file():
            (private / name).write_text(json.dumps(stripped(_json(folder / name))), encoding="utf-8")
    return private


# loading


def load_model(folder: Path) -> tuple[Any, Any]:
    """The model with its language-model head where its kind has one, in fp32, and its tokenizer."""
    check_folder(folder)
    quiet()
    from transformers import AutoConfig

    with ExitStack() as stack:
        private = _private(folder, stack)
        config = AutoConfig.from_pretrained(private, trust_remote_code=False)
        config.name_or_path = str(folder)
        asked = {"config": config, "dtype": "float32", "use_safetensors": True, "trust_remote_code": False}
        model = model_class(config.model_type).from_pretrained(private, **asked)
        model.name_or_path = str(folder)
        return model, _tokenizer(private, folder)


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer alone."""
    quiet()
    with ExitStack() as stack:
        return _tokenizer(_private(folder, stack), folder)


def tokenizer_of(backbone: Backbone) -> Any:
    """The tokenizer of a backbone that no stage has brought here, for a look at how it reads."""
    kind, _, _ = backbone.location.partition(":")
    told = backbone.location
    if kind not in ("package", "folder"):
        told = "folder:" + from_hub(backbone.location, backbone.revision)
    with ExitStack() as stack:
        return load_tokenizer(_opened(told, Path(), stack))


def _tokenizer(private: Path, folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(private, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        what = f"its tokenizer can't be loaded: {str(error).strip().splitlines()[0]}"
        raise _refused(folder, what.replace(str(private), str(folder))) from error
    tokenizer.name_or_path = str(folder)
    return tokenizer


def model_class(kind: str) -> Any:
    """transformers' class of a kind of model, with the head that the kind has."""
    import transformers

    from xlt_core.model.architecture import ARCHITECTURES

    return {
        "masked": transformers.AutoModelForMaskedLM,
        "causal": transformers.AutoModelForCausalLM,
        "denoising": transformers.AutoModelForSeq2SeqLM,
        "none": transformers.AutoModel,
    }[ARCHITECTURES[kind].head]


def quiet() -> None:
    """Let transformers keep its notes to itself."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
