"""What a figure must know besides the result: names of classes and models, and the budget in its own unit."""

from dataclasses import dataclass

from explorer.core.norms import SYMBOLS
from explorer.core.words import amount


@dataclass(frozen=True, slots=True)
class Setting:
    """The words and units around a result.

    classes : the class names; names : what to call model A and model B
    norm : "linf", "l2", "l1" or "l0"; eps : the budget as a count of 1/unit, in l0 of pixels; unit : 255 or 1000
    limits : what an attack with limits of its own keeps to instead of the budget, else ""
    """

    classes: tuple[str, ...]
    names: tuple[str, str]
    norm: str
    eps: int
    unit: int
    limits: str = ""

    @property
    def budget(self) -> float:
        """The budget in pixel units, in l0 in pixels; one above 0 stands for the limits of an attack's own."""
        return (max(self.eps, 1) if self.limits else self.eps) / (1 if self.norm == "l0" else self.unit)

    @property
    def allowed(self) -> str:
        """What an attack may do, for people: the budget and its norm, or its own limits."""
        return self.limits or f"{self.eps_text} in {self.symbol}"

    @property
    def counts(self) -> bool:
        """Whether the budget is a number of pixels, and the attack keeps to few of them."""
        return self.norm == "l0" and not self.limits

    @property
    def symbol(self) -> str:
        """The norm as people write it."""
        return SYMBOLS[self.norm]

    @property
    def eps_text(self) -> str:
        """The budget for people."""
        return budget_text(self.eps, self.norm, self.unit)

    def length(self, value: float, norm: str | None = None) -> str:
        """Return a length in a norm (by default the budget's) in the data's own unit: "7.98/255", "3 pixels"."""
        if (norm or self.norm) == "l0":
            return amount(round(value), "pixel")
        return f"{value * self.unit:.3g}/{self.unit}" if value * self.unit < 999.5 else f"{value:.3g}"

    def counted(self, value: float) -> str:
        """Return a length in the data's own unit, however long: "60.1/255", "1,460/255"."""
        units = value * self.unit
        return f"{units:.3g}/{self.unit}" if units < 999.5 else f"{float(f'{units:.3g}'):,.0f}/{self.unit}"


def budget_text(eps: int, norm: str, unit: int) -> str:
    """Return a budget in the data's own unit and as a number: "8/255 = 0.031"; in l0 "10 pixels"."""
    return amount(eps, "pixel") if norm == "l0" else f"{eps}/{unit} = {eps / unit:.2g}"


def percent(p: float, over: str = ">", under: str = "<") -> str:
    """Return a probability for people that stays true: never "100 %" for less than certain."""
    if p >= 0.995:
        return f"{over}99 %"
    return f"{under}1 %" if p <= 0.005 else f"{100 * p:.0f} %"


def part_of(p: float) -> str:
    """Return a share of a known number of things for people: "none", "all", or in percent."""
    return "none" if not p else "all" if p == 1 else percent(p)
