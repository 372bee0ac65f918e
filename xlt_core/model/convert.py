"""Pickled weights into safetensors, once and on request: nothing else here reads a pickle.

    python -m xlt_core.model.convert FOLDER NEW-FOLDER

Only tensors are unpickled (`weights_only`); a file that holds anything else is refused, and nothing in it is run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from tempfile import mkdtemp
from typing import Any

import torch
from safetensors.torch import save_file

from xlt_core.errors import Problem, UsageError, XltError
from xlt_core.permissions import as_new_files

WHOLE = "pytorch_model.bin"
INDEX = f"{WHOLE}.index.json"
COPIED = ("*.json", "*.txt", "*.model")


def convert(folder: Path, out: Path) -> list[Path]:
    """The same model with its weights in safetensors, in a new folder; the files that hold them.

    >>> convert(Path("old"), Path("new"))  # doctest: +SKIP
    """
    if out.exists():
        raise _refused(f"{out} is there already, and nothing is overwritten", "OUT", "the name of a new folder")
    files = _pickled(folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    half = Path(mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        written = {file.name: _rewritten(file, half) for file in files}
        if (folder / INDEX).is_file():
            _write_index(folder / INDEX, half, written)
        for file in sorted({file for pattern in COPIED for file in folder.glob(pattern)} - {folder / INDEX}):
            shutil.copyfile(file, half / file.name)
        as_new_files(half)
        half.rename(out)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return [out / name for name in written.values()]


def _pickled(folder: Path) -> list[Path]:
    """The files of pickled weights: one, or the shards that an index names."""
    if not (folder / "config.json").is_file():
        raise _refused(f"{folder} is no checkpoint: it holds no config.json", "FOLDER")
    if any(folder.glob("*.safetensors")):
        raise _refused(f"{folder} has safetensors already", "FOLDER", f"--backbone {folder}")
    if (folder / WHOLE).is_file():
        return [folder / WHOLE]
    if not (folder / INDEX).is_file():
        raise _refused(f"{folder} holds neither {WHOLE} nor {INDEX}", "FOLDER")
    names = sorted(set(_shards(folder / INDEX).values()))
    if outside := [name for name in names if Path(name).name != name or not name.endswith(".bin")]:
        raise _refused(f"{INDEX} names {outside[0]}, which is no .bin file of this folder", "FOLDER")
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise _refused(f"{INDEX} names files that aren't there: {', '.join(missing)}", "FOLDER")
    return [folder / name for name in names]


def _shards(index: Path) -> dict[str, str]:
    try:
        shards: dict[str, str] = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        return {str(weight): str(name) for weight, name in shards.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused(f"{index} can't be read: {error}", "FOLDER") from None


def _rewritten(file: Path, out: Path) -> str:
    """One file's tensors in a file of their own; its name."""
    name = file.name.replace("pytorch_model", "model").removesuffix(".bin") + ".safetensors"
    # Safetensors holds no tensor twice. Each name gets a copy of what it shared, so that nothing is lost whatever
    # the model ties; loading ties again what is tied.
    tensors = {weight: tensor.contiguous().clone() for weight, tensor in _tensors(file).items()}
    save_file(tensors, out / name, metadata={"format": "pt"})
    return name


def _tensors(file: Path) -> dict[str, torch.Tensor]:
    try:
        state: Any = torch.load(file, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        told = next((line.strip() for line in str(error).splitlines() if "Unsupported" in line or "GLOBAL" in line), "")
        what = f"{file} holds more than tensors, and nothing in it was run{': ' + told if told else ''}"
        raise _refused(what, "FOLDER", "a checkpoint from someone you trust, or in safetensors") from None
    except (RuntimeError, EOFError, ValueError) as error:
        raise _refused(f"{file} can't be read: {str(error).splitlines()[0]}", "FOLDER") from None
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        what = f"{file} holds no table of tensors by name, as a model's weights are; is it a trainer's checkpoint?"
        raise _refused(what, "FOLDER")
    return state


def _write_index(index: Path, out: Path, written: dict[str, str]) -> None:
    told = json.loads(index.read_text(encoding="utf-8"))
    told["weight_map"] = {weight: written[name] for weight, name in _shards(index).items()}
    (out / "model.safetensors.index.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _refused(what: str, where: str, fix: str = "") -> UsageError:
    return UsageError("The weights can't be converted; nothing was written.", [Problem(what, where, fix)])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    about = "Pickled weights into safetensors, in a new folder."
    parser = argparse.ArgumentParser(prog="python -m xlt_core.model.convert", description=about)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="holds config.json and pytorch_model.bin or shards")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that isn't there yet")
    told = parser.parse_args(arguments)
    try:
        files = convert(told.folder, told.out)
    except XltError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit)
    sys.stdout.write(f"{told.out}: {', '.join(file.name for file in files)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
