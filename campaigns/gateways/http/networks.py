"""Where we may fetch from: the public internet, and nothing behind our own walls."""

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

PORTS = {"http": 80, "https": 443}
#: Our own list: Python's `is_global` lets some of these through (RELIABILITY.md §0, fact 10).
FORBIDDEN = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's own services
        "169.254.0.0/16",  # link-local, metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
]
#: The only part of IPv6 that is public. Outside of it: loopback, IPv4 in disguise, NAT64, private,
#: link-local, multicast.
PUBLIC_V6 = IPv6Network("2000::/3")


class FetchRefused(ValueError):
    """An address was not fetched. Its text is for people and does not tell where it leads."""


class NotPublic(FetchRefused):
    """Nobody out there reaches it: it leads behind walls, or nowhere."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be fetched, pinned to the address that was judged."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def name(self) -> str:
        """The host as certificates write it."""
        return self.host.rstrip(".")

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def resolve_host(host: str, port: int) -> list[str]:
    """Every address of a host, as the system finds it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def find_target(url: str, allowed: Iterable[str], resolve: Resolver) -> Target:
    """Where `url` leads; raises `FetchRefused`. `allowed` networks are exempt from every rule."""
    networks = [ip_network(network, strict=False) for network in allowed]
    parts, host, port = _split(url)
    is_usual = port in PORTS.values()
    if not is_usual and not networks:
        raise NotPublic("Only the usual ports of http and https (80 and 443) are fetched.")
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        raise NotPublic("The name of the host was not found: check the address.")
    for address in addresses:
        if not (is_usual and is_public(address)) and not _is_in(address, networks):
            raise NotPublic("The address does not lead to a public place of the internet.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, addresses[0], path)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = _parse(address)
    if ip is None or (ip.version == 6 and ip not in PUBLIC_V6):
        return False
    return not any(ip in network for network in FORBIDDEN)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    ip = _parse(address)
    return ip is not None and any(ip in network for network in networks)


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


def _split(url: str) -> tuple[SplitResult, str, int]:
    """The parts of a URL, its host as DNS writes it, and its port."""
    if re.search(r"[\x00-\x20\x7f\\]", url) or len(url) > 2000:
        raise FetchRefused("The address holds characters that no address has, or is too long.")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:
        raise FetchRefused("This is not an address: it starts with https://host/.") from None
    if parts.scheme not in PORTS or not host:
        raise FetchRefused("Only addresses that start with http:// or https:// are fetched.")
    if parts.username is not None or parts.password is not None:
        raise FetchRefused("The address holds a user name or password: leave them out.")
    return parts, host, PORTS[parts.scheme] if port is None else port
