"""The web server as in production, as a process of a machine, and callbacks it was given."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

from running import wait_for

from campaigns.management.ports import find_port

CHANNEL = """
from django.contrib.auth.models import User
from campaigns.models import Channel
from campaigns.services.channels import save_channel
from campaigns.services.hook_addresses import hook_url
user = User.objects.create_user("web", is_staff=True)
channel = Channel(name="Web", base_url="http://127.0.0.1:1/", requests_per_second=10)
save_channel(channel, values={}, secrets={"x_api_key": "web"}, by=user)
print(hook_url(channel))
"""
BODIES = """
import json
from collections import Counter
from campaigns.models import WebhookPost
bodies = (bytes(body).decode() for body in WebhookPost.objects.values_list("body", flat=True))
print(json.dumps(Counter(bodies)))
"""


class Web:
    """gunicorn with two workers of eight threads; `hook` is a callback address."""

    def __init__(self, machine, settings="mmsportal.settings"):
        self.machine = machine
        self.port = find_port()
        address = f"http://127.0.0.1:{self.port}"
        machine.environment |= {"PUBLIC_BASE_URL": address, "DJANGO_SETTINGS_MODULE": settings}
        self.address = address

    def make_hook(self):
        self.hook = self.machine.manage("shell", "-v0", "-c", CHANNEL).split()[-1]

    def start(self):
        served = ("mmsportal.wsgi", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread")
        with self.machine.log.open("ab") as log:
            self.main = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", *served, "--workers", "2", "--threads", "8"],
                cwd=self.machine.code,
                env=self.machine.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for("the web server", self.workers, 60)

    def workers(self):
        """Process ids, of those that have begun."""
        children = f"/proc/{self.main.pid}/task/{self.main.pid}/children"
        with open(children) as file:
            return [int(pid) for pid in file.read().split()]

    def kill(self):
        """All of it, and it must be started again."""
        with suppress(ProcessLookupError):
            os.killpg(self.main.pid, signal.SIGKILL)
        self.main.wait()
