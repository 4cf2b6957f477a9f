"""What Temporal stores is sealed; plain payloads from its UI and CLI are still understood."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from temporalio.api.common.v1 import Payload

from domain.command import Step
from domain.terms import Action, State
from embedded.centre import Centre
from embedded.temporal import Temporal
from workflows.client import Door, MissingAttributesError, check_search_attributes, workflow_id
from workflows.client import connect as connect_temporal
from workflows.converter import SealedCodec, UnknownKeyError, data_converter

OLD, NEW = bytes(32), bytes(range(32))


@pytest.fixture
async def sealed(centre: Centre, temporal_server: Temporal) -> AsyncIterator[Centre]:
    """The centre, with payloads sealed by a key that has a predecessor."""
    codec = SealedCodec({"new": NEW, "old": OLD}, "new")
    client = await connect_temporal(
        temporal_server.address,
        temporal_server.setup.namespace,
        converter=data_converter(codec),
    )
    made = replace(centre, door=Door(client=client, task_queue=centre.door.task_queue))
    async with made.working():
        yield made


@pytest.mark.server
async def test_a_history_holds_nothing_readable(sealed: Centre) -> None:
    case_no = await sealed.report()
    await sealed.until(case_no, lambda one: one.state is State.DISPATCHED)
    await sealed.do(case_no, "supervisor1", Step(action=Action.URGE, text="王女士很着急"))
    stored = b"".join(
        event.SerializeToString() for event in (await sealed.history(case_no)).events
    )

    assert b"binary/encrypted" in stored
    for hidden in ("王女士", "supervisor1", "subclass", "E01-13"):
        assert hidden.encode() not in stored


@pytest.mark.server
async def test_a_plain_signal_from_the_cli_is_still_read(
    sealed: Centre, centre: Centre
) -> None:
    case_no = await sealed.report()
    await sealed.until(case_no, lambda one: one.state is State.DISPATCHED)
    plain = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await plain.signal("act", {"command_id": "from-the-cli"})
    await plain.signal("act", {"nonsense": 1})

    case = await sealed.until(case_no, lambda one: one.seq >= 5)
    assert case.state is State.DISPATCHED


async def test_an_old_key_still_opens_and_an_unknown_one_says_so() -> None:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=b'"hello"')
    by_old = await SealedCodec({"old": OLD}, "old").encode([payload])
    both = SealedCodec({"new": NEW, "old": OLD}, "new")

    assert by_old[0].data != payload.data
    assert await both.decode(by_old) == [payload]
    assert await both.decode([payload]) == [payload]
    with pytest.raises(UnknownKeyError, match="old"):
        await SealedCodec({"new": NEW}, "new").decode(by_old)


@pytest.mark.server
async def test_a_namespace_without_our_attributes_is_refused(
    temporal_server: Temporal,
) -> None:
    client = await connect_temporal(
        temporal_server.address, "temporal-system", converter=data_converter()
    )
    with pytest.raises(MissingAttributesError, match="search-attribute create"):
        await check_search_attributes(client)
