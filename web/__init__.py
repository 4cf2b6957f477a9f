"""Pages, templates and static files over the same dependencies as the API."""
