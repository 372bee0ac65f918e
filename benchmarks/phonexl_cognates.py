"""What phonemes, language vectors and the three losses give where cognates are known exactly: synthetic words.

The parts are those of a run; words, sentences and the small model that knows nothing yet are made up, anew for each
seed. Accuracy on the target of the last weights, mean and range over seeds; how often spelling is nearest to its own
phonemes among those of its sentence; the learned scale. The control gives words each other's phonemes: `permuted` the
target's at test alone, `shuffled` all of both languages.

    OMP_NUM_THREADS=1 python benchmarks/phonexl_cognates.py [SEEDS]
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[1]))

from plugins.phonexl.tests.cognates import LOSSES, NO_IDS, TARGET, VARIANTS, Trained, World

CONTROLS = {
    "phonemes, permuted": {**VARIANTS["phonemes"], "permuted": True},
    "phonemes, shuffled": {"set": (NO_IDS, "rewriting.phonemes.shuffled=1"), "drop": LOSSES},
}
DUE = {
    "spelling alone": (0, 35), "phonemes": (80, 100), "phonemes, language": (80, 100),
    "phonemes, alignment": (80, 100), "full": (80, 100), "full, no language": (80, 100),
    "phonemes, permuted": (0, 35), "phonemes, shuffled": (0, 35),
}  # fmt: skip
"""Between what the mean must be."""
FINDS = {"phonemes": (0.0, 0.45), "phonemes, alignment": (0.95, 1.0)}


def main(seeds: int) -> int:
    scores: dict[str, list[float]] = {}
    found: dict[str, list[float]] = {}
    scales: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        os.environ["XLT_HOME"] = str(Path(place, "home"))
        for seed in range(1, seeds + 1):
            world = World.made(Path(place, str(seed)), seed)
            for name, variant in {**VARIANTS, **CONTROLS}.items():
                made = world.run(name, **variant)
                scores.setdefault(name, []).append(made.score(TARGET))
                if "phonemes" in name or "full" in name:
                    trained = Trained.by(made)
                    found.setdefault(name, []).append(trained.found())
                    scales.setdefault(name, []).extend([trained.temperature] if trained.temperature else [])
    print(f"| variant | accuracy, mean of {seeds} | from, to | due | spelling finds its phonemes | scale |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, own in scores.items():
        low, high = DUE[name]
        finds = f"{mean(found[name]):.3f}" if name in found else ""
        scale = f"{mean(scales[name]):.2f}" if scales.get(name) else ""
        due = f"at most {high}" if not low else f"at least {low}"
        print(f"| {name} | {mean(own):.1f} | {min(own):.1f}, {max(own):.1f} | {due} | {finds} | {scale} |")
    wrong = [name for name, own in scores.items() if not DUE[name][0] <= mean(own) <= DUE[name][1]]
    wrong += [f"{name}: finding" for name, (low, high) in FINDS.items() if not low <= mean(found[name]) <= high]
    print("all as due" if not wrong else f"not as due: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
