"""Takes a small sample of an export: nobody can be told from it, and it fails as the whole does."""
