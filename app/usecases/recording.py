"""All that keeps the log believable, together: sealing it, checking it again, telling where it stands."""

from collections.abc import Callable, Sequence
from datetime import datetime

from app.domain.office import Office
from app.ports import Store
from app.usecases.breaches import Breaches
from app.usecases.seal_checks import SealChecks
from app.usecases.seal_keys import SealKeys
from app.usecases.seal_posts import SealPosts
from app.usecases.sealing import Sealing


class Recording:
    """`logs` are the partitions, and may become more."""

    def __init__(self, store: Store, keys: SealKeys, office: Office, logs: Sequence[str]) -> None:
        self.breaches = breaches = Breaches(store, office.doors, office.seals)
        self.sealing = Sealing(store, keys, logs, breaches)
        self.checks = SealChecks(store, keys, logs, breaches)
        self.posts = SealPosts(store, keys, logs, office.doors, office.seals)

    @property
    def timed(self) -> Sequence[Callable[[datetime], None]]:
        """What one process does every few seconds; nobody waits for it."""
        return self.sealing.seal, self.checks.look, self.posts.post
