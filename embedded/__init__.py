"""The local Postgres and Temporal for `make up`, tests and benchmarks."""
