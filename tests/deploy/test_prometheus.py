"""A metric in an alarm exists in the code, and each metric is explained to operators."""

import ast
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
PACKAGES = ("activities", "api", "registry", "web", "workflows")
KINDS = {
    "Counter": ("_total",),
    "Gauge": ("",),
    "Histogram": ("_bucket", "_sum", "_count"),
    "Summary": ("_sum", "_count"),
}
MADE_BY_PROMETHEUS = {"up"}
NAME = re.compile(r"\b(?:gridcase_\w+|up)\b")


def _defined() -> dict[str, str]:
    """Metrics that the code defines: name → kind."""
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    calls = [
        node
        for path in [*files, *ROOT.glob("*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return {
        str(call.args[0].value): call.func.id
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in KINDS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and str(call.args[0].value).startswith("gridcase_")
    }


def _series() -> set[str]:
    """What Prometheus sees of them."""
    return {
        name.removesuffix("_total") + suffix if suffix == "_total" else name + suffix
        for name, kind in _defined().items()
        for suffix in KINDS[kind]
    }


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_the_code_s_metrics_are_found() -> None:
    assert _defined()["gridcase_temporal_reachable"] == "Gauge"
    assert "gridcase_commands_dead_total" in _series()


def test_every_metric_of_an_alarm_exists() -> None:
    for rule in _rules():
        names = set(NAME.findall(rule["expr"]))
        assert names, rule["alert"]
        assert names <= _series() | MADE_BY_PROMETHEUS, rule["alert"]


def test_every_alarm_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in _rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "action"}


def test_every_job_of_an_alarm_is_scraped() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    jobs = {one["job_name"] for one in config["scrape_configs"]}
    named = {job for rule in _rules() for job in re.findall(r'job="([^"]+)"', rule["expr"])}

    assert named <= jobs
    assert config["rule_files"] == ["rules.yml"]


def test_what_is_scraped_is_a_service_of_the_compose_file() -> None:
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    targets = [
        target
        for job in config["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
    ]

    assert {target.split(":")[0] for target in targets} <= set(services)


def test_the_operators_guide_names_every_metric() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()

    assert [name for name in sorted(_defined()) if f"`{name}" not in guide] == []
