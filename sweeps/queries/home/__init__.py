"""The first page of a team: a fixed number of queries however much there is."""
