"""Puts what was read and guarded into the warehouse, and notes which days that touches."""
