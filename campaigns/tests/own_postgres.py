"""A PostgreSQL that belongs to one test: restarted in the middle of things as it likes."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from campaigns.management.ports import find_port


class OwnPostgres:
    """`url` is its address, whether it runs or not. It does not run as root, so it has a folder
    outside those of the tests, which nobody else may enter."""

    def __init__(self):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        on_path = shutil.which("initdb")
        if not found and not on_path:
            pytest.skip("There is no PostgreSQL: apt-get install postgresql")
        self.programs = found[-1].parent if found else Path(on_path).parent
        self.user = "postgres" if os.getuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="magpie-postgres-"))
        if self.user:
            shutil.chown(self.folder, self.user)
        self.port = find_port()
        self.url = f"postgres://magpie@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-U", "magpie", "--auth=trust", "-E", "UTF8", "--locale=C")

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", log)

    def restart(self, mode):
        """`mode`: "fast" breaks connections off, "immediate" is a crash."""
        self._run("pg_ctl", "restart", "-w", "-m", mode)

    def crash(self):
        """It is away until it is started."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def stop(self):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                self._run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(self.folder)

    def _run(self, program, *words):
        command = [str(self.programs / program), "-D", str(self.folder), *words]
        subprocess.run(
            command,
            user=self.user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
