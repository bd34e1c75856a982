"""The command `hpweb`: the client for terminals and scripts. Needs typer and rich."""
