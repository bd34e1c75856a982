"""The contract between server and runner.

Both sides import this package and nothing of each other. It needs the standard library and pydantic only: no
Django, no torch. A change here is a change of contract: raise `PROTOCOL_VERSION` when an old runner could no
longer talk to a new server, or the reverse.
"""

PROTOCOL_VERSION = 2
"""2: trials at a time may be "auto", attempts may be backed off, a runner tells how many it has packed, and what its self-check found."""
