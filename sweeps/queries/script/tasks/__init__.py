"""One module per task: how its rows are read, what collates and measures them."""
