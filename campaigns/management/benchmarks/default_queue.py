"""Settings of a default django-q2 cluster, for the baseline of one task per message."""

from mmsportal.settings import *  # noqa: F403

# The name is part of the key under which tasks are found.
Q_CLUSTER = {"name": "mmsportal", "orm": "default", "timeout": 60, "retry": 120}
