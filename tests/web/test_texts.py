"""Words, files and rules of the pages that need no server."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment, FileSystemLoader, meta

from domain.terms import State
from web.language import Language, due_words, moment, span
from web.texts import CATALOGUE, text
from web.texts_tracking import PUBLIC_STATES

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WEB = Path(__file__).parents[2] / "web"
SHOWN = sorted(
    path
    for folder in ("templates", "static")
    for path in (WEB / folder).rglob("*")
    if path.is_file()
)


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_every_text_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    zh, en = CATALOGUE[key]

    assert zh.strip()
    assert en.strip()
    names = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (zh, en)]
    assert names[0] == names[1]


def test_every_state_has_plain_words_for_citizens_in_both_languages() -> None:
    assert PUBLIC_STATES.keys() == {state.value for state in State}
    assert all(word for pairs in PUBLIC_STATES.values() for pair in pairs for word in pair)


def test_templates_ask_only_for_texts_that_there_are() -> None:
    asked = {
        key
        for path in SHOWN
        if path.suffix == ".html"
        for key in re.findall(
            r"""\bt\(["'](\w+)["']\s*[,)]""", path.read_text(encoding="utf-8")
        )
    }

    assert asked
    assert asked - CATALOGUE.keys() == set()


def test_templates_can_be_read_and_escape() -> None:
    environment = Environment(loader=FileSystemLoader(WEB / "templates"), autoescape=True)
    for path in SHOWN:
        if path.suffix == ".html":
            source = path.read_text(encoding="utf-8")
            assert meta.find_undeclared_variables(environment.parse(source)) is not None
            assert "|safe" not in source.replace(" ", "")


@pytest.mark.parametrize("path", SHOWN, ids=[str(one.relative_to(WEB)) for one in SHOWN])
def test_no_file_of_the_pages_asks_another_host_or_runs_code_inside_html(path: Path) -> None:
    source = path.read_text(encoding="utf-8", errors="replace")
    if "vendor" not in path.parts:
        urls = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", source))
        assert urls <= {"http://www.w3.org"}
    if path.suffix == ".html":
        assert not re.search(r"<script(?![^>]*\bsrc=)", source)
        assert not re.search(r"\son\w+\s*=|\sstyle\s*=|javascript:", source)
        assert "hx-on" not in source


def test_vendored_files_have_their_licence_beside_them() -> None:
    folders = [path for path in (WEB / "static" / "vendor").iterdir() if path.is_dir()]

    assert folders
    for folder in folders:
        assert (folder / "LICENSE").read_text(encoding="utf-8").strip(), folder


@pytest.mark.parametrize(
    ("minutes", "zh", "en", "tone"),
    [
        (80, "还剩 1小时20分", "due in 1 h 20", "soon"),
        (59, "还剩 59分钟", "due in 59 min", "soon"),
        (26 * 60, "还剩 1天2小时", "due in 1 d 2 h", "calm"),
        (-5, "已超时 5分钟", "overdue by 5 min", "late"),
        (-50 * 60, "已超时 2天2小时", "overdue by 2 d 2 h", "late"),
    ],
)
def test_a_limit_is_said_in_words_in_both_languages(
    minutes: int, zh: str, en: str, tone: str
) -> None:
    due = NOW + timedelta(minutes=minutes)

    assert due_words(due, Language.ZH, now=NOW) == (zh, tone)
    assert due_words(due, Language.EN, now=NOW) == (en, tone)


def test_times_are_on_the_districts_clock() -> None:
    assert moment(NOW, Language.ZH, now=NOW) == "今天 12:00"
    assert moment(NOW + timedelta(days=1), Language.EN, now=NOW) == "23 Nov 12:00"
    assert moment(NOW - timedelta(days=400), Language.ZH, now=NOW) == "2025年10月18日 12:00"
    assert span(timedelta(0), Language.EN) == "0 min"


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("case_title", Language.EN)
