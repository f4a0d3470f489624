"""A request's attack on one of its models."""

from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.progress import Tick
from explorer.core.results import AttackResult
from explorer.work.inputs import crowd_of, goal_of
from explorer.work.request import Request


def strike(
    request: Request, model: nn.Module, x: Tensor, label: int, tick: Tick, *, path: bool = False
) -> AttackResult:
    """Return what a request's attack makes of its picture x (1, ...) on a model, to the attack's own end.

    label : the picture's class, -1 where nobody said it; path : keep the iterates
    """
    return run_attack(
        request.attack,
        model,
        x,
        goal_of(request, model, x, label),
        request.threat,
        seed=request.seed,
        knobs=dict(request.knobs),
        stop=False,
        path=path,
        crowd=crowd_of(request.attack, request.data, request.data_knobs, tick),
        tick=tick,
    )
