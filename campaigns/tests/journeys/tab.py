"""Chromium as Debian has it, and a watch over everything its pages do."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
#: A page that is left takes its own requests back; nobody misses them.
TAKEN_BACK = "net::ERR_ABORTED"


class Watch:
    """Notes errors in the console (the policy's violations are there too), requests to other
    hosts, and answers that are errors."""

    def __init__(self, context: BrowserContext, hosts: set[str]) -> None:
        self.complaints: list[str] = []
        self.hosts = {urlsplit(address).netloc for address in hosts}
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._see)
        context.on("response", self._judge)
        context.on("requestfailed", self._miss)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc not in self.hosts:
            self.complaints.append(f"asked another host: {request.url}")

    def _judge(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def _miss(self, request: Request) -> None:
        if request.failure != TAKEN_BACK:
            self.complaints.append(f"{request.failure}: {request.url}")


def wait_for_refresh(tab: Page) -> None:
    """Until the part of the page that refreshes by itself has done so."""
    tab.locator("#live > *").first.evaluate("part => { part.dataset.isOld = 'yes'; }")
    expect(tab.locator("#live [data-is-old]")).to_have_count(0, timeout=10_000)
