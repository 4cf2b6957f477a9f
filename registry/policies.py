"""Policies as data: how a body in the registry, a pack or a file becomes a policy, and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.policy import Flow, FlowRule, Policy, merged
from domain.terms import Source
from registry.codec import first_of

FLOW = TypeAdapter(Flow)
_SOURCES = TypeAdapter(tuple[Source, ...])
_CLASSES = TypeAdapter(tuple[str, ...])
_NAMES = frozenset(one.name for one in fields(Flow))
_KEYS = frozenset({"name", "base", "rules", "version"})
_RULE_KEYS = frozenset({"name", "sources", "classes", "changes"})


class PolicyBodyError(ValueError):
    """A policy's body cannot be read; the message names the key."""


def read_policy(body: Mapping[str, Any], version: int) -> Policy:
    """A policy from its body; keys that begin with # are remarks.

    Raises:
        PolicyBodyError: A key is not known, or a value is not what it must be.
    """
    body = _without_remarks(body)
    _known(body, _KEYS, "policy")
    given = body.get("base", {})
    base = _flow(given, "base")
    rules = tuple(
        _rule(one, base, f"rules[{index}]") for index, one in enumerate(body.get("rules", ()))
    )
    return Policy(version=version, name=str(body.get("name", "")), base=base, rules=rules)


def dump_policy(policy: Policy) -> dict[str, Any]:
    """A policy's body, complete: every default is written out."""
    base = FLOW.dump_python(policy.base, mode="json")
    rules = []
    for one in policy.rules:
        whole = FLOW.dump_python(merged(policy.base, (one,)), mode="json")
        changes = {name: whole[name] for name in one.changes}
        for name in ("limits", "reasons"):
            if name in changes:
                changes[name] = {str(key): whole[name][str(key)] for key in one.changes[name]}
        rules.append(
            {
                "name": one.name,
                "sources": [str(source) for source in one.sources],
                "classes": list(one.classes),
                "changes": changes,
            }
        )
    return {"name": policy.name, "base": base, "rules": rules}


def _rule(given: Mapping[str, Any], base: Flow, place: str) -> FlowRule:
    body = _without_remarks(given)
    _known(body, _RULE_KEYS, place)
    changes = _without_remarks(body.get("changes", {}))
    value = _flow(FLOW.dump_python(base, mode="json") | changes, place)
    try:
        return FlowRule(
            name=str(body.get("name", "")),
            sources=_SOURCES.validate_python(body.get("sources", ())),
            classes=_CLASSES.validate_python(body.get("classes", ())),
            changes={name: getattr(value, name) for name in changes},
        )
    except ValidationError as error:
        raise PolicyBodyError(f"{place}: {first_of(error)}") from error


def _flow(given: Mapping[str, Any], place: str) -> Flow:
    body = _without_remarks(given)
    _known(body, _NAMES, place)
    if place == "base" and "limits" in body:
        body["limits"] = FLOW.dump_python(Flow(), mode="json")["limits"] | body["limits"]
    try:
        return FLOW.validate_python(body)
    except ValidationError as error:
        raise PolicyBodyError(f"{place}: {first_of(error)}") from error


def _without_remarks(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if not key.startswith("#")}


def _known(body: Mapping[str, Any], names: frozenset[str], place: str) -> None:
    unknown = sorted(set(body) - names)
    if unknown:
        raise PolicyBodyError(
            f"{place}: unknown key {unknown[0]!r}; known are {', '.join(sorted(names))}"
        )
