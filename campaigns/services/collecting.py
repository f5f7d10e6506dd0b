"""How often a sending process looks for garbage: seldom, and not among what stays for good.

Sending makes some objects per message and drops them a moment later, without circles. With
Python's own thresholds the collector walked over all of Django again and again: 40 % of the CPU
of a batch of 1,000.
"""

import gc
from functools import cache

#: Objects made between two looks at the youngest.
YOUNGEST = 20_000


@cache
def collect_seldom() -> None:
    """From now on in this process; what is loaded by now is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, *gc.get_threshold()[1:])
