"""Somebody who uses the pages without a browser: reads them, and sends their forms."""

import os
import re
from dataclasses import dataclass, field
from html import unescape

from playwright.sync_api import APIRequestContext
from running import Portal, wait_for

from campaigns.management.demo_people import sample_phones
from campaigns.rules.looks import write_number

Row = dict[str, str]


def claim_for_demo() -> dict[str, str]:
    """The numbers of the demo's people."""
    team = sample_phones(["206"])[:4]
    return {re.sub(r"\D", "", phone): "the demo" for phone in [*sample_phones(), *team]}


@dataclass
class Visitor:
    """Signed in at the portal; the sandbox's pages are open to everybody."""

    portal: Portal
    web: APIRequestContext
    #: Number → the journey that writes to it.
    claimed: dict[str, str] = field(default_factory=claim_for_demo)

    # --- Pages -----------------------------------------------------------------------------------

    def read(self, path: str) -> str:
        answer = self.web.get(f"{self.portal.address}/{path}")
        assert answer.ok, f"{path}: {answer.status}"
        return answer.text()

    def send(self, path: str, fields: dict, *, site: str = "") -> str:
        """Fill the form of a page; answers the address it led to."""
        page = f"{site or self.portal.address}/{path}"
        token = find(r'name="csrfmiddlewaretoken" value="(\w+)"', self.web.get(page).text())
        answer = self.web.post(page, multipart={"csrfmiddlewaretoken": token, **fields})
        assert answer.ok, f"{path}: {answer.status}"
        errors = re.findall(r'class="(?:errorlist|field__error)[^>]*>(.*?)</', answer.text())
        assert not errors, errors
        return answer.url

    def press(self, page: str, button: str, **fields: str) -> str:
        """Press a button of a page whose form posts to an address of its own."""
        token = find(r'name="csrfmiddlewaretoken" value="(\w+)"', self.read(page))
        answer = self.web.post(
            f"{self.portal.address}/{page}{button}/",
            form={"csrfmiddlewaretoken": token, **fields},
        )
        assert answer.ok, f"{button}: {answer.status}"
        return answer.text()

    def sign_in(self) -> None:
        login = {"username": self.portal.login, "password": self.portal.password}
        assert self.send("admin/login/?next=/admin/", login).endswith("/admin/")

    # --- Channels --------------------------------------------------------------------------------

    def add_channel(self, name: str, *, base_url: str, key: str, sender: str, rate: int) -> str:
        """Answers the path of its page."""
        account = {"secret_x_api_key": key, "setting_service_id": "svc"}
        common = {"base_url": base_url, "sender": sender, "rate": rate}
        return self.add_channel_of("sinch_mms", name, **common, **account)

    def add_channel_of(
        self, kind: str, name: str, *, base_url: str, sender: str, rate: int = 40, **account: str
    ) -> str:
        """A channel of one of the interfaces; answers the path of its page."""
        fields = {"name": name, "kind": kind, "base_url": base_url, **account}
        fields |= {"requests_per_second": str(rate), "connections": "5", "size_limit": "1000000"}
        fields |= {"senders-TOTAL_FORMS": "1", "senders-INITIAL_FORMS": "0"}
        fields |= {"senders-0-number": sender, "senders-0-kind": "10dlc"}
        return self.path_of(self.send("admin/campaigns/channel/add/", fields))

    def hook_of(self, page: str) -> str:
        """The callback address that a channel's page shows."""
        return find(r'id="hook-url"[^>]*value="([^"]+)"', self.read(page))

    def set_up(self, page: str) -> None:
        """Make all changes at the provider that the channel's set-up page proposes."""
        setup = f"{page.removesuffix('change/')}setup/"
        steps = re.findall(r'name="steps" value="([^"]+)"', self.read(setup))
        assert steps, "There is nothing to set up."
        token = find(r'name="csrfmiddlewaretoken" value="(\w+)"', self.read(setup))
        body = "&".join([f"csrfmiddlewaretoken={token}", *(f"steps={step}" for step in steps)])
        answer = self.web.post(
            f"{self.portal.address}/{setup}",
            data=body,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert "is set up at Sinch already" in answer.text()

    def connect(self, page: str, *, key: str, sender: str) -> str:
        """Open an account at the sandbox for this channel; answers its callback address."""
        hook = self.hook_of(page)
        account = ("--key", key, "--service-id", "svc", "--sender", sender, "--rate", "100")
        self.portal.manage("sandbox_account", *account, "--postback-url", hook)
        return hook

    # --- Campaigns -------------------------------------------------------------------------------

    def claim(self, phones: list[str]) -> None:
        """A journey's numbers are its own: in any order of the journeys nobody changes the people
        or the counts of another one."""
        journey = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
        others = {phone: self.claimed.setdefault(phone, journey) for phone in phones}
        others = {phone: owner for phone, owner in others.items() if owner != journey}
        assert not others, f"Numbers of other journeys: {others}"

    def import_list(self, name: str, phones: list[str]) -> None:
        self.claim(phones)
        rows = "\n".join(f"+{phone},Ending {phone[-2:]}" for phone in phones)
        file = {"name": f"{name}.csv", "mimeType": "text/csv"}
        file["buffer"] = f"Phone,First name\n{rows}\n".encode()
        fields = {"file": file, "list_name": name, "country": "US"}
        page = self.path_of(self.send("admin/campaigns/contactimport/add/", fields))
        chosen = {"encoding": "utf-8-sig", "delimiter": ",", "has_header": "on", "country": "US"}
        chosen |= {"column_0": "phone", "column_1": "first_name", "winner": "last"}
        chosen |= {"method": "web", "wording": "Yes, text me offers.", "since": "2026-01-05"}
        chosen |= {"source": "https://shop.example"}
        self.press(page, "../confirm", **chosen)
        done = f"{len(phones):,} contacts? imported"
        wait_for(done, lambda: re.search(done, self.read(page)))

    def draft(
        self, name: str, phones: list[str], *, sender: str, mms: str = "Welcome", **more: str
    ) -> str:
        """A campaign to a new list of these phones; answers the path of its page."""
        self.import_list(f"List of {name}", phones)
        form = self.read("admin/campaigns/campaign/add/")
        shown = re.escape(write_number(sender)) if sender.isdigit() else sender
        fields = {
            "name": name,
            "start": "now",
            "lists": find(rf'name="lists" value="(\d+)"[^>]*>\s*List of {name} \(', form),
            "mms": find(rf'<option value="(\d+)"[^>]*>{mms}<', form),
            "sender": find(rf'<option value="(\d+)"[^>]*>{shown} ', form),
            **more,
        }
        return self.path_of(self.send("admin/campaigns/campaign/add/", fields))

    def launch(self, name: str, phones: list[str], *, sender: str) -> str:
        page = self.draft(name, phones, sender=sender)
        self.press(page, "../launch", expected=str(len(phones)))
        return page

    def counts(self, page: str) -> dict[str, int]:
        """State → people, as the campaign page counts them."""
        live = self.read(f"{page}../live/")
        pairs = re.findall(r'states__count">([\d,]+)<.*?states__word">([^<]+)<', live, re.DOTALL)
        return {word: int(count.replace(",", "")) for count, word in pairs}

    def status(self, page: str) -> str:
        return find(r'<span class="pill[^>]*>([^<]+)<', self.read(f"{page}../live/"))

    def wait_until_done(self, page: str) -> None:
        """Until every recipient has a final state; what only waits for its time is swept."""

        def is_on_its_way() -> bool:
            return not {"Waiting", "Sending", "Accepted"} & set(self.counts(page))

        def is_done() -> bool:
            if self.status(page) == "Done":
                return True
            self.portal.manage("sweep")
            return False

        wait_for("everybody to be sent to", is_on_its_way, 90)
        wait_for("the campaign to be done", is_done)

    # --- People ----------------------------------------------------------------------------------

    def messages_to(self, phone: str) -> list[Row]:
        """What the outbox holds for this number, newest first."""
        page = self.read(f"admin/campaigns/message/?q=%2B{phone}")
        return [_row(part) for part in page.split("<tr>")[1:] if "field-state" in part]

    def opted_out(self, phone: str) -> str:
        """The list of opt-outs with this number."""
        page = self.read(f"admin/campaigns/optout/?q=%2B{phone}")
        return page if "field-number_shown" in page else ""

    def state_of(self, phone: str) -> str:
        return next((row["state"] for row in self.messages_to(phone)), "")

    def phone(self, phone: str) -> list[str]:
        """The words of every message that reached the pretend phone."""
        answer = self.web.get(f"{self.portal.sandbox}/phone/{phone}/")
        bubbles = re.findall(
            r'<article class="sandbox-bubble">(.*?)</article>', answer.text(), re.S
        )
        return [_words(bubble) for bubble in bubbles]

    def count_calls(self, phone: str) -> int:
        """How often the sandbox was asked to send to this number."""
        answer = self.web.get(f"{self.portal.sandbox}/traffic/?q={phone}")
        return answer.text().count('<td class="mono">sendmms</td>')

    @staticmethod
    def path_of(address: str) -> str:
        return address.split("/", 3)[3].partition("?")[0]


def find(pattern: str, page: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"{pattern} is not on the page"
    return unescape(found[1])


def _row(html: str) -> Row:
    cells = re.findall(r'class="field-(\w+)">(.*?)</t[hd]>', html, re.DOTALL)
    row = {name: _words(cell) for name, cell in cells}
    row["path"] = find(r'href="/([^"?]+)', html)
    return row


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
