"""From files as an MIS wrote them to typed, guarded rows in the warehouse. Dagster-free: plain functions over paths."""
