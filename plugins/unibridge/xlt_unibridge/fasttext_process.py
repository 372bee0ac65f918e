"""fastText in a process of its own: `python -m xlt_unibridge.fasttext_process FOLDER`.

With fewer than ten threads fastText 0.9.3 fills only the first tenths of its table and leaves the rest as the memory
was. Memory fresh from the system is zeros, as the rest was in earlier versions; recycled memory holds anything, NaN
too. A new process that takes each table from the system has fresh memory, so that a training can be repeated.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray

TEXT, ASKED, FOUND = "text.txt", "asked.json", "found.npz"
FRESH = {"MALLOC_MMAP_THRESHOLD_": "4096"}
"""Tells glibc to take whatever is larger than a page from the system."""
MEMORY = 3
"""What the process ends with where there was too little memory."""


def vectors(
    folder: Path, pieces: Sequence[str], looked_up: Sequence[str], settings: Mapping[str, Any]
) -> tuple[NDArray[numpy.float32], NDArray[numpy.int64]]:
    """The vectors of pieces, and how often each stood in the folder's text; zeros where training gave no numbers."""
    asked = {"pieces": list(pieces), "looked_up": list(looked_up), "settings": dict(settings)}
    (folder / ASKED).write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", __name__, str(folder)]
    ended = subprocess.run(command, env={**os.environ, **FRESH}, capture_output=True, text=True, check=False)
    if ended.returncode in (MEMORY, -9):
        raise MemoryError
    if ended.returncode:
        raise RuntimeError(f"fastText failed: {ended.stderr.strip()[-2000:]}")
    with numpy.load(folder / FOUND) as found:
        return found["vectors"], found["counts"]


def _train(folder: Path) -> None:
    import fasttext

    asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    pieces, looked_up, settings = (asked[name] for name in ("pieces", "looked_up", "settings"))
    found = numpy.zeros((len(pieces), settings["dim"]), dtype=numpy.float32)
    counts = numpy.zeros(len(pieces), dtype=numpy.int64)
    model = _model(fasttext, folder, settings)
    if model is not None:
        seen = dict(zip(*model.get_words(include_freq=True), strict=True))
        counts[:] = [seen.get(piece, 0) for piece in pieces]
        for n, piece in enumerate(looked_up):
            if piece:
                found[n] = model.get_word_vector(piece)
    numpy.savez(folder / FOUND, vectors=found, counts=counts)


def _model(fasttext: Any, folder: Path, settings: Mapping[str, Any]) -> Any:
    try:
        return fasttext.train_unsupervised(str(folder / TEXT), **settings, verbose=0)
    except RuntimeError as error:
        if "NaN" not in str(error):
            raise
        return None


if __name__ == "__main__":
    try:
        _train(Path(sys.argv[1]))
    except MemoryError:
        sys.exit(MEMORY)
