"""How far from the place photos were taken, measured by the server."""

import pytest

from api.wishes import Place, _distance
from registry.tables_case import AttachmentRow

HERE = Place(lon=117.0, lat=36.0)
ME = "water.crew"
NEAR = AttachmentRow(principal=ME, lon=117.0, lat=36.0)
FAR = AttachmentRow(principal=ME, lon=117.0, lat=36.01)
BLIND = AttachmentRow(principal=ME, lon=None, lat=None)
OF_CITIZEN = AttachmentRow(principal="citizen", case_no="1", lon=117.0, lat=36.0)
IN_CASE = AttachmentRow(principal=ME, case_no="1", lon=117.0, lat=36.0)


@pytest.mark.parametrize(
    ("photos", "nearest", "farthest"),
    [
        ([NEAR, FAR], 0, 1112),
        ([NEAR, BLIND], 0, None),
        ([BLIND], None, None),
        ([OF_CITIZEN], None, None),
        ([OF_CITIZEN, FAR], 1112, None),
        ([IN_CASE], None, 0),
        ([IN_CASE, FAR], 1112, 1112),
        ([], None, None),
    ],
)
def test_self_handling_counts_the_farthest_of_his_photos_and_others_the_nearest_new_one(
    photos: list[AttachmentRow], nearest: float | None, farthest: float | None
) -> None:
    found = _distance(photos, HERE, ME), _distance(photos, HERE, ME, every=True)

    assert [one if one is None else round(one) for one in found] == [nearest, farthest]


def test_a_case_known_by_its_address_only_has_no_distance() -> None:
    assert _distance([NEAR], Place(), ME, every=True) is None
