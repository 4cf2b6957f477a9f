"""Throughput against the same case on DBOS: only where the optional package is installed."""

from importlib.util import find_spec

from bench.figures import Figure
from bench.site import Site


async def measure(site: Site) -> list[Figure]:  # noqa: ARG001  one signature for all measures
    """Say why there is no figure."""
    why = "not installed" if find_spec("dbos") is None else "installed, but not written yet"
    return [Figure(name="dbos: throughput", measured=None, note=f"skipped: dbos is {why}")]
