"""What all processes share in Redis: counts of tries. All of it may be lost.

While Redis does not answer, each process counts in its own memory, so that no request and no booking fails with it.
"""

import time
from collections.abc import Callable
from typing import Any, ClassVar, Final

import structlog
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import Redis, RedisError

logger = structlog.get_logger(__name__)

# After Redis did not answer, nobody waits for it again within so many seconds.
PAUSE: Final = 5.0
METHODS: Final = (
    *("add", "get", "set", "touch", "delete", "incr", "has_key"),
    *("get_many", "set_many", "delete_many", "clear"),
)


class SharedCache(RedisCache):
    """Django's own, which takes this process's memory instead while Redis does not answer."""

    # Of the process: threads have caches of their own, and Redis is gone for all of them.
    asked_again_at: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.own = LocMemCache("while-redis-is-away", {})

    def ask[Answer](self, question: Callable[[], Answer], otherwise: Callable[[], Answer]) -> Answer:
        """Ask Redis, or do without it while it does not answer."""
        if time.monotonic() < SharedCache.asked_again_at:
            return otherwise()
        try:
            answer = question()
        except RedisError as error:
            # What the error says may hold the address, and so a password.
            logger.warning("cache.away", error=type(error).__name__)
            SharedCache.asked_again_at = time.monotonic() + PAUSE
            return otherwise()
        if SharedCache.asked_again_at:
            SharedCache.asked_again_at = 0.0
            logger.info("cache.back")
        return answer

    def redis(self) -> Redis:
        """Return a client of the library, with our time limits."""
        client: Redis = self._cache.get_client(write=True)
        return client


def either(name: str) -> Callable[..., Any]:
    """Return a method of a cache that is there with Redis and without it."""
    with_redis, without = getattr(RedisCache, name), getattr(LocMemCache, name)

    def method(self: SharedCache, *args: Any, **more: Any) -> Any:
        return self.ask(lambda: with_redis(self, *args, **more), lambda: without(self.own, *args, **more))

    return method


for _name in METHODS:
    setattr(SharedCache, _name, either(_name))


def shared() -> SharedCache | None:
    """Return the cache that the processes share; None where each has its own."""
    found = caches["default"]
    return found if isinstance(found, SharedCache) else None


def is_answering() -> bool:
    """Whether Redis answers now."""
    cache = shared()
    return cache is not None and cache.ask(lambda: bool(cache.redis().ping()), lambda: False)
