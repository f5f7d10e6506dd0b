"""One run of the kill test: the portal as processes, the blows, the wait for the end, the count."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from django.contrib.auth.models import User

from campaigns.management.chaos import people
from campaigns.management.chaos.backing import Postgres, Redis, running
from campaigns.management.chaos.family import Family
from campaigns.management.chaos.ledger import Ledger
from campaigns.management.chaos.pacing import find_fastest
from campaigns.management.chaos.plan import STOP, Blow, draw_plan
from campaigns.management.chaos.twins import STOCK_QUEUE
from campaigns.management.chaos.verdict import Findings, Rows, count_posts_without_row
from campaigns.management.chaos.victims import Victims
from campaigns.management.chaos.watching import Watch
from campaigns.management.commands.demo import MANAGE, gunicorn, wait_until_open
from campaigns.services.hook_addresses import hook_url

CLUSTERS = 2
#: A blow waits so long for its victim to be there, and for the messages before it.
VICTIM_SECONDS = 30.0
TICK = 0.05
TOLD_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    messages: int
    kills: int
    stops: int
    seed: int
    database: str
    broker: str
    twin: str
    longest_stall: float
    folder: Path
    postgres: Path
    ports: dict[str, int]
    say: Callable[[str], None]


class Rig:
    """Everything that runs."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.family = Family(order.folder)
        self.ledger = order.folder / "ledger"
        self.postgres = self.redis = None
        if order.database == "postgres":
            self.postgres = Postgres(order.postgres, order.ports["postgres"])
        if order.broker == "redis":
            self.redis = Redis(order.folder, order.ports["redis"])
        self.struck: Counter[str] = Counter()
        self.restarts = self.stops = 0
        self.random = Random(order.seed)

    def run(self, prepare: Callable[[], None]) -> Findings:
        """`prepare` makes the tables once there is a database."""
        with ExitStack() as stack:
            stack.enter_context(running(self.postgres))
            stack.enter_context(running(self.redis))
            prepare()
            return self._run()

    def _run(self) -> Findings:
        port = self.order.ports["provider"]
        user = User.objects.create_user("chaos", is_staff=True)
        channel = people.make_channel(f"http://127.0.0.1:{port}/", self.order.messages, user)
        campaigns = people.make_campaigns(channel, self.order.messages, user)
        people.watch_doubts()
        self._start(hook_url(channel))
        self.order.say("Everything runs: launching.")
        self.watch = Watch(port, self.order.messages)
        self.started = time.monotonic()
        people.launch(campaigns, user)
        self._strike_all()
        self._wait_for_the_end()
        seconds = time.monotonic() - self.started
        return self._count(seconds)

    # --- Starting -------------------------------------------------------------------------------

    def _start(self, hook: str) -> None:
        order, ports = self.order, self.order.ports
        drawn = (str(order.seed), str(order.messages))
        provider = "campaigns.management.chaos.provider"
        words = ("-m", provider, str(ports["provider"]), hook, str(self.ledger), *drawn)
        self.family.add("provider", *words)
        served = gunicorn("mmsportal.wsgi", ports["web"], workers=2, threads=8)
        self.web = self.family.add("web", *served[1:])
        verb = "qcluster" if order.twin == STOCK_QUEUE else "watch_workers"
        self.clusters = [
            self.family.add(f"cluster{number}", MANAGE, verb) for number in range(1, CLUSTERS + 1)
        ]
        self.victims = Victims(self.family, self.clusters, self.web, self.random)
        for name in ("provider", "web"):
            wait_until_open(ports[name])

    # --- Blows ----------------------------------------------------------------------------------

    def _strike_all(self) -> None:
        for blow in self._plan():
            self._wait_for(blow)
            if self._has_stalled:
                return
            self._strike(blow)

    def _plan(self) -> list[Blow]:
        order, own = self.order, {"postgres": self.postgres, "redis": self.redis}
        servers = [name for name, server in own.items() if server is not None]
        return draw_plan(order.seed, order.messages, order.kills, servers, order.stops)

    def _wait_for(self, blow: Blow) -> None:
        ends_at = time.monotonic() + (blow.seconds or float("inf"))
        while time.monotonic() < ends_at and not (self._has_stalled or self.watch.is_sent):
            if blow.requests and self.watch.requests >= blow.requests:
                return
            self._tick()

    def _strike(self, blow: Blow) -> None:
        if blow.what == STOP:
            self._stop_a_cluster()
        elif blow.what.startswith(("postgres", "redis")):
            self._restart(*blow.what.split())
        else:
            self._kill(blow.what)
            return
        self._note(blow.what)

    def _note(self, what: str) -> None:
        self.watch.note(what)
        self._tell(what)

    def _tell(self, what: str) -> None:
        watch, seconds = self.watch, time.monotonic() - self.started
        self.order.say(
            f"{seconds:7.1f} s  {what}: {watch.requests} requests, {watch.last.waiting} rows and "
            f"{watch.last.unread} callbacks wait, {watch.stall:.1f} s since anything moved"
        )

    def _kill(self, kind: str) -> None:
        ends_at = time.monotonic() + VICTIM_SECONDS
        while not self.victims.kill(kind):
            if time.monotonic() > ends_at or self.watch.is_sent:
                kind = "web"  # there is always one
            self._tick()
        self.struck[kind] += 1
        self._note(kind)

    def _stop_a_cluster(self) -> None:
        """Asked as a service manager asks; what is under way must come home."""
        self.random.choice(self.clusters).process.terminate()
        self.stops += 1

    def _restart(self, server: str, how: str) -> None:
        if server == "postgres":
            self.postgres.restart(how)
        elif how == "flush":
            self.redis.flush()
        else:
            self.redis.restart()
        self.restarts += 1

    # --- Waiting --------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.family.keep_alive()
        self.watch.look()
        time.sleep(TICK)

    @property
    def _has_stalled(self) -> bool:
        """Longer than allowed: no need to wait on."""
        return self.watch.stall > self.order.longest_stall + 5

    def _wait_for_the_end(self) -> None:
        told_at = time.monotonic()
        while not (self.watch.is_over or self._has_stalled):
            self._tick()
            if time.monotonic() - told_at > TOLD_EVERY:
                told_at = time.monotonic()
                self._tell("waiting for the end")

    # --- Counting -------------------------------------------------------------------------------

    def _count(self, seconds: float) -> Findings:
        order, watch = self.order, self.watch
        ledger, rows = Ledger().read(self.ledger), Rows.read()
        rate = people.rate_for(order.messages)
        fastest = find_fastest(ledger.arrivals, ledger.late, rate)
        unknown, reconciled, not_received = rows.doubts(people.doubted_ids(), ledger)
        kills = self.struck.total()
        findings = Findings(
            messages=order.messages,
            kills=kills,
            doubled=sum(count > 1 for count in ledger.phones.values()),
            lost=rows.count_lost(ledger, order.messages),
            unknown=unknown,
            reconciled=reconciled,
            seconds=round(seconds, 1),
            seed=order.seed,
            not_received=not_received,
            deliveries=ledger.phones.total(),
            ambiguous=ledger.ambiguous,
            unknown_at_most=ledger.ambiguous + kills * people.CONNECTIONS,
            misjudged=rows.count_misjudged(ledger),
            posts=ledger.kept.total(),
            posts_without_row=count_posts_without_row(ledger),
            posts_refused=ledger.refused,
            longest_stall=round(watch.longest_stall, 1),
            longest_stall_at_most=order.longest_stall,
            restarts=self.restarts,
            stops=self.stops,
            database=order.database,
            broker=order.broker,
            twin=order.twin,
            rate=rate,
            fastest_second=fastest.requests,
            seconds_too_fast=fastest.too_fast,
            blows=dict(self.struck),
            gaps={what: round(seconds, 1) for what, seconds in watch.gaps.items()},
            statuses=rows.count_statuses(),
        )
        findings.judge()
        return findings
