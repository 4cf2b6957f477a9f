"""The JSON API: parse, one call, answer."""
