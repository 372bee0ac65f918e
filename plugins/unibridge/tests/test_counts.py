"""How large the paper's parts are, at XLM-R base's width and depth (section 4 of the paper's settings)."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
import transformers

from xlt_core import plan
from xlt_core.engine.net import Net
from xlt_core.model.adapters import AdapterShape, LanguageAdapter, TaskAdapter
from xlt_core.model.backbone import BackboneModel
from xlt_core.model.load import model_class
from xlt_core.slots.shapes import SHAPES

WIDTH, DEPTH = 768, 12


def size(part: torch.nn.Module) -> int:
    return sum(weight.numel() for weight in part.parameters())


def test_adapters_are_as_large_as_the_recipe_says() -> None:
    made = plan(method="unibridge", backbone="xlm-roberta-base", targets="amh")
    asked, trained = made["adapt(amh)"].options, made["train(eng, ner)"].options
    shape = AdapterShape(
        "xlm-roberta",
        WIDTH,
        DEPTH,
        asked["reduction"],
        "relu",
        tuple(asked["leave_out"]),
        asked["invertible_reduction"],
    )
    language = LanguageAdapter("amh", shape, torch.Generator())
    assert language.invertible is not None and list(language.layers) == [str(n) for n in range(11)]
    assert size(language.layers) == 6_500_736 and size(language.invertible) == 296_064
    assert size(language) == 6_796_800
    above = AdapterShape("xlm-roberta", WIDTH, DEPTH, trained["task_reduction"], "gelu", shape.leave_out)
    assert size(TaskAdapter("ner", above, torch.Generator())) == 819_984


def test_the_head_s_transform_and_the_tables() -> None:
    config = transformers.AutoConfig.for_model(**SHAPES["xlm-roberta-base"].config)
    with torch.device("meta"):
        net = Net(BackboneModel(model_class("xlm-roberta").from_config(config)))
    head = net.mlm_head("eng")
    assert sum(weight.numel() for name, weight in head.items() if name != "output_bias") == 592_128
    assert head["output_bias"].numel() == net.backbone.config.vocab_size
    assert (10_002 * WIDTH, 51_002 * WIDTH) == (7_681_536, 39_169_536)
    assert sqrt(2 / (10_002 + WIDTH)) == pytest.approx(0.0136272, abs=1e-7)
