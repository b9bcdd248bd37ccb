"""Privacy: what personal data look like, what a message may quote, and the scanner of everything that a run leaves.

Replacing and dropping columns by the contracts is the reader's (`ingest/mapping`); Dagster is not known here.
"""
