"""Refusals of the whistle and of levels in words."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.labels import Label
from domain.why import Because

BECAUSE_WHISTLE: Mapping[str, Label] = MappingProxyType(
    {
        Because.CALLED_TWICE: Label(
            "{unit}在本次吹哨中出现了两次", "{unit} is named twice; name it once"
        ),
        Because.CALL_RUNS: Label(
            "已向{unit}吹哨，尚未报到；可先撤回原哨",
            "{unit} is called already and awaited; call that off first",
        ),
        Because.CALLS_ITSELF: Label(
            "{unit}不能向本单位吹哨，请直接分派人员",
            "{unit} cannot call itself; assign somebody instead",
        ),
        Because.CALL_NOT_YOURS: Label(
            "该哨由其他单位吹响，应由吹哨单位评价或撤回",
            "somebody else made this call; it is for who called to score it or call it off",
        ),
        Because.CALL_OVER: Label(
            "没有等待报到的哨，可能已撤回或案件已了结",
            "no call waits any more: it was called off, or the case is settled",
        ),
        Because.NO_CALL: Label("本案没有吹哨", "nobody was called to the site of this case"),
        Because.ARRIVED_BEFORE: Label("贵单位已报到", "the arrival is on record already"),
        Because.CAME_SAYS_UNIT: Label(
            "该单位已在现场报到，请按 1 至 5 分评价",
            "it reported its arrival on the spot; score it from 1 to 5",
        ),
        Because.NOT_REPORTED: Label(
            "该单位尚未报到，请其先在现场报到；逾期未到请选“未到场”",
            "it has not reported its arrival; have it do so, or say that it did not come",
        ),
        Because.CALL_SCORED: Label("该次报到已评价", "it has been scored; that is said once"),
        Because.STILL_ON_THE_WAY: Label(
            "报到时限未到，且尚未报到，请稍后再评价",
            "its time to come is not over and it has not arrived; score it later",
        ),
        Because.NO_ARRIVAL_PLACE: Label(
            "没有位置信息，无法确认已到现场；请打开定位后拍照报到",
            "it does not show where you are; turn location on and take a photo on the spot",
        ),
        Because.ARRIVAL_OUTSIDE: Label(
            "您距案件地点 {metres} 米，超出 {fence} 米，请到现场后再报到",
            "you are {metres} m from the place, over {fence} m; report when you are there",
        ),
        Because.HIGHEST_LEVEL: Label("已是最高层级，不能再上交", "there is no level above it"),
        Because.NO_NEXT_LEVEL: Label(
            "上一级没有负责该地点的单位，请改为退单",
            "no unit of the level above answers for the place; return it instead",
        ),
        Because.NOT_LOWER: Label(
            "{unit}不是下级单位，请选择街道或社区",
            "{unit} is on no lower level; choose a street or community",
        ),
        Because.LOWER_ELSEWHERE: Label(
            "{unit}不负责该地点，请选择案件所在地的街道或社区",
            "{unit} does not answer for the place; choose the one where it lies",
        ),
        Because.LOWEST_LEVEL: Label(
            "没有负责该地点的下级单位", "no unit of a lower level answers for the place"
        ),
        Because.SKIPS_LEVEL: Label(
            "按职责准入清单应先由{level}级处理；越级派给{unit}须选择越级派遣的原因",
            "by the authority list it is for the {level} first; to skip to {unit}, choose the"
            " reason that the lower level cannot solve it",
        ),
    }
)
