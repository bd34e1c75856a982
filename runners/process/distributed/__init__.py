"""One trial in several processes (distributed data parallel).

A child whose spec wants more than one process becomes the `leader` of a group: it forks one process per `rank`, trains
nothing itself, and is the only one that decides what becomes of a trial that cannot end well. Rank 0 asks for permits
and searches; the others follow it (`follower`). `beats` tell the leader that a rank still moves, `stacks` where one that
does not has stopped, `ending` writes the end of a trial that its rank 0 cannot write.

The ranks' environment is the contract that torchrun sets: RANK, LOCAL_RANK, WORLD_SIZE, LOCAL_WORLD_SIZE, MASTER_ADDR,
MASTER_PORT.
"""
