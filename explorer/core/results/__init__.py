"""What a computation found: frozen numpy, nothing that computes."""

from explorer.core.results._rows import Array, up_to
from explorer.core.results.attack import AttackResult, AttackView, Control, Plane
from explorer.core.results.bands import Anisotropy, BandChange, BandChanges, Bands, Gradients
from explorer.core.results.drawings import Drawings, Drawn, Versions
from explorer.core.results.embedding import Embedded, Embedding, Featured, Placed, Space, Steps, Traced
from explorer.core.results.evaluation import (
    Check,
    Evaluation,
    Honesty,
    Judged,
    Probed,
    TransferMatrix,
    Transferred,
)
from explorer.core.results.geometry import (
    BandMargins,
    Distances,
    Inside,
    Outlines,
    Regions,
    Section,
    Slice,
)
from explorer.core.results.locality import Curvature, Linearity, Locality, Nearby, Normals, Spectrum
from explorer.core.results.measures import Measured, Measures
from explorer.core.results.reach import Insides, Reached, Reaches
from explorer.core.results.renamed import renamed
from explorer.core.results.saliency import Accounts, Ledger, Look, Looks, MovedLook, Refused, Saliency, Shares
from explorer.core.results.sharpness import (
    Ball,
    Density,
    Eigenvalues,
    Scattering,
    Sharp,
    Sharpness,
    Steepness,
    Trace,
)
from explorer.core.results.slices import Folds, Neighbours, SliceView, Trail
from explorer.core.results.surface import Losses, Rays, Terrain, Turns

__all__ = [
    "Accounts",
    "Anisotropy",
    "Array",
    "AttackResult",
    "AttackView",
    "Ball",
    "BandChange",
    "BandChanges",
    "BandMargins",
    "Bands",
    "Check",
    "Control",
    "Curvature",
    "Density",
    "Distances",
    "Drawings",
    "Drawn",
    "Eigenvalues",
    "Embedded",
    "Embedding",
    "Evaluation",
    "Featured",
    "Folds",
    "Gradients",
    "Honesty",
    "Inside",
    "Insides",
    "Judged",
    "Ledger",
    "Linearity",
    "Locality",
    "Look",
    "Looks",
    "Losses",
    "Measured",
    "Measures",
    "MovedLook",
    "Nearby",
    "Neighbours",
    "Normals",
    "Outlines",
    "Placed",
    "Plane",
    "Probed",
    "Rays",
    "Reached",
    "Reaches",
    "Refused",
    "Regions",
    "Saliency",
    "Scattering",
    "Section",
    "Shares",
    "Sharp",
    "Sharpness",
    "Slice",
    "SliceView",
    "Space",
    "Spectrum",
    "Steepness",
    "Steps",
    "Terrain",
    "Trace",
    "Traced",
    "Trail",
    "TransferMatrix",
    "Transferred",
    "Turns",
    "Versions",
    "renamed",
    "up_to",
]
