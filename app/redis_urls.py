"""REDIS_URL, taken apart: one server, a server that Sentinels name, or a cluster."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, quote, urlencode, urlsplit

FORM = re.compile(
    r"(?P<scheme>rediss?)(\+(?P<kind>sentinel|cluster))?://((?P<user>[^/?#]*)@)?(?P<hosts>[^/?#@]+)"
    r"(?P<path>/[^?#]*)?(\?(?P<query>[^#]*))?"
)
HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[1-9][0-9]{0,4}))?", re.ASCII)
TLS_OPTIONS = frozenset({"ssl_cert_reqs", "ssl_ca_certs", "ssl_check_hostname"})  # of rediss; timeouts are ours
CERTIFICATES = frozenset({"required", "optional", "none"})  # what ssl_cert_reqs may be
SENTINEL_OPTIONS = frozenset({"sentinel_username", "sentinel_password"})
HIGHEST_PORT = 65_535
EXAMPLES = (
    "redis://host:6379/0, redis+sentinel://h1:26379,h2:26379,h3:26379/mymaster/0 (all Sentinels, and what they "
    "call the server) or redis+cluster://h1:6379,h2:6379; with rediss in place of redis where it speaks TLS. "
    "What is special in a password is written %40 for @, %2F for /, %23 for #, %3F for ?, %5B for [ and %25 for %"
)

Address = tuple[str, int]


class Kind(StrEnum):
    """What the hosts of an address are."""

    ONE = "one"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


PATHS = {
    Kind.ONE: re.compile(r"/?|/(?P<db>[0-9]+)", re.ASCII),
    Kind.SENTINEL: re.compile(r"/(?P<name>[A-Za-z0-9._-]+)(/(?P<db>[0-9]*))?", re.ASCII),
    Kind.CLUSTER: re.compile(r"/?|/0"),
}
DEFAULT_PORTS = {Kind.ONE: 6379, Kind.SENTINEL: 26379, Kind.CLUSTER: 6379}


@dataclass(frozen=True)
class RedisUrl:
    """The parts of a REDIS_URL. `user` is its user and password with an @, as they are written there."""

    kind: Kind
    scheme: str
    user: str
    hosts: tuple[Address, ...]
    name: str
    db: str
    options: dict[str, str]

    def server(self, address: Address) -> str:
        """The address of a server that holds records."""
        options = {name: value for name, value in self.options.items() if name in TLS_OPTIONS}
        return self._url(self.user, address, self.db, options)

    def sentinel(self, address: Address) -> str:
        """The address of a Sentinel, which has a password of its own, or none."""
        who = [quote(self.options.get(option, ""), safe="") for option in sorted(SENTINEL_OPTIONS, reverse=True)]
        user = f"{':'.join(who)}@" if any(who) else ""
        return self._url(user, address, "0", {k: v for k, v in self.options.items() if k in TLS_OPTIONS})

    def _url(self, user: str, address: Address, db: str, options: dict[str, str]) -> str:
        host, port = address
        named = f"[{host}]" if ":" in host else host
        return f"{self.scheme}://{user}{named}:{port}/{db}" + (f"?{urlencode(options)}" if options else "")


def parse(url: str) -> RedisUrl:
    """Take a REDIS_URL apart; ValueError where it is none."""
    found = FORM.fullmatch(url)
    if found is None:
        raise ValueError("not a REDIS_URL")
    kind = Kind(found["kind"] or Kind.ONE)
    hosts = tuple(_host(each, DEFAULT_PORTS[kind]) for each in found["hosts"].split(","))
    path = PATHS[kind].fullmatch(found["path"] or "")
    options = {name: values[-1] for name, values in parse_qs(found["query"] or "", keep_blank_values=True).items()}
    allowed = (TLS_OPTIONS if found["scheme"] == "rediss" else frozenset()) | (
        SENTINEL_OPTIONS if kind is Kind.SENTINEL else frozenset()
    )
    if path is None or not options.keys() <= allowed or (kind is Kind.ONE and len(hosts) > 1):
        raise ValueError("not a REDIS_URL")
    if options.get("ssl_cert_reqs", "none") not in CERTIFICATES:
        raise ValueError("not a way to look at a certificate")
    user = f"{found['user']}@" if found["user"] is not None else ""
    parts = path.groupdict()
    whole = RedisUrl(kind, found["scheme"], user, hosts, parts.get("name") or "", parts.get("db") or "0", options)
    _try(whole.server(hosts[0]))
    return whole


def _try(address: str) -> None:
    """Have ValueError raised here, without the password in it, and not where the address is used."""
    try:
        urlsplit(address)
        address.encode()
    except ValueError:
        raise ValueError("not a user and password") from None


def _host(text: str, default_port: int) -> Address:
    found = HOST.fullmatch(text)
    if found is None or int(found["port"] or 1) > HIGHEST_PORT:
        raise ValueError("not a host")
    return found["name"].strip("[]"), int(found["port"] or default_port)
