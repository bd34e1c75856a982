"""The list of sweeps: what its address asks for, and its rows, in as many queries however many sweeps there are."""
