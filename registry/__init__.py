"""The only place with SQL: tables, queries by subject, migrations."""
