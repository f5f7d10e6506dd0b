"""A Redis that belongs to one test: started on a free port, stopped and started as it likes."""

import shutil
import subprocess
import time

import pytest
from redis import Redis
from redis.exceptions import ConnectionError

from campaigns.management.ports import find_port

START_SECONDS = 20


class OwnRedis:
    """`url` is its address, whether it runs or not."""

    def __init__(self, folder):
        self.program = shutil.which("redis-server")
        if self.program is None:
            pytest.skip("There is no redis-server: apt-get install redis-server")
        self.folder = folder
        self.port = find_port()
        self.url = f"redis://127.0.0.1:{self.port}/3"
        self.process = None

    def start(self):
        options = {"--port": self.port, "--bind": "127.0.0.1", "--dir": self.folder, "--save": ""}
        words = [str(word) for option in options.items() for word in option]
        self.process = subprocess.Popen([self.program, *words], stdout=subprocess.DEVNULL)
        ends_at = time.monotonic() + START_SECONDS
        while not self.answers():
            assert time.monotonic() < ends_at, "Redis does not start."
            time.sleep(0.05)

    def answers(self):
        try:
            with Redis.from_url(self.url) as client:
                return client.ping()
        except ConnectionError:
            return False

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
