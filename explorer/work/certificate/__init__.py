"""The Certificate page: what can be proved of each model around a picture, and of how many pictures."""

from explorer.work.certificate import curve, picture
from explorer.work.views import Views

VIEWS = Views(
    modules={"picture": picture, "curve": curve},
    requests={"picture": picture.proved},
    samples={curve.PROVED: curve.proving},
)
