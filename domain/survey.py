"""What a change of versions does to many cases: counted while they are looked at."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from domain.facts import Moved
from domain.preview import Effect

SHOWN = 20
"""Cases shown one by one."""


@dataclass(kw_only=True)
class Tally:
    """Clocks of one kind that a change moves."""

    earlier: int = 0
    later: int = 0
    waiting: int = 0  # paused: what is left changes, when it is due is not known yet


@dataclass(kw_only=True)
class Survey:
    """The sum over cases.

    Attributes:
        everything: Select cases that are only pinned anew, too: later clocks go by it.
        looked: Cases looked at.
        selected: Cases that the change is for.
        tasks: Running tasks of those, which hear of it from their case.
        tasks_moved: Those of them with a limit that moves.
        clocks: Moved clocks by kind.
        late_at_once: Cases with a limit that would be over at once, and is not now.
        kept_out: Cases whose policy keeps a change out, by change.
        refused: Cases that cannot be changed, by the sentence that says why.
        first: The first selected cases, with what happens to them.
    """

    everything: bool = False
    looked: int = 0
    selected: int = 0
    tasks: int = 0
    tasks_moved: int = 0
    clocks: dict[str, Tally] = field(default_factory=dict)
    late_at_once: int = 0
    kept_out: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first: list[tuple[str, Effect]] = field(default_factory=list)

    def add(self, case_no: str, effect: Effect, at: datetime) -> bool:
        """Count one case with its tasks; whether the change is for it."""
        self.looked += 1
        self.kept_out.update(map(str, effect.kept_out))
        if effect.refusal is not None:
            self.refused[effect.refusal.text()] += 1
            return False
        moved = effect.all_moved
        wanted = bool(moved or (self.everything and effect.versions.changes))
        if not wanted:
            return False
        self.selected += 1
        self.tasks += len(effect.tasks)
        self.tasks_moved += sum(bool(one.moved) for one in effect.tasks)
        for one in moved:
            self._count(one)
        self.late_at_once += any(_late_at_once(one, at) for one in moved)
        if len(self.first) < SHOWN:
            self.first.append((case_no, effect))
        return True

    def _count(self, one: Moved) -> None:
        tally = self.clocks.setdefault(one.clock_id.partition(":")[0], Tally())
        if one.before is None or one.after is None:
            tally.waiting += 1
        elif one.after < one.before:
            tally.earlier += 1
        else:
            tally.later += 1


def _late_at_once(one: Moved, at: datetime) -> bool:
    over = one.after is not None and one.after <= at
    return over and (one.before is None or one.before > at)
