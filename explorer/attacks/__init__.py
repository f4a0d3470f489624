"""Attacks: one file each, a plain function that proposes; `run.py` judges.

Signature: `(model, x, goal, threat, *, knobs..., rng, tick, track) -> x_adv`, the last three only
where the attack uses them.
"""

from explorer.core.registry import Registry

ATTACKS = Registry("explorer.attacks", "attack")
attack = ATTACKS.register
