"""The only door from outside to running workflows."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, Interceptor, RPCError, RPCStatusCode
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RetryConfig

from activities.cases import GENERATION
from activities.deliver import Order
from domain.joint import case_of_task
from workflows import attributes
from workflows.case import CaseWorkflow, DepartmentTask
from workflows.deliver import DeliveryWorkflow
from workflows.messages import Act, CaseStart

log = logging.getLogger(__name__)
DEPLOYMENT = "gridcase"
"""Name under which Temporal keeps the versions of our workers."""
TELL_TIMEOUT = timedelta(seconds=1.5)


class Heard(StrEnum):
    """How a tell went."""

    TOLD = "told"
    ENDED = "ended"
    UNAVAILABLE = "unavailable"


class TellError(Exception):
    """Temporal refused a tell for a reason that waiting does not mend."""


def workflow_id(case_no: str) -> str:
    """Id of a case's workflow; also in the link to the Temporal UI."""
    return f"case-{case_no}"


async def connect(
    address: str,
    namespace: str,
    *,
    converter: DataConverter,
    interceptors: tuple[Interceptor, ...] = (),
    lazy: bool = False,
) -> Client:
    """A client; a lazy one (the API's) connects at first use and hardly retries."""
    retry = RetryConfig(max_retries=1) if lazy else None
    return await Client.connect(
        address,
        namespace=namespace,
        data_converter=converter,
        interceptors=interceptors,
        lazy=lazy,
        retry_config=retry,
    )


class MissingAttributesError(Exception):
    """The namespace lacks search attributes that cases need."""

    def __init__(self, namespace: str, missing: list[str]) -> None:
        commands = "; ".join(
            f"temporal operator search-attribute create -n {namespace} --name {name}"
            f" --type {attributes.SEARCH_ATTRIBUTES[name]}"
            for name in missing
        )
        super().__init__(f"namespace {namespace} lacks search attributes: run {commands}")


async def check_search_attributes(client: Client) -> None:
    """Refuse to run where a start would be refused.

    Raises:
        MissingAttributesError: An attribute is not registered; the message says how to.
    """
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace),
        timeout=timedelta(seconds=10),
    )
    missing = [
        name for name in attributes.SEARCH_ATTRIBUTES if name not in answer.custom_attributes
    ]
    if missing:
        raise MissingAttributesError(client.namespace, missing)


async def connect_when_there(
    address: str,
    namespace: str,
    *,
    converter: DataConverter,
    interceptors: tuple[Interceptor, ...] = (),
) -> Client:
    """A client of a server that has our search attributes; waits while the server is away.

    Raises:
        MissingAttributesError: It is there, and lacks them: waiting would not mend that.
    """
    pause = 0.5
    while True:
        try:
            client = await connect(
                address, namespace, converter=converter, interceptors=interceptors
            )
            await check_search_attributes(client)
        except (RuntimeError, RPCError) as error:  # the SDK's connect raises RuntimeError
            log.warning("Temporal at %s is away, trying again: %s", address, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
        else:
            return client


async def make_current(client: Client, build_id: str) -> None:
    """Let cases run on the workers of this build from now on, running ones included.

    Raises:
        RPCError: No worker of that build polls yet.
    """
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build_id
        ),
        timeout=timedelta(seconds=10),
    )


@dataclass(frozen=True, kw_only=True)
class Door:
    """Tells case workflows that a command waits for them."""

    client: Client
    task_queue: str

    async def tell(
        self, case_no: str, *, source: str, command_id: str, label: str, first: bool
    ) -> Heard:
        """Start the case's workflow, or signal it (starting it if it is not there).

        A running workflow is signalled; a missing, failed or terminated one starts from the
        registry's log; a completed one is left alone; a task may be taken up again.

        Args:
            case_no: The case.
            source: Source code, for the search attributes of a start.
            command_id: The waiting command.
            label: Action codes and unit, shown in the Temporal UI.
            first: The case's first tell: a start without a signal, which costs an event less.

        Raises:
            TellError: Temporal refuses it for another reason than being unavailable.
        """
        act = None if first else Act(command_id=command_id, label=label)
        return await self._heard(case_no, self._start(case_no, source, act))

    async def restart(self, case_no: str, *, source: str) -> Heard:
        """Start the workflow of an open case again from its log, though its last run completed.

        Only where the registry says that the case is open: a tell leaves what completed alone.

        Raises:
            TellError: Temporal refuses it for another reason than being unavailable.
        """
        again = WorkflowIDReusePolicy.ALLOW_DUPLICATE
        return await self._heard(case_no, self._start(case_no, source, reuse=again))

    async def begin_delivery(self, delivery_id: str) -> bool:
        """Start the workflow of a delivery, once; False while Temporal is away."""
        try:
            await self.client.start_workflow(
                DeliveryWorkflow.run,
                Order(delivery_id=delivery_id),
                id=f"delivery-{delivery_id}",
                task_queue=self.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=TELL_TIMEOUT,
            )
        except (RPCError, OSError, RuntimeError) as error:
            log.warning("delivery %s is begun later: %s", delivery_id, error)
            return False
        return True

    async def _heard(self, case_no: str, started: Awaitable[None]) -> Heard:
        """How a start or a signal went."""
        try:
            await started
        except WorkflowAlreadyStartedError:
            return Heard.ENDED
        except RPCError as error:
            if error.status in _PASSING:
                return Heard.UNAVAILABLE
            raise TellError(f"case {case_no}: {error.status.name}: {error.message}") from error
        except (OSError, RuntimeError) as error:
            if "connect" in str(error).lower():
                return Heard.UNAVAILABLE
            raise
        return Heard.TOLD

    async def _start(
        self,
        case_no: str,
        source: str,
        act: Act | None = None,
        *,
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    ) -> None:
        task = bool(case_of_task(case_no))
        await self.client.start_workflow(
            DepartmentTask.run if task else CaseWorkflow.run,
            CaseStart(case_no=case_no, generation=GENERATION),
            id=workflow_id(case_no),
            task_queue=self.task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE if task else reuse,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=attributes.at_start(source),
            static_summary=f"{'task' if task else 'case'} {case_no} · {source}",
            start_signal="act" if act else None,
            start_signal_args=[act] if act else [],
            rpc_timeout=TELL_TIMEOUT,
        )


_PASSING = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.INTERNAL,
    }
)
