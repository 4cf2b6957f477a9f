"""What fields of forms may hold, and the word that one of them cannot be read."""

import re

CODE = re.compile(r"[A-Za-z0-9_.:-]{0,64}")


class BadFieldError(Exception):
    """A field of a form cannot be read; `field` is its name, `row` the row it stands in."""

    def __init__(self, name: str, *, row: int = 0) -> None:
        super().__init__(f"bad field {name}")
        self.field = name
        self.row = row
