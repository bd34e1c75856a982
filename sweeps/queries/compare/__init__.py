"""Trials of any sweeps side by side: what an address asks for, the table, what speaks against comparing, the curves."""
