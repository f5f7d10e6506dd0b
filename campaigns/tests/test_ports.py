"""Ports for the servers of journeys, benchmarks and the kill test."""

import socket
from pathlib import Path

from campaigns.management.ports import PORTS, are_free, find_port, find_ports


def test_a_port_that_somebody_has_is_not_free():
    port = find_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        assert not are_free([port])
        assert not are_free([port - 1, port])
    assert are_free([port])


def test_several_ports_are_in_a_row():
    first, second, third = find_ports(3)
    assert (second, third) == (first + 1, first + 2)


def test_no_connection_is_given_a_port_of_ours():
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert find_port() in PORTS
    assert max(PORTS) + 10 < lowest
