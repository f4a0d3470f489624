"""Where each picture of a batch is taken from: mirrored or not, and cut from its padded self."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad


@dataclass(frozen=True, eq=False, slots=True)
class Placement:
    """How the pictures of a batch were augmented, so that what belongs to their pixels can follow, and go back.

    margin : pixels of padding on each side, 0 for no crop
    mirrored : (N,) bool, which were flipped left to right, before they were cut; None: none
    shift : (2, N) int64, the row and column of the padded picture at which the cut begins; None: nothing was cut
    """

    margin: int = 0
    mirrored: Tensor | None = None
    shift: Tensor | None = None

    def crop(self, canvas: Tensor) -> Tensor:
        """Return what is seen of padded pictures (N, C, H + 2·margin, W + 2·margin): (N, C, H, W)."""
        canvas = self._flipped(canvas)
        if self.shift is None:
            return canvas
        picture, rows, columns = self._places(canvas)
        return canvas.permute(0, 2, 3, 1)[picture, rows, columns].permute(0, 3, 1, 2)

    def paste(self, canvas: Tensor, seen: Tensor) -> Tensor:
        """Return padded pictures with what is seen of them put in its place: the inverse of `crop` there."""
        if self.shift is None:
            return self._flipped(seen)
        canvas = self._flipped(canvas).permute(0, 2, 3, 1).contiguous()
        picture, rows, columns = self._places(canvas.permute(0, 3, 1, 2))
        canvas[picture, rows, columns] = seen.permute(0, 2, 3, 1)
        return self._flipped(canvas.permute(0, 3, 1, 2))

    def _flipped(self, pictures: Tensor) -> Tensor:
        if self.mirrored is None:
            return pictures
        return torch.where(self.mirrored[:, None, None, None], pictures.flip(-1), pictures)

    def _places(self, canvas: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the indices of each picture's cut in a canvas (N, H, W, C): (N, 1, 1), (N, H, 1), (N, 1, W)."""
        assert self.shift is not None
        height, width = (side - 2 * self.margin for side in canvas.shape[-2:])
        device = canvas.device
        rows = self.shift[0][:, None] + torch.arange(height, device=device)
        columns = self.shift[1][:, None] + torch.arange(width, device=device)
        return torch.arange(len(canvas), device=device)[:, None, None], rows[:, :, None], columns[:, None, :]


def augmented(x: Tensor, margin: int, flip: bool, rng: torch.Generator) -> tuple[Tensor, Placement]:
    """Return pictures (N, C, H, W) flipped with probability one half and cut at random, and how that was done.

    margin : a picture is cut from itself padded by so many pixels, mirrored at its edges; 0: not cut
    """
    mirrored = shift = None
    if flip:
        mirrored = torch.rand(len(x), generator=rng, device=x.device) < 0.5
    if margin:
        shift = torch.randint(0, 2 * margin + 1, (2, len(x)), generator=rng, device=x.device)
    placement = Placement(margin, mirrored, shift)
    return placement.crop(pad(x, [margin] * 4, mode="reflect") if margin else x), placement
