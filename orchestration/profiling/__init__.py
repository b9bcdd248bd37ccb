"""Drafts a source profile from a folder of files: what the files are, and what their columns most likely mean.

Guesses are made from whole columns, with no network and no chance in them: the same files give the same draft.
"""
