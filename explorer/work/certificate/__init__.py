"""The Certificate page: what can be proved of each model around a picture, and of how many pictures."""

from explorer.work.certificate import curve, picture, plane
from explorer.work.views import Views

VIEWS = Views(
    modules={"picture": picture, "curve": curve, "plane": plane},
    requests={"picture": picture.proved, "plane": plane.enveloped},
    samples={curve.PROVED: curve.proving},
)
