"""What a REDIS_URL may look like, and what it leads to."""

import pytest

from app.redis_urls import Kind, parse


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "server"),
    [
        ("redis://cache", Kind.ONE, [("cache", 6379)], "redis://cache:6379/0"),
        ("redis://:a%40b@10.0.0.1:7000/3", Kind.ONE, [("10.0.0.1", 7000)], "redis://:a%40b@10.0.0.1:7000/3"),
        ("redis://u:p@ss@[::1]:7000", Kind.ONE, [("::1", 7000)], "redis://u:p@ss@[::1]:7000/0"),
        (
            "rediss://:p@cache/?ssl_cert_reqs=none",
            Kind.ONE,
            [("cache", 6379)],
            "rediss://:p@cache:6379/0?ssl_cert_reqs=none",
        ),
        (
            "redis+sentinel://h1:26379,h2:26379/name/0",
            Kind.SENTINEL,
            [("h1", 26379), ("h2", 26379)],
            "redis://h1:26379/0",
        ),
        ("rediss+sentinel://:p@h1,h2/name/2", Kind.SENTINEL, [("h1", 26379), ("h2", 26379)], "rediss://:p@h1:26379/2"),
        (
            "redis+cluster://h1:6379,h2:6379",
            Kind.CLUSTER,
            [("h1", 6379), ("h2", 6379)],
            "redis://h1:6379/0",
        ),
        ("rediss+cluster://u:p@h1/0", Kind.CLUSTER, [("h1", 6379)], "rediss://u:p@h1:6379/0"),
    ],
)
def test_an_address_leads_to_servers(url: str, kind: Kind, hosts: list[tuple[str, int]], server: str) -> None:
    found = parse(url)
    assert (found.kind, list(found.hosts), found.server(found.hosts[0])) == (kind, hosts, server)


def test_sentinels_have_a_password_of_their_own() -> None:
    url = "rediss+sentinel://:data@h1/name?sentinel_password=a%2Fb&sentinel_username=door&ssl_cert_reqs=none"
    found = parse(url)
    assert found.sentinel(("h1", 1)) == "rediss://door:a%2Fb@h1:1/0?ssl_cert_reqs=none"
    assert found.server(("h1", 1)) == "rediss://:data@h1:1/0?ssl_cert_reqs=none"
    assert parse("redis+sentinel://:data@h1/name").sentinel(("h1", 1)) == "redis://h1:1/0"


@pytest.mark.parametrize(
    "url",
    [
        "redis://h1,h2",
        "redis+sentinel://h1:26379",
        "redis+sentinel://h1:26379/",
        "redis+sentinel://h1:26379/name/x",
        "redis+sentinel://h1:26379/na me",
        "redis+sentinel://h1:26379,/name",
        "redis+cluster://h1:6379/1",
        "redis+cluster://h1:6379,h2:99999",
        "redis+cluster://",
        "redis+socket://h1",
        "redis://h1?socket_timeout=9",
        "redis+cluster://h1?sentinel_password=x",
        "rediss://h1#frag",
        "redis://h1:0",
        "redis://host:６３７９",
        "redis://:a[b@h1",
        "redis+sentinel://:a[b@h1/name",
        "redis+cluster://:a[b@h1",
        "redis://:a℀b@h1",
        "redis://:a\udcffb@h1",
        "rediss://h1?ssl_cert_reqs=bogus",
    ],
)
def test_what_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not a") as caught:
        parse(url)
    assert caught.value.__cause__ is None
