"""Everything about one trial, for its page."""
