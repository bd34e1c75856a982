"""The team's library for programs: models, search spaces, data sets and their versions."""
