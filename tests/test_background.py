"""What nobody waits for."""

from app.background import Soon
from tests.support import a_door


def test_a_process_that_is_stopping_leaves_a_visit_to_another_and_breaks_nothing() -> None:
    done: list[str] = []
    soon = Soon("asking", lambda _, call: done.append(call))
    soon(a_door(), "CA1")
    soon._pool.shutdown()  # as at the end of a process
    soon(a_door(), "CA2")
    assert done == ["CA1"]
