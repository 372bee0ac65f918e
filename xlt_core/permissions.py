"""Who may read what is written. Some libraries keep every file that they write from all but its owner."""

from __future__ import annotations

import os
from pathlib import Path


def as_new_files(folder: Path) -> None:
    """Give a folder and all in it the permissions that this user's new files have, so that a store can be shared."""
    mask = _kept_from_others()
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)


def _kept_from_others() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
