"""Assets, one module per layer of the day: batches → raw → dbt → payouts → published."""
