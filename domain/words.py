"""The terms of a text, by which a search finds it: Chinese in pairs of characters, words whole.

No dictionary cuts Chinese into words here: a run of characters is known by every two
neighbours (`路灯不亮`: 路灯, 灯不, 不亮) and by its last one, so that whatever part of the run
is asked for is found. Latin words and numbers are terms as they stand. Widths and capitals do
not matter (NFKC, case folded).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

MOST_LETTERS = 32
"""A longer word is known by its beginning."""
BEGINNING = 3
"""Letters from which on a word of a query stands for all words that begin with it."""
_HAN = (
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?:(?![{_HAN}])[^\W_])+")
_UNSEEN = frozenset({"Cf", "Mn", "Me"})
"""Zero-width marks and accents on their own: neither terms nor gaps."""
_VOICED = "\uff9e\uff9f"
_GAPS = re.compile(r"\s+")


def _pairs(text: str) -> Iterator[str]:
    return map("".join, pairwise(text))


@dataclass(frozen=True)
class Run:
    """A stretch of a text without punctuation: Chinese characters, or one word.

    Attributes:
        text: Folded.
        chinese: Whether it is known by its pairs.
        start: Where it begins in the folded text.
    """

    text: str
    chinese: bool
    start: int

    def terms(self) -> Iterator[str]:
        """What it is known by."""
        if self.chinese:
            yield from _pairs(self.text)
            yield self.text[-1]
        else:
            yield self.text[:MOST_LETTERS]


@dataclass(frozen=True)
class Part:
    """One run of a query.

    Attributes:
        text: Folded.
        chinese: Whether it is found by its pairs.
    """

    text: str
    chinese: bool

    @property
    def terms(self) -> tuple[str, ...]:
        """Terms that must all be there."""
        if self.chinese and len(self.text) > 1:
            return tuple(dict.fromkeys(_pairs(self.text)))
        return (self.text[:MOST_LETTERS],)

    @property
    def begins(self) -> bool:
        """Whether terms that only begin with its one term do as well."""
        if self.chinese:
            return len(self.text) == 1
        return len(self.text) >= BEGINNING and self.text.isalpha()

    def in_terms(self, terms: Collection[str]) -> bool:
        """Whether a text with these terms has it."""
        if self.begins:
            return any(one.startswith(self.terms[0]) for one in terms)
        return all(one in terms for one in self.terms)


@lru_cache(maxsize=20_000)
def _fold(cluster: str) -> str:
    folded = unicodedata.normalize("NFKC", cluster).casefold()
    plain = unicodedata.normalize("NFKC", folded)
    return "".join(one for one in plain if unicodedata.category(one) not in _UNSEEN)


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Characters with the marks that belong to them, and where they stand."""
    start = 0
    for index in range(1, len(text) + 1):
        if index < len(text):
            one = text[index]
            if unicodedata.combining(one) or one in _VOICED:
                continue
        yield start, text[start:index]
        start = index


def folded(text: str) -> tuple[str, Sequence[int]]:
    """A text without differences of width and case; with the place each character came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    made: list[str] = []
    origins: list[int] = []
    for start, cluster in _clusters(text):
        for one in _fold(cluster):
            made.append(one)
            origins.append(start)
    return "".join(made), origins


def _runs(plain: str) -> Iterator[Run]:
    for found in _RUN.finditer(plain):
        yield Run(found[0], found["han"] is not None, found.start())


def terms_of(text: str) -> frozenset[str]:
    """All terms of a text."""
    return frozenset(term for run in _runs(folded(text)[0]) for term in run.terms())


def parts_of(query: str) -> tuple[Part, ...]:
    """The parts of a query, each once; none when it holds nothing to search for."""
    runs = _runs(folded(query)[0])
    return tuple(dict.fromkeys(Part(run.text, run.chinese) for run in runs))


def first_place(text: str, parts: Iterable[Part]) -> int | None:
    """Where in a text the first of the parts stands; None when it has none of them."""
    plain, origins = folded(text)
    runs = list(_runs(plain))
    places = [place for part in parts if (place := _place(runs, part)) is not None]
    return origins[min(places)] if places else None


def _place(runs: Iterable[Run], part: Part) -> int | None:
    for run in runs:
        if run.chinese is not part.chinese:
            continue
        if part.chinese:
            at = run.text.find(part.text)
            if at < 0 and len(part.text) > 1:
                at = run.text.find(part.terms[0])
            if at >= 0:
                return run.start + at
        elif run.text == part.text or (part.begins and run.text.startswith(part.text)):
            return run.start
    return None


def snippet(text: str, parts: Iterable[Part], *, before: int = 16, most: int = 90) -> str:
    """The words of a text around the first of the parts, on one line; its start without any."""
    line = _GAPS.sub(" ", text).strip()
    place = first_place(line, parts) or 0
    start = 0 if place <= before + 4 else place - before
    end = start + most
    shown = line[start:end].strip()
    return ("…" if start else "") + shown + ("…" if end < len(line) else "")
