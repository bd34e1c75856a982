"""The API as people read it."""
