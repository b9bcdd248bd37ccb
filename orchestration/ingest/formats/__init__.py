"""Kinds of files: how each becomes rows of text, told apart by column and by where they stand in the export."""
