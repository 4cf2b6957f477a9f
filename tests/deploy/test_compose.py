"""`docker-compose.yml` is well-formed, complete, and in step with the code and the settings."""

import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic.fields import FieldInfo

from embedded.temporal import RETENTION
from settings import LocalSettings, Settings
from workflows.attributes import SEARCH_ATTRIBUTES
from workflows.worker import GRACE

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "docker-compose.yml"
SCHEMA = DEPLOY / "schema" / "compose-spec.json"
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_0-9]+)(?::?([-?+])([^}]*))?\}")
SECRET = re.compile(r"PASSWORD|_PWD$|_KEY$|TOKEN|SECRET")
MAY_BE_EMPTY = {"GRIDCASE_CALL_INSIDE", "GRIDCASE_OTEL_ENDPOINT"}
OURS = ("worker", "server")
NOT_SHIPPED = {"tests", "bench"}
TEMPORAL_SERVICES = 4  # frontend, history, matching, worker: each has pools of its own

Tree = dict[str, Any]


def _load() -> Tree:
    tree: Tree = yaml.safe_load(COMPOSE.read_text())
    return tree


SERVICES: Tree = _load()["services"]
ONE_SHOT = {name for name, one in SERVICES.items() if one["restart"].startswith("on-failure")}


def _example() -> dict[str, str]:
    lines = (DEPLOY / "env.example").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value for name, value in pairs}  # noqa: C416  # pairs are lists


def _filled() -> dict[str, str]:
    """The example as an operator fills it in."""
    key = base64.b64encode(bytes(32)).decode()
    made = {name: key if name.endswith("_KEY") else "a1b2" for name in _example()}
    filled = {name: value or made[name] for name, value in _example().items()}
    return filled | dict.fromkeys(MAY_BE_EMPTY, "")


def _interpolate(text: str, given: Mapping[str, str]) -> str:
    """Compose's substitution as the file uses it: `${A:-default}` and `${A:?message}`."""

    def value(match: re.Match[str]) -> str:
        found = given.get(match[1], "")
        if not found and match[2] == "?":
            raise KeyError(match[1])
        return found or (match[3] if match[2] == "-" else "")

    return VARIABLE.sub(value, text).replace("$$", "$")


def _environment(name: str) -> dict[str, str]:
    """A service's variables, with the example filled in."""
    given = _filled()
    return {
        key: _interpolate(str(value), given)
        for key, value in SERVICES[name].get("environment", {}).items()
    }


def _aliases(name: str, field: FieldInfo) -> set[str]:
    """The variables that set a field."""
    alias = field.validation_alias
    if alias is None:
        return {f"GRIDCASE_{name.upper()}"}
    return {str(one) for one in getattr(alias, "choices", [alias])}


def _variables(kind: type[Settings] | type[LocalSettings]) -> set[str]:
    return {one for name, field in kind.model_fields.items() for one in _aliases(name, field)}


def test_the_file_follows_the_compose_specification() -> None:
    schema = json.loads(SCHEMA.read_text())
    Draft202012Validator.check_schema(schema)

    errors = list(Draft202012Validator(schema).iter_errors(_load()))

    assert [f"{one.json_path}: {one.message}" for one in errors] == []


def test_the_schema_is_the_one_that_was_vendored() -> None:
    found = hashlib.sha256(SCHEMA.read_bytes()).hexdigest()

    assert found in (SCHEMA.parent / "README.md").read_text()


def test_the_schema_would_find_a_mistake() -> None:
    wrong = _load()
    wrong["services"]["server"]["restarts"] = "always"

    assert not Draft202012Validator(json.loads(SCHEMA.read_text())).is_valid(wrong)


def test_the_issue_s_services_are_there() -> None:
    assert set(SERVICES) >= {
        "postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui",
        "migrate", "worker", "server",
    }  # fmt: skip
    assert {"temporal-schema", "temporal-namespace", "migrate"} == ONE_SHOT


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_for_what_can_happen(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        match how["condition"]:
            case "service_healthy":
                assert "healthcheck" in SERVICES[other]
                assert other not in ONE_SHOT
            case "service_completed_successfully":
                assert other in ONE_SHOT
            case unknown:
                pytest.fail(f"{name} waits for {other} to be {unknown}")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_that_stays_has_a_health_check_and_comes_back(name: str) -> None:
    if name in ONE_SHOT:
        return

    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_has_no_rights_that_it_does_not_need(name: str) -> None:
    one = SERVICES[name]
    user = one["user"].split(":")[0]

    assert user.isdecimal()
    assert user != "0"
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    assert one.get("read_only", False) or name == "temporal-ui"  # writes its configuration
    assert "privileged" not in one


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_has_limits(name: str) -> None:
    assert set(SERVICES[name]["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_image_has_a_whole_version(name: str) -> None:
    image = _interpolate(SERVICES[name]["image"], {})
    tag = image.rpartition(":")[2]

    assert re.fullmatch(r"\d+\.\d+(\.\d+)?([-.\w]*)", tag), image


def test_the_image_is_built_on_whole_versions() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert len(set(bases)) == 1
    assert re.fullmatch(rf"python:{python.removeprefix('>=')}\.\d+-slim-\w+", bases[0])


def test_our_image_has_the_project_s_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert SERVICES["server"]["image"].endswith(f"gridcase:{project['version']}}}")
    assert _example()["GRIDCASE_IMAGE"] == f"gridcase:{project['version']}"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_port_is_published_on_the_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{\w+:-\d+\}:\d+", port)
        assert "outer" in SERVICES[name]["networks"]


def test_postgres_and_temporal_are_reached_from_inside_only() -> None:
    assert _load()["networks"]["inner"] == {"internal": True}
    for name in ("postgres", "temporal"):
        assert SERVICES[name]["networks"] == ["inner"]
        assert "ports" not in SERVICES[name]


def test_secrets_come_from_the_environment_and_their_lack_says_how_to_make_them() -> None:
    secrets = {
        (name, key): str(value)
        for name, one in SERVICES.items()
        for key, value in one.get("environment", {}).items()
        if SECRET.search(key)
    }

    assert len(secrets) >= 10
    for where, value in secrets.items():
        found = VARIABLE.fullmatch(value)
        assert found, where
        assert found[2] == "?", where
        assert "openssl rand" in found[3], where


def test_no_address_holds_a_literal_password() -> None:
    for found in re.findall(r"://[^\s:/@]+:([^@\s]*(?:\{[^}]*\})?)@", COMPOSE.read_text()):
        assert found.startswith("${")


def test_the_example_has_every_variable_and_no_secret() -> None:
    used = {match[1] for match in VARIABLE.finditer(COMPOSE.read_text())}
    example = _example()

    assert used == set(example)
    assert {name for name in example if SECRET.search(name)} == {
        name for name in example if not example[name]
    } - MAY_BE_EMPTY


def test_the_example_s_values_are_the_file_s_defaults() -> None:
    defaults = {
        match[1]: match[3]
        for match in VARIABLE.finditer(COMPOSE.read_text())
        if match[2] == "-"
    }

    assert defaults == {name: _example()[name] for name in defaults}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_ours_is_a_setting(name: str) -> None:
    assert set(_environment(name)) <= _variables(Settings)


def test_migrate_s_variables_are_settings_of_the_command_line() -> None:
    given = set(_environment("migrate"))

    assert given - {"GRIDCASE_DEMO"} <= _variables(LocalSettings)
    assert "$$GRIDCASE_DEMO" in str(SERVICES["migrate"]["command"])


@pytest.mark.parametrize("name", OURS)
def test_the_settings_take_what_the_file_gives(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in list(os.environ):
        if key in _variables(Settings):
            monkeypatch.delenv(key)
    for key, value in _environment(name).items():
        monkeypatch.setenv(key, value)

    settings = Settings()  # type: ignore[call-arg, unused-ignore]  # from the environment

    assert settings.database_url == "postgresql+asyncpg://registry:a1b2@postgres:5432/registry"
    assert settings.temporal_address == "temporal:7233"
    assert settings.otel_endpoint is None
    assert settings.call_inside == ()


def test_the_connections_of_all_fit_into_postgres() -> None:
    command = " ".join(SERVICES["postgres"]["command"])
    limit = int(re.findall(r"max_connections=(\d+)", command)[0])
    temporal = _environment("temporal")
    ours = int(_environment("server")["GRIDCASE_SERVER_POOL_SIZE"]) + int(
        _environment("worker")["GRIDCASE_WORKER_POOL_SIZE"]
    )
    theirs = int(temporal["SQL_MAX_CONNS"]) + int(temporal["SQL_VIS_MAX_CONNS"])

    assert ours + TEMPORAL_SERVICES * theirs + 20 <= limit


def test_the_worker_has_time_to_end_what_it_judges() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))

    assert grace >= GRACE.total_seconds() + 5


def test_the_server_does_not_wait_for_temporal() -> None:
    assert not any("temporal" in name for name in SERVICES["server"]["depends_on"])


def test_the_namespace_has_the_code_s_search_attributes_and_retention() -> None:
    script = (DEPLOY / "temporal" / "namespace.sh").read_text()
    lines = re.findall(r"^ATTRIBUTES='\n(.*?)^'", script, re.MULTILINE | re.DOTALL)[0]
    found = dict(line.split() for line in lines.splitlines())

    assert found == dict(SEARCH_ATTRIBUTES)
    hours = re.findall(r"^RETENTION=(\d+)h", script, re.MULTILINE)
    assert hours == [f"{RETENTION.total_seconds() / 3600:.0f}"]


def test_the_namespace_is_the_one_that_the_code_uses() -> None:
    names = {
        _environment("temporal-namespace")["TEMPORAL_NAMESPACE"],
        _environment("temporal-ui")["TEMPORAL_DEFAULT_NAMESPACE"],
        *(_environment(name)["GRIDCASE_TEMPORAL_NAMESPACE"] for name in OURS),
    }

    assert len(names) == 1


def test_server_and_tools_of_temporal_are_one_version() -> None:
    tags = {
        SERVICES[name]["image"].rpartition(":")[2]
        for name in ("temporal", "temporal-schema", "temporal-namespace")
    }

    assert len(tags) == 1


def test_the_temporal_ui_is_new_enough() -> None:
    tag = SERVICES["temporal-ui"]["image"].rpartition(":")[2]

    assert tuple(map(int, tag.split("."))) >= (2, 38, 0)


def test_what_is_mounted_exists() -> None:
    volumes = set(_load()["volumes"])
    for one in SERVICES.values():
        for mount in one.get("volumes", []):
            source = mount.split(":")[0]
            assert source in volumes or (ROOT / source).exists()
            assert source in volumes or mount.endswith(":ro")


def test_the_image_gets_every_package_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in lines if line.startswith("!")}
    packages = {one.parent.name for one in ROOT.glob("*/__init__.py")} - NOT_SHIPPED

    assert "*" in lines
    assert packages <= allowed
    assert {one.name for one in ROOT.glob("*.py")} <= allowed
    assert not {name for name in allowed if name.split("/")[0] in NOT_SHIPPED | {"var", ".env"}}


def test_the_services_commands_are_files_of_the_image() -> None:
    for name in OURS:
        assert SERVICES[name]["command"] == ["python", f"{name}.py"]


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*/*.sh")), ids=lambda path: path.name)
def test_a_script_is_readable_by_a_plain_shell(script: Path) -> None:
    shell = shutil.which("dash") or shutil.which("sh")
    assert shell
    done = subprocess.run(  # noqa: S603  # our own file
        [shell, "-n", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(script, os.X_OK)


def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    probe = [docker or "docker", "compose", "version"]
    if docker is None or subprocess.run(probe, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("no docker compose plugin here; the schema was checked above")
    env = tmp_path / "env"
    env.write_text("".join(f"{k}={shlex.quote(v)}\n" for k, v in _filled().items()))
    done = subprocess.run(  # noqa: S603  # found on PATH, our own files
        [docker, "compose", "--env-file", env, "--file", COMPOSE, "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
