"""Business definitions as data (contracts, source profiles, pay schemes) and their typed readers. No SQL."""
