"""Policy packs: complete policies as files, two of which come with the product."""

import json
from pathlib import Path
from typing import Any

from domain.policy import Policy
from registry.policies import PolicyBodyError, read_policy

FOLDER = Path(__file__).parent.parent / "seed" / "packs"
DEMONSTRATION = "city_management"
"""The pack that the demonstration district starts with."""


def names() -> tuple[str, ...]:
    """The packs that come with the product."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def find(given: str) -> Path:
    """The file of a pack by its name, or the file given.

    Raises:
        PolicyBodyError: There is neither.
    """
    if given in names():
        return FOLDER / f"{given}.json"
    if not Path(given).is_file():
        raise PolicyBodyError(f"{given} is no file and no pack; packs are {', '.join(names())}")
    return Path(given)


def read(path: Path, version: int = 1) -> Policy:
    """The policy of a file.

    Raises:
        PolicyBodyError: It is not JSON, or a key or value of it is wrong.
    """
    return read_policy(_body(path), version)


def pack(name: str, version: int = 1) -> Policy:
    """A pack that comes with the product."""
    return read(FOLDER / f"{name}.json", version)


def _body(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise PolicyBodyError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise PolicyBodyError(f"{path.name} must be an object with base and rules")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand in it once; a second one would silently win."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and not key.startswith("#"):
            raise PolicyBodyError(f"{key} stands twice in one object")
        found[key] = value
    return found
