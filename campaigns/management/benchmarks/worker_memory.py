"""One slice of sending in a process of its own: prints the MB it held at most.

Run as a module: `python -m campaigns.management.benchmarks.worker_memory CHANNEL CERTIFICATE`.
"""

import sys
from pathlib import Path

import django


def peak_memory() -> float:
    """MB at the highest, of this program alone: `getrusage` would count its parent's (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    django.setup()

    from campaigns.models import Channel
    from campaigns.services.channels import open_gateway
    from campaigns.services.dispatch import send_due

    channel = Channel.objects.get(pk=int(sys.argv[1]))
    send_due(channel.pk, gateway=open_gateway(channel, verify=sys.argv[2]))
    print(peak_memory())
