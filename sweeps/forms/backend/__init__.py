"""The sweep's form for each backend: its fields, its sections, and the way to and from the draft."""
