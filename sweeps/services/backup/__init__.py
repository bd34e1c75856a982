"""Everything that a server knows as one file, made while it works, and put back into an empty place."""
