"""A bound on how long somebody waits. A socket's timeout is none: it starts anew with each address and each byte."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import TypeVar

T = TypeVar("T")

AT_ONCE = 32  # so many may be under way, also after nobody waits for them any more


class Deadline:
    """Does something in a thread of its own, and waits for it no longer than so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._free = BoundedSemaphore(AT_ONCE)

    def __call__(self, act: Callable[[], T]) -> T:
        """What `act` returns or raises; TimeoutError where that takes too long."""
        if not self._free.acquire(timeout=self._seconds):
            raise TimeoutError
        done: Future[T] = Future()
        Thread(target=self._run, args=(act, done), name="asking", daemon=True).start()
        return done.result(self._seconds)

    def _run(self, act: Callable[[], T], done: Future[T]) -> None:
        try:
            done.set_result(act())
        except BaseException as error:  # whoever waits has to know of it
            done.set_exception(error)
        finally:
            self._free.release()
