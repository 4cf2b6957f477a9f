"""The sources that a person types reports in from."""

from domain.book import Book
from domain.channels import sources_of
from domain.people import Actor
from domain.terms import Source

MACHINES = frozenset({Source.IMPORT, Source.SENSOR, Source.OPEN311})
"""Sources that no person types in."""


def sources_for(actor: Actor, book: Book) -> tuple[Source, ...]:
    """The sources that he may type in; empty for who only reports like any citizen."""
    roles = {grant.role for grant in actor.grants}
    listed = [one for one in sources_of(actor, book) if one not in MACHINES]
    own = any(roles & set(rule.entered_by) for rule in book.sources if rule.source in listed)
    return tuple(listed) if own else ()
