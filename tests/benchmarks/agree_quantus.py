"""Our measures of maps beside those of Quantus: same model, pictures and maps, in one process.

    python tests/benchmarks/agree_quantus.py [--models NAME ...] [--count N]

On mnist, whose maps have one channel, so that none is to be summed first. Prints Markdown: the largest difference over
the pictures; exits with 1 where it is more than rounding (Quantus adds 1e-7 to a map before it takes its Gini index).
Where the two ask something else, and why, stands in NOTES. The first run makes the environment of the rivals.
"""

import sys
from typing import Any

import numpy as np
import torch
from timing import arguments, elsewhere

MODELS = ("mnist-standard", "mnist-pgd")
NEAR = 1e-4
NOTES = """- Alignment: Quantus has no such measure.
- Completeness: Quantus answers whether two floats are equal, which they never are; ours is the gap itself.
- Max-sensitivity: compared where its noise cannot differ, on one given neighbour.
- Insertion: Quantus has deletion alone; its curve leaves out the whole picture, and its area counts steps.
- Structural similarity: Quantus takes the range of the values of both maps and their raw scale; ours is of the maps as
  they are drawn, so it is compared on maps that are drawn alike, with the constants of that range."""


def differences(name: str, count: int) -> dict[str, float]:
    """Return the largest difference from Quantus, by measure."""
    import quantus
    import skimage.metrics

    from explorer.attribution.measures.case import Case
    from explorer.attribution.measures.randomisation import compared
    from explorer.attribution.measures.run import run_measure
    from explorer.attribution.similarity import rank_correlation, ssim
    from explorer.data import load_data
    from explorer.models.zoo import load_model

    data, model = load_data("mnist"), load_model(name)
    x, y = data.x[:count], data.y[:count]
    case = Case(model, x, y, bright=True)
    maps, said = case.maps(case.winners), case.winners.numpy()
    a, given = maps.numpy(), {"x_batch": x.numpy(), "y_batch": said}

    def values(measure: str, **knobs: Any) -> dict[str, np.ndarray]:
        return dict(run_measure(measure, case, knobs=knobs).values)

    def plain(kind: Any, **settings: Any) -> Any:
        return kind(disable_warnings=True, display_progressbar=False, normalise=False, **settings)

    def explain(model: Any, inputs: Any, targets: Any, **_: Any) -> np.ndarray:
        other = Case(model, torch.as_tensor(inputs).float(), y)
        return other.maps(torch.as_tensor(targets)).numpy()

    found = {}
    sparse = plain(quantus.Sparseness, abs=True)(model=model, a_batch=a, **given)
    found["Sparsity (Sparseness)"] = _apart(values("sparsity")["gini"], sparse)
    ink = (x >= 0.5).numpy()
    on = plain(quantus.RelevanceMassAccuracy, abs=True)(model=model, a_batch=a, s_batch=ink, **given)
    found["Mass inside (RelevanceMassAccuracy)"] = _apart(values("inside")["mass"], on)

    flips = plain(quantus.PixelFlipping, abs=False, features_in_step=28, perturb_baseline="black")
    flips(model=model, a_batch=a, softmax=True, **given)
    theirs = np.array(flips.evaluation_scores)  # (N, 28)
    found["Deletion (PixelFlipping)"] = _apart(values("removal")["deleted"][:, 1:], theirs)

    shift = 0.02 * (2 * torch.rand(x.shape[1:], generator=torch.Generator().manual_seed(case.seed)) - 1)
    nearby = plain(
        quantus.MaxSensitivity,
        abs=False,
        nr_samples=1,
        perturb_func=lambda arr, indices, **_: arr + shift.numpy().reshape(1, -1),
    )
    theirs = nearby(model=model, a_batch=a, explain_func=explain, **given)
    found["Max-sensitivity (MaxSensitivity)"] = _apart(values("sensitivity", samples=1)["change"], theirs)

    walk, ours = plain(quantus.MPRT, abs=False, similarity_func=quantus.similarity_func.correlation_spearman), []
    theirs = walk(model=model, a_batch=a, explain_func=explain, **given)
    wrapped = quantus.helpers.utils.get_wrapped_model(model=model, channel_first=True, softmax=False)
    for _, network in wrapped.get_random_layer_generator(order="top_down", seed=walk.seed):
        drawn = torch.from_numpy(explain(network, x, said))
        ours.append(compared(maps, drawn)["rank"].numpy())
    layers = [scores for layer, scores in theirs.items() if layer != "original"]
    found["Randomisation, rank (MPRT, its networks)"] = _apart(np.array(ours), np.array(layers))

    other = Case(load_model(MODELS[1 - MODELS.index(name)]), x, y).maps(case.winners)
    theirs = quantus.similarity_func.correlation_spearman(
        a.reshape(count, -1), other.numpy().reshape(count, -1), batched=True
    )
    found["Agreement, rank (correlation_spearman)"] = _apart(rank_correlation(maps, other).numpy(), theirs)
    drawn = [m / m.abs().amax((1, 2, 3), keepdim=True) / 2 + 0.5 for m in (maps.double(), other.double())]
    both = zip(*(m[:, 0].numpy() for m in drawn), strict=True)
    theirs = [skimage.metrics.structural_similarity(p, q, data_range=1.0) for p, q in both]
    found["Agreement, SSIM (scikit-image, which Quantus calls)"] = _apart(ssim(maps, other).numpy(), theirs)
    return found


def _apart(ours: Any, theirs: Any) -> float:
    return float(np.abs(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)).max())


def main() -> int:
    """Print the differences; return 1 where one is more than rounding."""
    options = arguments(__doc__, MODELS, repeat=1).parse_args()
    if (status := elsewhere(__file__, "quantus")) is not None:
        return status
    worst = 0.0
    for name in options.models:
        found = differences(name, options.count or 50)
        worst = max(worst, *found.values())
        lines = [f"| {measure} | {apart:.1e} |" for measure, apart in found.items()]
        head = [f"### {name}, n = {options.count or 50}", "", "| | largest difference |", "|---|---:|"]
        sys.stdout.write("\n".join([*head, *lines, "", ""]))
    sys.stdout.write(NOTES + "\n")
    return int(worst > NEAR)


if __name__ == "__main__":
    sys.exit(main())
