"""Whose turn it is: priority first, then the team that has had least, in it the person that has had least, then age.

Fair share as in fair-share queueing: what a team or person has had of late is known in slot-seconds, and each slot that
is given now counts as `QUANTUM` of them at once, so that two that begin at the same time take turns.
"""

import heapq
from collections import deque
from collections.abc import Iterator
from typing import Final

from sweeps.scheduling.snapshot import Request, Snapshot

QUANTUM: Final = 600.0
"""Slot-seconds that a slot counts from the moment it is given: about a short sweep."""
AGEING_S: Final = 6 * 3600.0
"""After so long a sweep of lower priority waits as one that is higher by one."""


def effective_priority(request: Request, now: float, top: int) -> int:
    """The priority with the sweep's age, so that nobody waits for ever; age alone never passes `top`, the highest asked
    for: among equals fair share decides, and a long queue of one team does not become a right of way."""
    aged = request.priority + int(max(0.0, now - request.queued_at) // AGEING_S)
    return max(request.priority, min(top, aged))


class Turns:
    """Hands out requests one by one. `charge` between two of them changes who comes next."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._used = dict(snapshot.used)
        self._team_used: dict[int, float] = {}
        for (team, _), seconds in self._used.items():
            self._team_used[team] = self._team_used.get(team, 0.0) + seconds
        top = max((request.priority for request in snapshot.requests), default=0)
        levels: dict[int, list[Request]] = {}
        for request in snapshot.requests:
            levels.setdefault(effective_priority(request, snapshot.now, top), []).append(request)
        self._levels = [levels[level] for level in sorted(levels, reverse=True)]

    def charge(self, request: Request, slots: int) -> None:
        """So many slots are given to, or kept for, the request's team and person."""
        key = (request.shape.team, request.person)
        self._used[key] = self._used.get(key, 0.0) + slots * QUANTUM
        self._team_used[key[0]] = self._team_used.get(key[0], 0.0) + slots * QUANTUM

    def __iter__(self) -> Iterator[Request]:
        for level in self._levels:
            yield from self._level(level)

    def _level(self, requests: list[Request]) -> Iterator[Request]:
        queues: dict[int, dict[int, deque[Request]]] = {}
        for request in sorted(requests, key=lambda request: (request.queued_at, request.pk)):
            queues.setdefault(request.shape.team, {}).setdefault(request.person, deque()).append(request)
        teams = [self._team_entry(team, people) for team, people in queues.items()]
        heapq.heapify(teams)
        people = {
            team: [self._entry(team, person, queue) for person, queue in of.items()] for team, of in queues.items()
        }
        for heap in people.values():
            heapq.heapify(heap)
        while teams:
            team = heapq.heappop(teams)[-1]
            person = heapq.heappop(people[team])[-1]
            queue = queues[team][person]
            yield queue.popleft()
            if queue:
                heapq.heappush(people[team], self._entry(team, person, queue))
            else:
                del queues[team][person]
            if queues[team]:
                heapq.heappush(teams, self._team_entry(team, queues[team], people[team]))

    def _entry(self, team: int, person: int, queue: deque[Request]) -> tuple[float, float, int, int]:
        first = queue[0]
        return self._used.get((team, person), 0.0), first.queued_at, first.pk, person

    def _team_entry(
        self, team: int, people: dict[int, deque[Request]], heap: list[tuple[float, float, int, int]] | None = None
    ) -> tuple[float, float, int, int]:
        # Of teams that have had the same, the one whose next sweep is oldest.
        first = heap[0][1:3] if heap else min((queue[0].queued_at, queue[0].pk) for queue in people.values())
        return self._team_used.get(team, 0.0), *first, team
