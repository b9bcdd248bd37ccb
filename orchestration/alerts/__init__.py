"""Alerts: what a failed day says to people who are not looking at a screen, and how it reaches them. No Dagster."""
