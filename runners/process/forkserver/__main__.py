"""`python -m runners.process.forkserver --control FD --parent PID`: started by the supervisor, never by hand."""

import argparse
import gc
import os
import signal
import socket
import time

from runners.process.forkserver.messages import Ready
from runners.process.forkserver.parent import die_with_parent
from runners.process.forkserver.serve import ForkServer
from runners.process.forkserver.warm import count_threads, resident_bytes, warm_up


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m runners.process.forkserver")
    parser.add_argument("--control", type=int, required=True, help="inherited socket to the supervisor")
    parser.add_argument("--parent", type=int, required=True, help="the supervisor's process id")
    parser.add_argument("--entry", default="runners.process.child:main", help="what a child does, module:function")
    parser.add_argument("--bare", action="store_true", help="import the entry only")
    arguments = parser.parse_args()
    die_with_parent(arguments.parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    os.dup2(2, 1)  # a library that prints while it is imported must not write into the supervisor's output

    begun = time.monotonic()
    entry_module = arguments.entry.partition(":")[0]
    missing = warm_up([entry_module]) if arguments.bare else warm_up()
    # Children collect garbage often; what was imported is not garbage. Frozen, it is neither scanned nor, being
    # untouched, copied.
    gc.collect()
    gc.freeze()
    server = ForkServer(socket.socket(fileno=arguments.control), arguments.entry)
    server.tell(
        Ready(
            seconds=time.monotonic() - begun,
            memory=resident_bytes(),
            threads=count_threads(),
            missing=tuple(missing),
        )
    )
    server.serve()


if __name__ == "__main__":
    main()
