"""Workers as processes on a database of their own, and a provider that counts who got what."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from running import KEPT, wait_for

ROOT = Path(__file__).resolve().parents[3]
STOP_SECONDS = 30
FILLED = """
from campaigns.management.benchmarks.rows import make_channel, make_filled_campaign
from campaigns.models import Campaign, Channel
channel = make_channel({url!r})
Channel.objects.update(requests_per_second={rate}, connections={connections})
make_filled_campaign(channel, {people})
Campaign.objects.update(status="sending")
"""
COUNTS = """
import json
from django.db.models import Count
from campaigns.models import Message
rows = Message.objects.order_by().values_list("status").annotate(count=Count("id"))
print(json.dumps({str(status): count for status, count in rows}))
"""


class Provider:
    """Accepts every message after so many seconds."""

    def __init__(self, seconds=0.0):
        self.seconds = seconds
        self.lock = threading.Lock()
        self.got = Counter()
        self.answered = Counter()
        self.times = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def take(self, phone):
        with self.lock:
            self.got[phone] += 1
            self.times.append(time.monotonic())
            number = len(self.times)
        time.sleep(self.seconds)
        with self.lock:
            self.answered[phone] += 1
        return {"status": "success", "to": phone, "tracking-id": f"stub-{number}"}

    def _handler(provider):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps(provider.take(asked["to"])).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


class Machine:
    """One machine of a portal: its folder, and the workers that run there."""

    def __init__(self, folder, code=ROOT, **environment):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.code = Path(code)
        self.log = self.folder / "log"
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ} | {
            "DATA_DIR": str(self.folder),
            "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
            "FIRST_QUIET_HOURS": "open",
            "WORKERS": "2",
            "MAGPIE_MACHINE": str(self.folder),
            **environment,
        }

    def manage(self, *words):
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.code,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def prepare(self, provider, *, people, rate, connections=16, empty=None):
        """A campaign that waits to be sent, in a new database or in a copy of an `empty` one."""
        self.take(empty)
        asked = {"people": people, "rate": rate, "connections": connections}
        self.manage("shell", "-v0", "-c", FILLED.format(url=provider.url, **asked))

    def take(self, empty=None):
        """A new database, or a copy of an `empty` one."""
        if empty is None:
            self.manage("migrate", "-v0")
        else:
            shutil.copy(empty, self.folder)

    def counts(self):
        """How many rows are in which state."""
        from campaigns.rules.statuses import MessageStatus

        found = json.loads(self.manage("shell", "-v0", "-c", COUNTS).splitlines()[-1])
        return {MessageStatus(int(status)).name: count for status, count in found.items()}

    def start(self):
        with self.log.open("ab") as log:
            self.main = subprocess.Popen(
                [sys.executable, "manage.py", "watch_workers"],
                cwd=self.code,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def processes(self):
        mark = f"MAGPIE_MACHINE={self.folder}\0".encode()
        return [
            int(folder.name)
            for folder in Path("/proc").glob("[0-9]*")
            if mark in _read(folder / "environ") + b"\0"
        ]

    def has_ended(self):
        return self.main.poll() is not None and not self.processes()

    def wait_for_end(self):
        """How long it took."""
        started_at = time.monotonic()
        wait_for("all its processes to end", self.has_ended, STOP_SECONDS)
        return time.monotonic() - started_at

    def kill(self):
        for process in self.processes():
            os.kill(process, signal.SIGKILL)
        if hasattr(self, "main"):
            self.main.wait()


def _read(file):
    try:
        return file.read_bytes()
    except (ProcessLookupError, FileNotFoundError, PermissionError):
        return b""
