"""Measures the budgets of docs/decisions/0009-budgets.md: a report, not a test."""
