"""A PostgreSQL database for one run of the benchmarks: made before it, dropped after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from campaigns.management.benchmarks.report import Missing


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """The address of a database that exists meanwhile; one that exists already is refused."""
    server, _, name = url.rpartition("/")
    try:
        connection = psycopg.connect(f"{server}/postgres", autocommit=True)
    except psycopg.OperationalError as error:
        where = urlsplit(url)
        raise Missing(f"no PostgreSQL lets us in at {where.hostname}:{where.port}") from error
    with connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            yield url
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
