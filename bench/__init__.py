"""Measures the budgets of docs/decisions/0010-budgets.md: a report, not a test."""
