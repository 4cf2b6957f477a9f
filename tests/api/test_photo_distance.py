"""How far from the place photos were taken, measured by the server."""

import pytest

from api.wishes import Place, _distance
from registry.tables_case import AttachmentRow

HERE = Place(lon=117.0, lat=36.0)
NEAR = AttachmentRow(lon=117.0, lat=36.0)
FAR = AttachmentRow(lon=117.0, lat=36.01)
BLIND = AttachmentRow(lon=None, lat=None)


@pytest.mark.parametrize(
    ("photos", "nearest", "farthest"),
    [
        ([NEAR, FAR], 0, 1112),
        ([NEAR, BLIND], 0, None),
        ([BLIND], None, None),
        ([], None, None),
    ],
)
def test_self_handling_counts_the_farthest_photo_and_others_the_nearest(
    photos: list[AttachmentRow], nearest: float | None, farthest: float | None
) -> None:
    found = _distance(photos, HERE), _distance(photos, HERE, every=True)

    assert [one if one is None else round(one) for one in found] == [nearest, farthest]


def test_a_case_known_by_its_address_only_has_no_distance() -> None:
    assert _distance([NEAR], Place(), every=True) is None
