"""Dry-runs a profile on files: reads and guards them as a day would, into a temporary folder, and says what was found.

Nothing here opens the warehouse or the batches of the pipeline.
"""
