"""Benchmarks: how many times longer than a hand-written DuckDB script. Ratios, not seconds; never a timed test."""
