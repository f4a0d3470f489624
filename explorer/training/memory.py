"""What a recipe keeps of each training picture from one epoch to the next."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(eq=False, slots=True)
class Memory:
    """Tensors with one row for each training picture, by name; a checkpoint has them all.

    size : the number of training pictures
    """

    size: int
    kept: dict[str, Tensor] = field(default_factory=dict)

    def rows(self, name: str, index: Tensor, like: Tensor) -> Tensor:
        """Return a copy of some rows, (N, ...): at first 0, of the shape, type and device of a row of `like`."""
        if name not in self.kept:
            self.kept[name] = like.new_zeros((self.size, *like.shape[1:]))
        return self.kept[name][index]

    def put(self, name: str, index: Tensor, values: Tensor) -> None:
        """Replace some rows of what `rows` has been asked for."""
        self.kept[name][index] = values.detach().to(self.kept[name].dtype)
