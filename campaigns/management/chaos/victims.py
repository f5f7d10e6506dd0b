"""Who can be killed, and how each is found among the processes."""

import os
from pathlib import Path
from random import Random

from django.conf import settings

from campaigns.management.chaos.family import Family, Member, Seen, kill, marked
from campaigns.services.flights import journals

#: Kind → how often it is drawn.
KINDS = {
    "sender": 30,  # the worker that has messages under way
    "worker": 8,
    "next worker": 6,  # it holds the lock of the queue: killed, the others wait for ever
    "pusher": 8,
    "monitor": 8,
    "sentinel": 8,
    "main": 8,
    "cluster": 10,  # its watchdog and everything below it
    "web worker": 7,
    "web": 7,
}


class Victims:
    """Finds processes of a kind and kills one of them with -9."""

    def __init__(self, family: Family, clusters: list[Member], web: Member, random: Random) -> None:
        self.family = family
        self.clusters = clusters
        self.web = web
        self.random = random
        #: Pid → kind: a sentinel's children are alike, but it starts them in a known order.
        self.known: dict[int, str] = {}

    def kill(self, kind: str) -> bool:
        """False when there is nobody of this kind just now."""
        if kind == "cluster":
            return self._kill_cluster()
        if kind == "web":
            self.web.end()
            return True
        pids = self._find(kind)
        if not pids:
            return False
        pid = self.random.choice(pids)
        kill(pid)
        return True

    def _find(self, kind: str) -> list[int]:
        if kind == "web worker":
            return [seen.pid for seen in self.family.children(self.web.process.pid)]
        if kind == "sender":
            return self._senders()
        found = {seen.pid: seen for seen in marked(self.family.folder)}
        mains = [pid for member in self.clusters for pid in self._mains(member, found)]
        sentinels = [seen.pid for seen in found.values() if seen.parent in mains]
        if kind in ("main", "sentinel"):
            return mains if kind == "main" else sentinels
        for sentinel in sentinels:
            self._learn([seen for seen in found.values() if seen.parent == sentinel])
        workers = [pid for pid in found if self.known.get(pid) == "worker"]
        if kind == "next worker":
            return [pid for pid in workers if _reads(pid)]
        return workers if kind == "worker" else [p for p in found if self.known.get(p) == kind]

    def _mains(self, member: Member, found: dict[int, Seen]) -> list[int]:
        """The main processes of clusters: below a watchdog, or the member itself."""
        own = member.process.pid
        if "watch_workers" in member.command:
            return [seen.pid for seen in found.values() if seen.parent == own]
        return [own] if own in found else []

    def _learn(self, children: list[Seen]) -> None:
        """Workers come first, then the monitor, then the pusher; later ones replace the dead."""
        workers = settings.Q_CLUSTER["workers"]
        is_new = not any(seen.pid in self.known for seen in children)
        for number, seen in enumerate(children):
            if is_new and len(children) == workers + 2:
                kind = "worker" if number < workers else ("monitor", "pusher")[number - workers]
                self.known[seen.pid] = kind
        kinds = [self.known.get(seen.pid) for seen in children]
        for seen in children:
            if not is_new and seen.pid not in self.known:
                missing = [kind for kind in ("monitor", "pusher") if kind not in kinds]
                self.known[seen.pid] = missing[0] if len(missing) == 1 else "worker"

    def _senders(self) -> list[int]:
        """Whoever keeps a flight journal with something in it."""
        alive = {seen.pid for seen in marked(self.family.folder)}
        named = (path.name.split(":") for path in journals() if _is_written(path))
        return [int(words[1]) for words in named if int(words[1]) in alive]

    def _kill_cluster(self) -> bool:
        """The watchdog first: it would start what is below it again."""
        member = self.random.choice(self.clusters)
        below = list(self.family.children(member.process.pid))
        if not below:
            return False
        member.end()
        for seen in below:
            self._kill_session(seen.session)
        return True

    def _kill_session(self, session: int) -> None:
        for seen in marked(self.family.folder):
            if seen.session == session and seen.pid != os.getpid():
                kill(seen.pid)


def _is_written(journal: Path) -> bool:
    """It is made larger than what stands in it."""
    try:
        with journal.open("rb") as file:
            return file.read(1) not in (b"", b"\0")
    except FileNotFoundError:
        return False


def _reads(pid: int) -> bool:
    """Whether it waits in `read`: the other idle workers wait for the lock that it holds. Where
    the kernel does not tell, any may be the one."""
    try:
        return Path(f"/proc/{pid}/syscall").read_text().startswith("0 ")
    except ProcessLookupError:
        return False
    except OSError:
        return True
