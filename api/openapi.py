"""The OpenAPI document as a file, so that a change of the API is seen in review."""

import json
from pathlib import Path

from fastapi import FastAPI

from api.routes import new_app

FILE = Path(__file__).parent.parent / "docs" / "openapi.json"


def text(app: FastAPI | None = None) -> str:
    """The document, in a stable form."""
    document = (app or new_app(https=True)).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write() -> Path:
    """Write the document; `manage.py openapi`."""
    FILE.write_text(text(), encoding="utf-8")
    return FILE
