"""Durable order and waiting: one workflow a case; client.py is the only door from outside."""
