"""Effects: one activity is one transaction, and may run twice."""
