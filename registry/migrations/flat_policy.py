"""Policies of release 1, one flat object with lists of sources, as flows with rules."""

from collections.abc import Iterable, Mapping
from typing import Any

_AUTOMATIC = ("auto_verify", "auto_accept", "auto_file", "auto_dispatch", "auto_review")
_BY_SOURCE = (
    *_AUTOMATIC,
    "whole",
    "first_receiver_sources",
    "extension_total",
    "hotline_sources",
)


def nested(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as this release reads it; one that has that shape already is left alone.

    What release 1 did not name, it did not do: such values keep this release's defaults.
    """
    if "base" in body:
        return dict(body)
    remarks = {key: value for key, value in body.items() if key.startswith("#")}
    flat = {key: value for key, value in body.items() if key not in remarks}
    flat.pop("version", None)
    base = {key: value for key, value in flat.items() if key not in _BY_SOURCE}
    return {"name": "release 1", "base": base, "rules": list(_rules(flat)), **remarks}


def _rules(flat: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for name in _AUTOMATIC:
        if flat.get(name):
            yield _rule(f"{name} of release 1", flat[name], {name: True})
    promises: list[tuple[Any, list[str]]] = []
    for source, limit in flat.get("whole", {}).items():
        same = next((sources for known, sources in promises if known == limit), None)
        if same is None:
            promises.append((limit, [source]))
        else:
            same.append(source)
    for limit, sources in promises:
        name = f"promise of {limit['value']:g} {limit['unit']}"
        yield _rule(name, sources, {"whole": limit})
    if flat.get("first_receiver_sources"):
        yield _rule("first receiver", flat["first_receiver_sources"], {"first_receiver": True})
    if flat.get("hotline_sources") and flat.get("extension_total"):
        change = {"extension_total": flat["extension_total"]}
        yield _rule("cap on extensions", flat["hotline_sources"], change)


def _rule(name: str, sources: Iterable[str], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "sources": list(sources), "classes": [], "changes": dict(changes)}
