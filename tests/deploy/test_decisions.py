"""The record of decisions: its form, a sentence to quote, and a line in the index for each."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
SECTIONS = ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
MOST_LINES = 40
LINK = re.compile(r"^\| \[(\d{4})\]\((\d{4}-[a-z0-9-]+\.md)\) \| (.+) \|$", re.MULTILINE)
PATHS = re.compile(r"`((?:[a-z_.]+/)+[\w.\-/]*|[a-z_-]+\.(?:py|toml|md|yml))`")


def _sections(path: Path) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))


def _title(path: Path) -> str:
    return path.read_text().splitlines()[0].removeprefix(f"# {path.name[:4]} · ")


def test_numbers_rise_by_one() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_index_lists_every_decision_with_its_title() -> None:
    listed = LINK.findall((FOLDER / "README.md").read_text())

    assert [(file, title) for _, file, title in listed] == [
        (path.name, _title(path)) for path in DECISIONS
    ]
    assert all(number == file[:4] for number, file, _ in listed)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_sections_in_order_and_is_short(path: Path) -> None:
    assert tuple(_sections(path)) == SECTIONS
    assert all(_sections(path).values())
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_begins_with_one_sentence_to_quote(path: Path) -> None:
    first = _sections(path)["Decision"].split("\n\n")[0]

    assert re.fullmatch(r"\*\*[^*]+\.\*\*", first.replace("\n", " ")), first


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_what_enforces_a_decision_exists(path: Path) -> None:
    named = PATHS.findall(_sections(path)["Enforced by"])

    assert named
    assert [one for one in named if not (ROOT / one).exists()] == []
