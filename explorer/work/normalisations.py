"""What is usually done to pixels before a network sees them: the candidates that an import tries."""

from dataclasses import dataclass

from explorer.data import load_data

DIGITS = 4  # a name hangs on these numbers, and machines differ in the last bits of a mean


@dataclass(frozen=True, slots=True)
class Normalisation:
    """(x - mean) / std on pixels in [0, 1], one number or one per channel."""

    name: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


PLAIN = (
    Normalisation("unit", (0.0,), (1.0,)),  # pixels in [0, 1], as they are
    Normalisation("signed", (0.5,), (0.5,)),  # in [-1, 1]
    Normalisation("bytes", (0.0,), (1 / 255,)),  # in [0, 255]
)
IMAGENET = Normalisation("imagenet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
USUAL = {
    "mnist": (Normalisation("mnist", (0.1307,), (0.3081,)),),
    "cifar10": (
        Normalisation("cifar10", (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
        Normalisation("cifar10-batch", (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),  # std of single pictures
        Normalisation("wong-kolter", (0.485, 0.456, 0.406), (0.225, 0.225, 0.225)),  # arXiv:1805.12514
    ),
    "digits": (Normalisation("sixteen", (0.0,), (1 / 16,)),),  # in [0, 16], as scikit-learn gives them
}


def normalisations(data: str) -> list[Normalisation]:
    """Return the candidates for a data set, the plainest first.

    "measured" is mean and spread per channel of the test pictures, for data sets without published numbers.
    """
    x = load_data(data, "test").x
    channels = x.transpose(0, 1).flatten(1)  # (C, N·H·W)
    found = [*PLAIN, *USUAL.get(data, ())]
    if len(channels) == len(IMAGENET.mean):
        found.append(IMAGENET)
    if data not in ("mnist", "cifar10"):
        mean, std = (tuple(round(float(v), DIGITS) for v in each) for each in (channels.mean(1), channels.std(1)))
        found.append(Normalisation("measured", mean, std))
    return found
