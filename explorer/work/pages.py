"""The pages: what the result of each hangs on, and what it alone lets a person choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.attribution.measures import MEASURES
from explorer.certificates import CERTIFICATES
from explorer.core.knobs import Choice, Knob, Real, Switch, Whole
from explorer.features.starts import STARTS
from explorer.models import ARCHITECTURES
from explorer.training import RECIPES
from explorer.work.choices import (
    BAND_MARKS,
    BOUNDARY,
    CERTIFICATE,
    DRAWINGS,
    FACETS,
    GRIDS,
    LANDSCAPE,
    LAYERS,
    LOOKING,
    LOOKS,
    LOSSES,
    MESHES,
    NUMBER,
    PLANES,
    SHARP,
    TRAINING,
    VIEWS,
    WAYS,
    measure_knobs,
    recipe_knobs,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page's share of a request.

    unused : the fields that its result does not hang on; they stay in the address for the other pages
    choices : its own knobs that decide the result; show : those that decide how it is drawn (and, where `unused`
        does not name them, which result is asked for)
    """

    title: str
    unused: tuple[str, ...] = ("show",)
    choices: Mapping[str, Knob] = field(default_factory=dict)
    show: Mapping[str, Knob] = field(default_factory=dict)


def _knobs(*knobs: Knob) -> dict[str, Knob]:
    return {knob.name: knob for knob in knobs}


PAGES = {
    "attack": Page(
        "Attack",
        unused=("show", "more", *LOOKING),
        show=_knobs(
            Knob("map", Choice(("signed", "size"), "perturbation as signed change, or its size"), "signed"),
            Knob("marks", Switch("outline the pixels that changed (ℓ0)"), True),
            Knob("transfer", Switch("show each model the picture made on the other"), False),
            Knob("compare", Switch("run every attack that serves this norm on this picture"), False),
        ),
    ),
    "robustness": Page(
        "Robustness",
        unused=("index", "upload", "label", "target", *LOOKING),
        choices=_knobs(
            Knob("n", Whole(10, 10_000, "test pictures, the first ones"), 200),
            Knob("budgets", Whole(1, 16, "budgets on the curve; 1 is the chosen one alone"), 8),
        ),
        show=_knobs(Knob("view", Choice(VIEWS, "what is shown of the evaluation"), "curve")),
    ),
    "saliency": Page(
        "Saliency",
        unused=("show", "more", "second", "second_knobs"),  # a second method's maps are asked for as a first one's
        choices=_knobs(
            Knob("view", Choice(LOOKS, "what is looked at"), "accounts"),
            Knob("score", Choice(("logit", "difference", "loss"), "the number that a map explains"), "logit"),
            Knob("n", NUMBER, 1000),
            Knob("draw", Choice(DRAWINGS, "what is drawn"), "classes"),
            Knob("start", Choice(STARTS, "where drawings begin"), "average"),
            Knob("unit", Whole(-1, 4095, "the first of the units drawn; -1: those that speak most for the answer"), -1),
            Knob("relabel", Choice(("next", "random"), "the class that the non-robust version is moved to"), "next"),
            Knob("reach", Real(0.01, 1.0, "budget: root mean square change of a value, from 0 to 1"), 0.4),
            Knob("pace", Real(0.001, 0.2, "length of a step, in the same unit"), 0.03),
            Knob("steps", Whole(1, 500, "gradient steps"), 40),
        ),
        show=_knobs(
            Knob(
                "scale", Choice(("each", "both", "all"), "which maps share one scale: none, A's and B's, all"), "both"
            ),
            Knob("map", Choice(("signed", "size"), "for and against, or how much"), "signed"),
            Knob("clip", Real(50.0, 100.0, "percentile of the sizes at which the colours end"), 99.5),
            Knob("overlay", Whole(0, 100, "how much of the picture shows through the map, in percent"), 0),
            # of the measures, whose pieces have keys of their own
            Knob("measure", Choice(tuple(MEASURES), "what is measured of the maps"), "alignment"),
            Knob("pictures", Whole(10, 10_000, "test pictures that are measured, the first ones"), 200),
            *measure_knobs(),
        ),
    ),
    "boundary": Page(
        "Boundary",
        unused=("show", "more", *LOOKING),
        # these decide the slices' keys; a view whose pieces have keys of their own (samples) has its knobs under `show`
        choices=_knobs(
            Knob("view", Choice(BOUNDARY, "what is looked at"), "slices"),
            Knob("plane", Choice(PLANES, "what the plane is laid through"), "attacks"),
            Knob("of", Choice(("a", "b"), "the model whose attack or gradient the plane is laid along"), "a"),
            Knob("reach", Real(0.0, 100.0, "how far the plane is shown, in budgets; 0: as suits the plane"), 0.0),
            Knob("picture2", Whole(-1, 9_999, "second picture of the test set; -1: the next of another class"), -1),
            Knob("picture3", Whole(-1, 9_999, "third picture of the test set; -1: the next of a third class"), -1),
            Knob("low", Whole(0, 100, "low frequency, in percent of the highest"), 10),
            Knob("high", Whole(0, 100, "high frequency, in percent of the highest"), 90),
            Knob("grid", Choice(GRIDS, "where the models are asked"), "adaptive"),
            Knob("lines", Whole(10, 1000, "random lines from the one picture"), 100),
            Knob("points", Whole(100, 20_000, "points drawn from each ball around the one picture"), 1000),
        ),
        show=_knobs(
            *(Knob(name, Switch(words), True) for name, words in LAYERS.items()),
            Knob(
                "near",
                Real(0.0, 100.0, "how far from the plane training pictures may lie, in ℓ2; 0: the nearest fifty"),
                0.0,
            ),
            Knob("folds", Switch("where units of the networks switch: in between, they are linear"), False),
            Knob("surface", Switch("the margin as a surface in three dimensions"), False),
            Knob("over", Choice(("one", "many"), "the chosen picture, or many of the test set"), "one"),
            Knob("pictures", Whole(10, 10_000, "test pictures, the first ones, where it is about many"), 100),
            Knob("draws", Whole(5, 200, "random lines from each of many pictures"), 20),
            Knob("each", Whole(10, 2000, "points drawn from each ball around each of many pictures"), 50),
            Knob("length", Choice(("l2", "linf"), "the norm that distances are measured in"), "l2"),
            Knob("taken", Choice(("median", "shortest"), "the way that counts of a picture's of one kind"), "median"),
            Knob("bands", Whole(2, 32, "bands, evenly from the lowest to the highest frequencies"), 8),
            Knob(
                "band_width",
                Whole(0, 32, "frequencies of a band each way; 0: 8, on pictures of fewer than 16 pixels a side 3"),
                0,
            ),
            Knob("own_kind", Switch("each model on pictures of the kind that it was trained on"), True),
            Knob("architecture", Choice(tuple(ARCHITECTURES), "the untrained network"), "cnn"),
            Knob(
                "networks",
                Whole(100, 10_000, "networks drawn at random; at least as many as a picture has pixels"),
                1000,
            ),
            Knob("side", Whole(8, 32, "pixels of a side of the pictures, of one channel, that the networks take"), 16),
            Knob(
                "band_marks",
                Choice(BAND_MARKS, "every picture, boxes of half of them and 80 %, or one's changes"),
                "swarm",
            ),
            Knob("facet", Choice(FACETS, "what of the local geometry is shown"), "summary"),
        ),
    ),
    "embedding": Page(
        "Embedding",
        unused=("show", "more", "target", *LOOKING),
        choices=_knobs(
            Knob("view", Choice(("map", "numbers"), "the pictures in a map, or what is measured of them"), "map"),
            Knob("space", Choice(("features", "logits", "pixels"), "what makes a picture a point"), "features"),
            Knob("projection", Choice(("pca", "umap"), "what makes a map of the space"), "pca"),
            Knob("n", Whole(20, 2000, "test pictures, the first ones"), 250),
            Knob("k", Whole(1, 50, "nearest neighbours that are asked for their label"), 10),
            Knob("n_neighbors", Whole(2, 100, "UMAP: neighbours that hold a picture in its place"), 15),
            Knob("min_dist", Real(0.0, 0.99, "UMAP: how close neighbours may be drawn"), 0.1),
            Knob("map_seed", Whole(0, 9999, "UMAP: seed of its random choices"), 0),
        ),
        show=_knobs(
            Knob("colour", Choice(("class", "answer", "margin"), "what colour and symbol say of a picture"), "class"),
            Knob("sigma", Real(0.01, 2.0, "standard deviation of the noise, in the unit of pixels"), 0.25),
            Knob("copies", Whole(100, 100_000, "noisy copies that vote"), 1000),
            Knob("doubt", Real(1e-6, 0.5, "probability that what is said of a picture is wrong"), 0.001),
            Knob("local", Switch("how steep within the budget, not everywhere"), True),
            Knob("lines", Choice(("some", "all", "none"), "whose way from clean to attacked is drawn"), "some"),
        ),
    ),
    "landscape": Page(
        "Landscape",
        unused=("show", "more", "target", *LOOKING),
        choices=_knobs(
            Knob("view", Choice(LANDSCAPE, "what is looked at"), "surface"),
            Knob(
                "loss",
                Choice(LOSSES, "of clean pictures, or of attacked: perturbations kept, or made anew at each point"),
                "clean",
            ),
            Knob("ways", Choice(WAYS, "what the weights move along"), "random"),
            Knob("planes", Whole(2, 6, "planes beside each other, of one seed after the other"), 4),
            Knob("mesh", Choice(MESHES, "points each way; coarser ones are drawn first"), "26"),
            Knob("reach", Real(0.02, 5.0, "how far weights move along each axis, in lengths of their filter"), 1.0),
            Knob("ball", Real(0.0001, 0.5, "radius of a ball around the weights, in lengths of all weights"), 0.01),
            Knob("beyond", Real(0.5, 20.0, "how far the loss is shown around one picture, in budgets"), 3.0),
            Knob("n", Whole(10, 2000, "test pictures, the first ones"), 100),
            Knob("climbs", Whole(1, 100, "gradient steps of an attack"), 10),
            Knob(
                "statistics",
                Choice(("kept", "measured"), "batch norm's statistics: kept, or measured anew at each point"),
                "kept",
            ),
        ),
        show=_knobs(
            Knob("height", Choice(("loss", "accuracy"), "what height and colour are"), "loss"),
            Knob("sharp", Choice(SHARP, "what of the sharpness is shown"), "numbers"),
            Knob("relief", Switch("as surfaces in three dimensions, both models in one figure"), False),
            Knob(
                "between",
                Switch("between 26 × 26 points a spline of the log loss; its error is measured at others"),
                False,
            ),
            Knob("ceiling", Real(0.0, 1000.0, "the loss that all higher ones are drawn as; 0: none"), 0.0),
        ),
    ),
    "certificate": Page(
        "Certificate",
        unused=("show", "more", "target", "attack", "knobs", *LOOKING),
        choices=_knobs(
            Knob("view", Choice(CERTIFICATE, "what is looked at"), "picture"),
            Knob("proof", Choice(("all", "attack", *CERTIFICATES), "the method that is asked"), "all"),
            Knob("n", Whole(10, 2000, "test pictures, the first ones"), 100),
            Knob("slow", Switch("the slow methods too, where it is about many pictures"), False),
            Knob("sigma", Real(0.01, 2.0, "standard deviation of the noise, in the unit of pixels"), 0.25),
            Knob("copies", Whole(100, 100_000, "noisy copies that vote"), 1000),
            Knob("doubt", Real(1e-6, 0.5, "probability that what is said of a picture is wrong"), 0.001),
            Knob("local", Switch("how steep within the budget, not everywhere"), True),
            Knob("lines", Choice(("crown", "fast_lin"), "what makes the envelope's planes"), "crown"),
        ),
        show=_knobs(
            Knob("over", Choice(("one", "many"), "the chosen picture, or many of the test set"), "one"),
            Knob("pictures", Whole(4, 200, "test pictures whose boxes are compared, the first ones"), 20),
            Knob("bound", Choice(("attack", *CERTIFICATES), "the method that is explained"), "ibp"),
        ),
    ),
    "training": Page(
        "Training",
        unused=("show", "more", "target", "index", "upload", "label", "attack", "knobs", *LOOKING),
        choices=_knobs(
            Knob("view", Choice(TRAINING, "what is looked at"), "live"),
            Knob("recipe", Choice(tuple(RECIPES), "how the left model is trained"), "standard"),
            Knob("recipe_b", Choice(tuple(RECIPES), "how the right model is trained"), "pgd"),
            Knob("architecture", Choice(("usual", *ARCHITECTURES), "the network; usual: as suits the data"), "usual"),
            Knob("width", Whole(0, 256, "units or channels of the first stage; 0: as suits the data"), 0),
            Knob("depth", Whole(0, 8, "hidden layers or stages; 0: as suits the data"), 0),
            Knob("epochs", Whole(0, 200, "passes over the training pictures; 0: as suits the data"), 0),
            Knob("rate", Real(0.0, 1.0, "learning rate at its peak; 0: as suits the data"), 0.0),
            Knob("optimizer", Choice(("adam", "sgd", "plain"), "what makes steps of gradients"), "adam"),
            Knob("train_pictures", Whole(0, 60_000, "training pictures, the first ones; 0: as suits the data"), 0),
            *recipe_knobs(),
        ),
    ),
    "models": Page("Models"),  # nothing is computed of a request: what is there, and what a person brings
}
