"""Privacy: what personal data look like, what is hidden of a message, and the scanner that proves nothing was left behind.

Free of Dagster and of the reader: the reader replaces and drops by the contracts (`ingest/mapping`), this room checks.
"""
