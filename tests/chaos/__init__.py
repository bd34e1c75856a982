"""The chaos suite: processes are killed, networks cut, brokers emptied, disks filled, at a random moment of a sweep.

`python -m tests.chaos` plays rounds (`make chaos`). A round starts a small sweep on a whole running program (`stage`),
lets one fault happen (`faults`), waits for the sweep's end, and compares the database with what the Trainer logged to
a file of its own (`witness`) and with an undisturbed run of the same sweep (`audit`). Everything random comes from the seed.
"""
