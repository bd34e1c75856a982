"""How many trials train at a time on one device: found out while they train, kept within its memory, and remembered.

`controller` decides, from what `observed` holds, and does no I/O; `crew` (in `jobs`) starts and dismisses children by it.
"""
