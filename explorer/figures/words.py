"""Plain sentences, computed from the result and true of it in every case. Plain text, no markup."""

from explorer.core.results import AttackView, Control
from explorer.core.stats import Rate
from explorer.core.words import number
from explorer.figures.outlines import counted
from explorer.figures.setting import Setting, percent
from explorer.figures.sides import Moment, Side, sides
from explorer.figures.stages import by_stage

LEAST = 0.1  # logits: what moved less is not compared


def story(view: AttackView, setting: Setting, transfer: bool = False) -> list[str]:
    """Return what happened to each model; "sure at" is the probability of the class it says.

    In l0 with the number of pixels that changed, of an attack in stages with what each did.

    transfer : what each model says of the picture made on the other
    """
    two = sides(view, setting, transfer)
    if transfer:
        return [_moved(side, other, setting) + _count(side, setting) for side, other in (two, two[::-1])]
    stages = [by_stage(found.stages, side) for found, side in zip((view.a, view.b), two, strict=True)]
    return [" ".join(filter(None, (_tell(side, setting), told))) for side, told in zip(two, stages, strict=True)]


def why(view: AttackView, setting: Setting) -> str:
    """Return one sentence of why: how far the same budget, if it was the same, moved each margin, and from where."""
    two = sides(view, setting)
    courses = [_course(side.clean.margin, side.end.margin) for side in two]
    (a, b), (drop_a, drop_b) = setting.names, (side.clean.margin - side.end.margin for side in two)
    sentence = f"Along the attack the {a} model's margin {courses[0]}, the {b} model's {courses[1]}"
    if min(drop_a, drop_b) < LEAST or two[0].bound != "budget":
        return sentence + "."
    ratio = max(drop_a, drop_b) / min(drop_a, drop_b)
    if ratio < 1.05:
        return sentence + ": the same budget moved both margins about as far."
    more, less = (a, b) if drop_a > drop_b else (b, a)
    times = f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}" if ratio < 1000 else "over 1000"
    return sentence + (
        f": the same budget moved the {more} model's margin {times} times as far as the {less} model's, each in its "
        "own logits."
    )


def control(view: AttackView, setting: Setting) -> list[str]:
    """Return, for each model, how often noise of the attack's budget changed its answer."""
    return [
        _noise(name, noise, setting) for name, noise in zip(setting.names, (view.noise_a, view.noise_b), strict=True)
    ]


def alt(view: AttackView, setting: Setting, transfer: bool = False) -> str:
    """Return the alt text of the page's figure."""
    a, b = setting.names
    what = (
        "the plane of all points coloured by the model's answer, with the point, its path and the budget"
        if view.a.x.ndim == 2
        else "the clean picture, the change and the picture under attack, and the class probabilities"
    )
    shared = f"Model A ({a}) left, model B ({b}) right, on shared scales: {what}; across both, their margins."
    return " ".join([shared, *story(view, setting, transfer), *([] if transfer else [why(view, setting)])])


def status(side: Side) -> str:
    """Return how a model fared, in a few words."""
    step = "" if side.fell is None else f" at step {side.fell}"
    if side.bound == "smallest" and side.reached and not side.spoiled:
        return "falls within the budget" if side.within else "falls beyond the budget"
    if side.targeted:
        if side.spoiled:
            return "at the goal from the start"
        return f"goal reached{step}" if side.reached else "goal not reached"
    if side.spoiled:
        return "wrong from the start" if side.reached else "wrong from the start, right at the end"
    return f"falls{step}" if side.reached else "holds"


def _tell(side: Side, setting: Setting) -> str:
    if side.bound == "smallest" and not side.spoiled:
        return _smallest(side, setting)
    return (_wanted if side.targeted else _any)(side, setting) + _count(side, setting)


def _count(side: Side, setting: Setting) -> str:
    return f" {counted(side.end.x, side.clean.x)} changed." if setting.norm == "l0" else ""


def _smallest(side: Side, setting: Setting) -> str:
    """Tell a search for the smallest change, which may end beyond the budget."""
    who, before, after = f"the {side.name} model", _said(side.clean, setting), _said(side.end, setting)
    if not side.reached:
        wanted = f"to {_quoted(side.goal, setting)}" if side.targeted else "astray"
        return f"No change was found that leads {who} {wanted}: still {after}."
    size = f"has length {setting.symbol} {setting.length(side.end.distance)}"
    size = f"changes {counted(side.end.x, side.clean.x)}" if setting.norm == "l0" else size
    verdict = "it falls within" if side.within else "no change was found within"
    return (
        f"The smallest change found that leads {who} from {before} to {after} {size}: "
        f"{verdict} the budget of {setting.eps_text}."
    )


def _any(side: Side, setting: Setting) -> str:
    """Tell an attack that wants any other class."""
    who, before, after = f"The {side.name} model", _said(side.clean, setting), _said(side.end, setting)
    if side.spoiled:
        right = "" if side.reached else ", which is right"
        truth = _quoted(side.goal, setting)
        return (
            f"{who} was wrong before the attack: {before} where {truth} is true; under attack it says {after}{right}."
        )
    if side.reached:
        doubt = "; which of them is true is not known" if side.label < 0 else ""
        return f"{who} fell{_when(side)}: {before} became {after}{doubt}."
    doubt = "; whether that is true is not known" if side.label < 0 else ""
    return f"{who} held: still {after}; before the attack {_sure(side.clean)}{doubt}."


def _wanted(side: Side, setting: Setting) -> str:
    """Tell an attack that wants one class."""
    who, before, after = f"The {side.name} model", _said(side.clean, setting), _said(side.end, setting)
    goal = _quoted(side.goal, setting)
    if side.spoiled:
        return f"{who} said what the attack wants before it began: {before}; under attack it says {after}."
    if side.reached:
        return f"{who} reached the attack's goal {goal}{_when(side)}: {before} became {after}."
    if side.clean.p.argmax() == side.end.p.argmax():
        return f"{who} held: the attack wants {goal}, it still says {after}; before the attack {_sure(side.clean)}."
    return f"{who} was not led to {goal}, but its answer changed: {before} became {after}."


def _moved(side: Side, other: Side, setting: Setting) -> str:
    """Tell what a model says of the picture made on the other."""
    before, after = _said(side.clean, setting), _said(side.end, setting)
    start = f"Shown the {side.thing} made on the {other.name} model, the {side.name} model"
    if side.clean.p.argmax() == side.end.p.argmax():
        return f"{start} still says {after}; of the clean {side.thing} it is {_sure(side.clean)}."
    return f"{start} changes its answer: {before} becomes {after}."


def _said(moment: Moment, setting: Setting) -> str:
    return f"{_quoted(int(moment.p.argmax()), setting)} ({_sure(moment)})"


def _sure(moment: Moment) -> str:
    return f"sure at {percent(float(moment.p.max()), over='over ')}"


def _quoted(c: int, setting: Setting) -> str:
    return f"'{setting.classes[c]}'"


def _when(side: Side) -> str:
    if side.fell is None:
        return ""
    return " at step 0, where the attack started" if side.fell == 0 else f" at step {side.fell}"


def _course(start: float, end: float) -> str:
    first, last = number(start), number(end)
    if first == last:
        return f"stayed at {first}"
    return f"{'fell' if end < start else 'rose'} from {first} to {last}"


def _noise(name: str, noise: Control, setting: Setting) -> str:
    rate = Rate(int(noise.changed.sum()), len(noise.changed))
    size = f"{setting.symbol} {setting.length(float(noise.distance.mean()))}"
    return (
        f"Noise of length {size}: of {rate.n:,} random perturbations {rate.hits:,} changed the {name} model's answer: "
        f"{rate}."
    )
