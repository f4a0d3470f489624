"""What a computation found: frozen numpy, nothing that computes."""

from explorer.core.results._rows import Array, up_to
from explorer.core.results.attack import AttackResult, AttackView, Control, Plane
from explorer.core.results.ball import Ball, Steepness
from explorer.core.results.bands import Anisotropy, BandChange, BandChanges, Bands, Gradients
from explorer.core.results.besides import Boxed, Ladders, Voted
from explorer.core.results.boxes import Boxes
from explorer.core.results.descents import Descent
from explorer.core.results.drawings import Drawings, Drawn, Versions
from explorer.core.results.embedding import Embedded, Embedding, Featured, Placed, Space, Steps, Traced
from explorer.core.results.envelopes import Envelope, Envelopes
from explorer.core.results.evaluation import (
    Check,
    Evaluation,
    Honesty,
    Judged,
    Probed,
    TransferMatrix,
    Transferred,
)
from explorer.core.results.exact import Exact
from explorer.core.results.geometry import (
    BandMargins,
    Distances,
    Inside,
    Outlines,
    Regions,
    Section,
    Slice,
)
from explorer.core.results.ladder import Ladder
from explorer.core.results.linear import Linear
from explorer.core.results.locality import (
    Compared,
    Curvature,
    Linearity,
    Locality,
    Nearby,
    Normals,
    OverPairs,
    Spectrum,
)
from explorer.core.results.measures import Measured, Measures
from explorer.core.results.proofs import Bracket, Proofs
from explorer.core.results.reach import Insides, Reached, Reaches
from explorer.core.results.renamed import renamed
from explorer.core.results.saliency import Accounts, Ledger, Look, Looks, MovedLook, Refused, Saliency, Shares
from explorer.core.results.sharpness import (
    Curvatures,
    Curved,
    Density,
    Eigenvalues,
    Scattered,
    Scattering,
    Sharp,
    Sharpness,
    Trace,
)
from explorer.core.results.slices import Folds, Neighbours, SliceView, Trail
from explorer.core.results.smoothing import Votes
from explorer.core.results.study import Arm, Claim, Course, Study
from explorer.core.results.surface import Losses, Perturbed, Planes, Rays, Surfaces, Terrain, Turns, Ways
from explorer.core.results.training import Pair, Stretched, Struck
from explorer.core.results.trials import Experiment, Trials
from explorer.core.results.valleys import Bends, Slopes, Valley, Valleys

__all__ = [
    "Accounts",
    "Anisotropy",
    "Arm",
    "Array",
    "AttackResult",
    "AttackView",
    "Ball",
    "BandChange",
    "BandChanges",
    "BandMargins",
    "Bands",
    "Bends",
    "Boxed",
    "Boxes",
    "Bracket",
    "Check",
    "Claim",
    "Compared",
    "Control",
    "Course",
    "Curvature",
    "Curvatures",
    "Curved",
    "Density",
    "Descent",
    "Distances",
    "Drawings",
    "Drawn",
    "Eigenvalues",
    "Embedded",
    "Embedding",
    "Envelope",
    "Envelopes",
    "Evaluation",
    "Exact",
    "Experiment",
    "Featured",
    "Folds",
    "Gradients",
    "Honesty",
    "Inside",
    "Insides",
    "Judged",
    "Ladder",
    "Ladders",
    "Ledger",
    "Linear",
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
    "OverPairs",
    "Pair",
    "Perturbed",
    "Placed",
    "Plane",
    "Planes",
    "Probed",
    "Proofs",
    "Rays",
    "Reached",
    "Reaches",
    "Refused",
    "Regions",
    "Saliency",
    "Scattered",
    "Scattering",
    "Section",
    "Shares",
    "Sharp",
    "Sharpness",
    "Slice",
    "SliceView",
    "Slopes",
    "Space",
    "Spectrum",
    "Steepness",
    "Steps",
    "Stretched",
    "Struck",
    "Study",
    "Surfaces",
    "Terrain",
    "Trace",
    "Traced",
    "Trail",
    "TransferMatrix",
    "Transferred",
    "Trials",
    "Turns",
    "Valley",
    "Valleys",
    "Versions",
    "Voted",
    "Votes",
    "Ways",
    "renamed",
    "up_to",
]
