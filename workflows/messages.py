"""What goes into a case workflow: its start and its one signal.

Apart from the workflow's own module, which the sandbox loads anew for every case: there each
case would have classes of its own, and readers for them.
"""

from dataclasses import dataclass

from domain.case import Case


@dataclass(frozen=True, kw_only=True)
class CaseStart:
    """What a case workflow starts from: its number; the registry knows the rest.

    Attributes:
        case_no: 19 digits.
        case: The case folded so far, after continue-as-new.
        generation: Of the code that wrote it; the default is what a start without one means.
        begun: Running tasks of a joint case whose workflows were started: (number, round).
        left: Task: no run of its case waits for its end, so it says so itself.
    """

    case_no: str
    case: Case | None = None
    generation: int = 1
    begun: tuple[tuple[int, int], ...] = ()
    left: bool = False


@dataclass(frozen=True, kw_only=True)
class Act:
    """The one signal: a command is waiting in the registry. Nothing in it is trusted.

    Attributes:
        command_id: The command that caused the tell.
        label: `sign · water_utilities`, shown on the marker.
    """

    command_id: str = ""
    label: str = ""
