"""The Certificate page: what can be proved of each model around a picture, and of how many pictures."""

from explorer.work.certificate import boxes, curve, ladder, picture, plane, votes
from explorer.work.views import Views

VIEWS = Views(
    modules={"picture": picture, "curve": curve, "plane": plane, "boxes": boxes, "votes": votes, "ladder": ladder},
    requests={
        "picture": picture.proved,
        "plane": plane.enveloped,
        "boxes": boxes.boxed,
        "votes": votes.voted,
        "ladder": ladder.steep,
    },
    samples={curve.PROVED: curve.proving, boxes.BOXES: boxes.boxing},
)
