"""Free ports on loopback, for servers that are started, killed and started again."""

import socket
from contextlib import ExitStack
from random import SystemRandom

#: Below the ports that a kernel gives to connections: such a one would take it between two starts.
PORTS = range(12_000, 32_000)


def find_ports(count: int) -> list[int]:
    """So many free ports in a row."""
    while True:
        first = SystemRandom().choice(PORTS)
        if are_free(ports := [first + place for place in range(count)]):
            return ports


def find_port() -> int:
    return find_ports(1)[0]


def are_free(ports: list[int]) -> bool:
    with ExitStack() as probes:
        for port in ports:
            try:
                probes.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
