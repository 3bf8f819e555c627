"""Keep below a rate limit: requests per window in, a bucket that makes its callers wait out.

A bucket counts the requests of one process. Give each of several processes its share of the limit.
"""

import threading
import time
from collections import deque
from collections.abc import Callable


class TokenBucket:
    """Hold `limit` tokens; each one taken comes back a whole window (and the slack) later.

    A bucket that refills evenly lets nearly twice the limit through in one window: a full
    bucket at once, then the refill. This one never does, wherever the window starts.
    """

    def __init__(
        self,
        limit: int,
        window: float = 2.0,
        slack: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take requests per window; the slack (seconds) covers requests that travel at unequal speed."""
        if limit < 1 or window <= 0 or slack < 0:
            raise ValueError("limit and window must be positive, slack must not be negative")
        self._hold = window + slack
        self._clock = clock
        self._sleep = sleep
        self._taken: deque[float] = deque(maxlen=limit)
        self._closed_until = clock()
        self._paused = False
        self._lock = threading.Lock()

    def acquire(self) -> float:
        """Wait for a token, take it, and return the moment it was taken (on the bucket's clock)."""
        while True:
            moment, wait = self._try_take()
            if wait <= 0:
                return moment
            # The lock is free while this thread sleeps, so pause() reaches those who wait.
            self._sleep(wait)

    def pause(self, seconds: float) -> None:
        """Give out nothing for this long, then one token, and the others a window later.

        Call it when any caller meets HTTP 429. If the one request meets another 429, pause again and longer.
        """
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)
            self._paused = True

    def _try_take(self) -> tuple[float, float]:
        with self._lock:
            now = self._clock()
            free_at = self._closed_until
            if len(self._taken) == self._taken.maxlen:
                free_at = max(free_at, self._taken[0] + self._hold)
            if now >= free_at:
                self._taken.append(now)
                if self._paused:
                    self._paused, self._closed_until = False, now + self._hold
            return now, free_at - now
