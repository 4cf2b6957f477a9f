"""Settings, read from the environment by the entry points only.

Names carry the prefix `GRIDCASE_`; `DATABASE_URL` and `TEMPORAL_ADDRESS` are plain. `make up`
fills in what is missing; production gives everything that has no default.
"""

import base64
import binascii
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

KEY_BYTES = 32
OFF = "off"
CRON = rf"^({OFF}|[0-9*/,A-Za-z-]+( [0-9*/,A-Za-z-]+){{4}})$"


def _key(text: object) -> object:
    """Decode base64; bytes pass through."""
    if not isinstance(text, str):
        return text
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: give {KEY_BYTES} random bytes, encoded") from error


def _async_driver(url: object) -> object:
    """Take the URL that every tool prints (`postgres://…`) and name our driver in it."""
    if isinstance(url, str):
        return re.sub(r"^postgres(ql)?://", "postgresql+asyncpg://", url)
    return url


DatabaseUrl = Annotated[str, BeforeValidator(_async_driver)]


def _listed(text: object) -> object:
    """Take a list with commas apart."""
    if not isinstance(text, str):
        return text
    return tuple(one for one in map(str.strip, text.split(",")) if one)


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]
Port = Annotated[int, Field(ge=1, le=65535)]
KeyBytes = Annotated[
    bytes, BeforeValidator(_key), Field(min_length=KEY_BYTES, max_length=KEY_BYTES)
]
Key = Annotated[KeyBytes, Field(repr=False)]


class Common(BaseSettings):
    """What `make up`, the server and the worker all know."""

    model_config = SettingsConfigDict(
        env_prefix="GRIDCASE_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # keys and passwords stay out of tracebacks
        validate_by_name=True,
    )

    data_dir: Path = Path("var")
    """Everything that `make up` keeps: databases, keys, logs."""
    host: str = "127.0.0.1"
    port: Port = 8000
    temporal_namespace: str = "gridcase"
    worker_metrics_port: Port = 9464
    """Where the worker answers Prometheus."""
    call_inside: Networks = ()
    """Networks inside which units' own systems may be called, as `10.20.0.0/16,127.0.0.1/32`;
    none: public addresses only."""


class Settings(Common):
    """What the server and the worker run on."""

    database_url: DatabaseUrl = Field(
        validation_alias=AliasChoices("DATABASE_URL", "GRIDCASE_DATABASE_URL"), repr=False
    )
    """SQLAlchemy's address: `postgresql+asyncpg://user:password@host:port/database`."""
    temporal_address: str = Field(
        default="127.0.0.1:7233",
        validation_alias=AliasChoices("TEMPORAL_ADDRESS", "GRIDCASE_TEMPORAL_ADDRESS"),
    )
    temporal_ui_url: str = "http://127.0.0.1:8233"
    """Where case pages send an admin who wants the history."""
    task_queue: str = "cases"
    build_id: str = ""
    """Version of the worker's code; with one it waits until `manage.py promote` names it."""

    reporter_key: Key = Field(repr=False)
    """Encrypts reporters' names and telephones in the registry: 32 bytes in base64."""
    payload_key: Key = Field(repr=False)
    """Encrypts payloads in Temporal's histories: 32 bytes in base64."""
    payload_key_id: str = "k1"
    """Name of that key, stored beside what it sealed."""
    old_payload_keys: dict[str, KeyBytes] = Field(default_factory=dict, repr=False)
    """Keys that sealed earlier, by name, as JSON; kept as long as a history names them."""
    blind_index_key: Key = Field(repr=False)
    """Keys the hash by which a telephone is found again: 32 bytes in base64."""

    codec_token: str = Field(default="", repr=False)
    """Lets a Temporal UI without sign-in open payloads at `/codec/TOKEN`; `make up` sets it."""
    otel_endpoint: str | None = None
    """OTLP over HTTP; None: no traces leave the process."""
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    """How long a log-in lasts."""
    secure_cookies: bool = True
    """Cookies over HTTPS only; `make up` switches it off for plain http on the loopback."""

    verify_cron: Annotated[str, Field(pattern=CRON)] = "30 2 * * *"
    """When `verify` runs by itself: five fields of cron, in the district's zone; or `off`."""
    verify_repair: Literal["nothing", "workflows", "everything"] = "workflows"
    """What it mends then: `nothing`, `workflows` (restarts and tells again) or `everything`."""

    server_pool_size: int = Field(default=20, ge=2)
    """Database connections of one server process."""
    worker_pool_size: int = Field(default=24, ge=2)
    """Database connections of one worker process."""
    max_concurrent_local_activities: int = Field(default=20, ge=1)
    """Causes judged at once by one worker; each holds a connection."""

    @property
    def payload_keys(self) -> dict[str, bytes]:
        """Every key that opens payloads, by name."""
        return {**self.old_payload_keys, self.payload_key_id: self.payload_key}

    @model_validator(mode="after")
    def _pool_feeds_the_activities(self) -> Self:
        if self.worker_pool_size < self.max_concurrent_local_activities:
            raise ValueError(
                f"GRIDCASE_WORKER_POOL_SIZE ({self.worker_pool_size}) must be at least "
                f"GRIDCASE_MAX_CONCURRENT_LOCAL_ACTIVITIES "
                f"({self.max_concurrent_local_activities}): each activity holds a connection."
            )
        return self


class LocalSettings(Common):
    """What `make up` starts, and where; an address that is given is not started here."""

    database_url: DatabaseUrl | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "GRIDCASE_DATABASE_URL"),
        repr=False,
    )
    temporal_address: str | None = Field(
        default=None,
        validation_alias=AliasChoices("TEMPORAL_ADDRESS", "GRIDCASE_TEMPORAL_ADDRESS"),
    )
    temporal_ui_url: str | None = None
    postgres_port: Port = 54329
    postgres_bin: Path | None = None
    """The folder with `postgres` and `initdb`; None: the wheel's, else the system's."""
    temporal_port: Port = 7233
    temporal_ui_port: Port = 8233
    temporal_metrics_port: Port = 9465
    reporter_key: str | None = Field(default=None, repr=False)
    payload_key: str | None = Field(default=None, repr=False)
    blind_index_key: str | None = Field(default=None, repr=False)
    secure_cookies: bool = False
