"""The API's description as people read it: by subject, with fields in rows and examples to copy."""
