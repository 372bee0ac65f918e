"""A run's answers in the format of its data, in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xlt_core.config.resolve import RunConfig
from xlt_core.data.answered import kept_file, write_as_read, write_plain
from xlt_core.data.readers.again import Unwritable
from xlt_core.data.records import read_tagged
from xlt_core.graph.parts import Answering
from xlt_core.graph.stages import Plan, Stage
from xlt_core.report.folder import RunFolder, answers_folder


def write_answers(folder: RunFolder, plan: Plan, config: RunConfig, folders: Mapping[str, Path]) -> None:
    """For each prediction a file beside its table: the test set, with what was predicted in the place of its labels.

    What the labels were read from is taken out of the store, where they are; so it doesn't matter what has become
    of the original since.
    """
    for stage in plan.of("predict"):
        labels = Answering.of(plan, stage).labels
        _write(folder, stage, labels, config, folders)


def _write(folder: RunFolder, stage: Stage, labels: Stage, config: RunConfig, folders: Mapping[str, Path]) -> None:
    from xlt_core.engine.predict import PREDICTED  # torch comes with it, and a refused run needs none

    assert config.task is not None, "only a task is answered"
    answers = read_tagged(folders[stage.id] / PREDICTED)
    out, kept = folder.path / "predictions" / answers_folder(stage.id), kept_file(folders[labels.id])
    if kept is not None:
        try:
            write_as_read(out, kept, config.catalog, labels.options["reader"], config.task, answers)
            return
        except Unwritable as why:
            text = f"answers can't be written as {kept.name} is: {why}; they stand in a file of another format"
            folder.log({"stage": stage.id, "kind": "note", "text": text})
    write_plain(out, config.task, answers)
