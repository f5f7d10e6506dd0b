"""One import in a process of its own: prints the MB it held at most.

Run as a module: `python -m campaigns.management.benchmarks.import_memory FILE`.
"""

import sys
from typing import Any

import django

FROM: dict[str, Any] = {
    "consent_method": "web",
    "consent_wording": "Yes, text me offers.",
    "consent_source": "example.com/sale",
}

if __name__ == "__main__":
    django.setup()

    from django.core.management import call_command

    from campaigns.management.benchmarks.worker_memory import peak_memory

    call_command("import_contacts", sys.argv[1], list="Bench", **FROM)
    print(peak_memory())
