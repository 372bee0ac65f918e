"""Whether what a plan would download is here already, or can be had."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlt_core.catalog import Catalog, load_object
from xlt_core.errors import Problem, UnavailableError
from xlt_core.graph.stages import Download, Plan
from xlt_core.graph.store import Store
from xlt_core.slots.backbones import Backbone
from xlt_core.slots.rewriting import Rewriter

if TYPE_CHECKING:
    from xlt_core.data.hub import Part

TIMEOUT = 3.0


def refuse_unavailable(plan: Plan, backbone: Backbone, offline: bool) -> None:
    """Raise, with all that is missing, where the network is needed and isn't there."""
    if offline:
        os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"
    missing = [download for download in plan.downloads if not _cached(download, plan)]
    if not missing or (not offline and _reachable()):
        return
    why = "--offline was given" if offline else "the hub can't be reached"
    problems = [
        Problem(f"{d.what} is not in the cache (about {d.megabytes:g} MB): {d.location.removeprefix('hub:')}")
        for d in missing
    ]
    total = sum(download.megabytes for download in missing)
    fix = "run this where there is a network, or try the small world inside the package: --backbone mini"
    problems.append(Problem(f"{total:g} MB in all must be fetched first", fix=fix))
    unbuilt = plan.unbuilt()
    if unbuilt:
        what = f"fetching will not be enough: not built yet: {', '.join(unbuilt)}"
        problems.append(Problem(what))
    raise UnavailableError(f"This run needs what is not on this machine, and {why}.", problems)


def refuse_without_libraries(plan: Plan, catalog: Catalog, store: Store) -> None:
    """Raise, with all that rewriters need and this machine hasn't, before anything is begun."""
    problems: dict[str, Problem] = {}
    for stage in plan:
        if stage.slot == "rewriting" and not store.has(stage.key):
            declared: type[Rewriter] = load_object(catalog.get("rewriting", stage.part).card.declares)
            for problem in declared.model_validate(stage.options).lacks(stage.languages[0]):
                problems.setdefault(problem.what, replace(problem, where=stage.part))
    if problems:
        raise UnavailableError("This run needs what is not installed here; nothing was begun.", problems.values())


def _cached(download: Download, plan: Plan) -> bool:
    from huggingface_hub import try_to_load_from_cache

    repository = download.location.removeprefix("hub:")
    if download.what.startswith("backbone"):
        config = try_to_load_from_cache(repository, "config.json", revision=download.revision)
        # a tokenizer alone may be there; pickled weights are met, and refused with a way out, when it is loaded
        return isinstance(config, str) and any(
            file.suffix in (".safetensors", ".bin") for file in Path(config).parent.iterdir()
        )
    from xlt_core.data.hub import prepared

    return all(prepared(part) for part in parts_of(download, plan))


def parts_of(download: Download, plan: Plan) -> list[Part]:
    """The parts of a data set that a plan's stages read: a download names their language, and not their splits."""
    from xlt_core.data.hub import Part

    named = [stage for stage in plan if stage.offer is not None and stage.offer.location == download.location]
    return list(dict.fromkeys(Part.of(stage) for stage in named))


def _reachable() -> bool:
    """Whether the hub answers at all; a refusal to talk counts as an answer."""
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    if os.environ.get("HF_HUB_OFFLINE") == "1":
        return False
    try:
        urllib.request.urlopen(urllib.request.Request(endpoint, method="HEAD"), timeout=TIMEOUT)
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False
    return True
