"""Where a department's task stands, in words."""

from domain.terms import TaskState
from web.words import Words

TASK_WORDS = {
    TaskState.PLANNED: ("待启动", "waits to begin"),
    TaskState.DISPATCHED: ("待签收", "to be signed"),
    TaskState.SIGNED: ("已签收", "signed"),
    TaskState.HANDLING: ("处置中", "handling"),
    TaskState.RETURN_REQUESTED: ("退单待定", "return asked"),
    TaskState.HANDOVER_OFFERED: ("移交待接", "offered to another unit"),
    TaskState.ON_HOLD: ("挂账", "on hold"),
    TaskState.DONE: ("完成", "done"),
    TaskState.RETURNED: ("已退单", "returned"),
    TaskState.WITHDRAWN: ("撤销", "withdrawn"),
    TaskState.WAIVED: ("豁免", "let off"),
    TaskState.SUBSTITUTED: ("已被代处置", "another unit stood in"),
}


def task_state(state: TaskState, words: Words) -> str:
    """How a task stands."""
    zh, en = TASK_WORDS[state]
    return zh if words.language == "zh" else en
