"""Why a command is refused, in words a person understands, in Chinese and English.

A refusal keeps codes; `text` shows each of them by its label, so that the same refusal reads
well in either language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain.refusal_texts import TEXTS, word_of
from domain.why import Why

_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A refused command: the reason, the values in it (codes), and the step it failed at."""

    why: Why
    values: Mapping[str, str] = field(default_factory=dict)
    step: int = 0

    def text(self, language: str = "en", names: Mapping[str, str] = _EMPTY) -> str:
        """The sentence in `zh` or `en`.

        Args:
            language: `zh`, `zh-CN`, … for Chinese, else English.
            names: Names of units by code, for those who know them.
        """
        zh, en = TEXTS[self.why]
        shown = {
            key: word_of(key, value, language, names) for key, value in self.values.items()
        }
        if "because" in shown:
            shown["because"] = shown["because"].format_map(shown)
        return (zh if language.startswith("zh") else en).format_map(shown)


class RefusedError(Exception):
    """Raised inside a move; `decide` turns it into a `Refusal`."""

    def __init__(self, why: Why, **values: str) -> None:
        refusal = Refusal(why=why, values=values)
        super().__init__(refusal.text())
        self.refusal = refusal
