"""The terms of a text: whatever stands in it is found, by any part of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.words import MOST_LETTERS, first_place, folded, parts_of, snippet, terms_of

CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
DIGITS = st.text("0123456789", min_size=1, max_size=20)
GAPS = st.sampled_from((" ", "，", "。", "\n", "-", "（", "！", "/"))
PIECES = st.lists(st.tuples(st.one_of(CHINESE, LETTERS, DIGITS), GAPS), min_size=1, max_size=8)


def finds(query: str, text: str) -> bool:
    """Whether a query finds a text: it has parts, and the text has them all."""
    parts, terms = parts_of(query), terms_of(text)
    return bool(parts) and all(part.in_terms(terms) for part in parts)


@given(text=st.text(), run=CHINESE, after=st.text(), data=st.data())
def test_any_part_of_a_chinese_run_finds_it(
    text: str, run: str, after: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))

    assert finds(run[start:end], f"{text}\n{run}\n{after}")


@given(pieces=PIECES, data=st.data())
def test_every_whole_word_finds_its_text_and_so_do_all_together(
    pieces: list[tuple[str, str]], data: st.DataObject
) -> None:
    text = "".join(word + gap for word, gap in pieces)
    word = data.draw(st.sampled_from([one for one, _ in pieces]))

    assert finds(word, text)
    assert finds(word.upper(), text)
    assert finds(text, text)
    assert (place := first_place(text, parts_of(word))) is not None
    assert folded(text[place:])[0].startswith(folded(word)[0])


@given(text=st.text(), query=st.text())
def test_no_text_and_no_query_breaks_it(text: str, query: str) -> None:
    parts = parts_of(query)
    found = bool(parts) and all(part.in_terms(terms_of(text)) for part in parts)

    assert all(term and len(term) <= MOST_LETTERS for term in terms_of(text))
    assert not found or first_place(text, parts) is not None
    assert "\n" not in snippet(text, parts)
    assert len(snippet(text, parts, most=20)) <= 22


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("路灯", "文一路路灯不亮", True),
        ("灯", "文一路的路灯", True),
        ("路灯不亮", "路灯坏了，不亮", False),
        ("路灯 不亮", "路灯坏了，不亮", True),
        ("12号", "文一路12号", True),
        ("1号", "文一路12号", False),
        ("LIGHT", "The street light is out", True),
        ("light", "street lights", True),
        ("ight", "street lights", False),
        ("13800", "13800001111", False),
        ("Ｅ０１", "e01-13", True),
        ("café", "Cafe\u0301 terrace", True),
        ("路灯", "路\u200b灯", True),
        ("ガス", "ｶﾞｽ", True),
        ("straße", "STRASSE", True),
        ("，。!", "，。!", False),
        ("", "x", False),
    ],
)
def test_what_finds_what(query: str, text: str, *, found: bool) -> None:
    assert finds(query, text) is found


def test_a_snippet_shows_the_words_around_the_match_as_they_were_written() -> None:
    long = "您好，" + "前面的话很长" * 8 + "，这里的Ｌｉｇｈｔ\n不亮了。" + "后面的话" * 30

    shown = snippet(long, parts_of("light"))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "这里的Ｌｉｇｈｔ 不亮了" in shown
    assert snippet("短句。", parts_of("别的")) == "短句。"
    assert snippet("  两行\n\n  文字 ", parts_of("文字")) == "两行 文字"
