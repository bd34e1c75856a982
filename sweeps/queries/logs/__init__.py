"""Reading logs: what is looked for, where one is in them, and a page of lines."""
