"""What is wrong with a field of a request, in the caller's language."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

ZH: Mapping[str, str] = MappingProxyType(
    {
        "missing": "缺少此字段",
        "extra_forbidden": "没有这个字段，请删除",
        "case_twice": "案件 {case_no} 在本批中出现了两次",
        "not_taken": "本批的操作都不用字段 {field}，请删除",
        "never_asked": "「{action}」由系统执行，不能通过接口申请",
        "far_off": "日期须在前后 {years} 年以内",
        "string_too_long": "最多 {max_length} 个字符",
        "string_too_short": "至少 {min_length} 个字符",
        "string_pattern_mismatch": "格式不符，应符合 {pattern}",
        "string_type": "应为文本",
        "greater_than_equal": "不能小于 {ge}",
        "greater_than": "须大于 {gt}",
        "less_than_equal": "不能大于 {le}",
        "finite_number": "应为有限的数",
        "too_long": "最多 {max_length} 项",
        "too_short": "至少 {min_length} 项",
        "enum": "只能是：{expected}",
        "timezone_aware": "时间须带时区，例如 2026-01-31T18:00:00+08:00",
        "datetime_from_date_parsing": "应为带时区的时间，例如 2026-01-31T18:00:00+08:00",
        "datetime_parsing": "应为带时区的时间，例如 2026-01-31T18:00:00+08:00",
        "datetime_type": "应为带时区的时间，例如 2026-01-31T18:00:00+08:00",
        "int_parsing": "应为整数",
        "int_type": "应为整数",
        "int_from_float": "应为整数",
        "float_parsing": "应为数",
        "float_type": "应为数",
        "bool_type": "应为 true 或 false",
        "bool_parsing": "应为 true 或 false",
        "uuid_parsing": "应为 UUID",
        "tuple_type": "应为列表",
        "list_type": "应为列表",
        "dict_type": "应为对象",
        "model_attributes_type": "应为对象",
        "json_invalid": "不是有效的 JSON",
    }
)
"""Sentences by the validator's error type; the rest keeps the validator's own words."""


def detail_of(error: Mapping[str, Any], language: str) -> str:
    """One wrong field in words."""
    zh = ZH.get(error["type"])
    if language != "zh" or zh is None:
        return str(error["msg"])
    return zh.format_map(_Known(error.get("ctx") or {}))


def summary(count: int, language: str) -> str:
    """How many fields are wrong."""
    return (
        f"{count} 个字段有误，见 errors" if language == "zh" else f"{count} field(s) are wrong"
    )


def without_echoes(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Errors without "too short" of a list whose items are what is wrong."""
    places = [tuple(one["loc"]) for one in errors]
    return [
        one
        for one, place in zip(errors, places, strict=True)
        if one["type"] != "too_short"
        or not any(len(other) > len(place) and other[: len(place)] == place for other in places)
    ]


class _Known(dict[str, object]):
    """What the validator says of the rule; a value it leaves out stays a name."""

    def __missing__(self, key: str) -> str:
        return key
