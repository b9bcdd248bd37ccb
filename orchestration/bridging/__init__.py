"""Why revenue changed: the parts of each factor of a tree in a change, for any two periods. No Dagster, no printing."""
