"""What a template saved at a provider is worth to the MMS it was made of, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices

from campaigns.rules.media import say_size
from campaigns.rules.slides import VIDEO_HEAVY


class TemplateState(TextChoices):
    """What stands at the provider of an MMS as people write it now: the states of
    `SavedStatus`, of the working version; and what follows where it has none."""

    NONE = "none", "Not saved"
    SAVING = "saving", "Saving"
    TRANSCODING = "transcoding", "Transcoding"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    IN_DOUBT = "in_doubt", "In doubt"
    OUT_OF_DATE = "out_of_date", "Out of date"  # an older version is there


_T = TemplateState
#: What counts most for an MMS that is saved on several channels stands first.
WEIGHTIEST = (_T.FAILED, _T.IN_DOUBT, _T.SAVING, _T.TRANSCODING, _T.READY, _T.OUT_OF_DATE, _T.NONE)
#: News of these is on its way.
UNDER_WAY = frozenset({_T.SAVING, _T.TRANSCODING})
#: Of an older version, these mean that it is there, or will be.
STANDS = frozenset({_T.READY, _T.TRANSCODING, _T.SAVING})


def judge_state(status: str, older: str = "") -> TemplateState:
    """`status` is that of the working version, `older` that of an earlier one; "" for none."""
    if status:
        return TemplateState(status)
    return _T.OUT_OF_DATE if older in STANDS else _T.NONE


def find_weightiest(states: Iterable[TemplateState]) -> TemplateState:
    """The one state to show for all channels."""
    return min(states, key=WEIGHTIEST.index, default=_T.NONE)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an MMS on one channel. `version` is the working one, `saved_version` the
    one that is there, `mms_id` its id; `video` counts bytes, `recipients` is 0 where unknown.
    `may_keep`: the channel keeps templates, and this is one that can be kept."""

    state: TemplateState
    channel: str
    version: int
    saved_version: int = 0
    mms_id: str = ""
    has_media: bool = False
    video: int = 0
    recipients: int = 0
    may_keep: bool = True

    @property
    def is_heavy(self) -> bool:
        return self.video > VIDEO_HEAVY


def tell_state(standing: Standing) -> str:
    """What the state means, as one sentence. What failed or is in doubt has reasons of its own."""
    return _TOLD[standing.state].format(
        version=standing.version, saved=standing.saved_version, channel=standing.channel
    )


_TOLD = {
    _T.NONE: "Nothing of it is saved here.",
    _T.SAVING: "Version {version} is on its way to Sinch.",
    _T.TRANSCODING: "Sinch has version {version} and converts its media for phones. A video takes "
    "a few minutes.",
    _T.READY: "Version {version} is saved: its media are fetched and converted.",
    _T.FAILED: "Version {version} was not saved.",
    _T.IN_DOUBT: "Version {version} may be saved, or not.",
    _T.OUT_OF_DATE: "Edited since: version {saved} is saved, you are writing version {version}.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """How a campaign sends an MMS: as a saved template, or slide by slide; and what would be
    better. `sent` names what goes out; `is_urgent` advice is a warning."""

    uses_saved: bool
    mms_id: str
    sent: str
    advice: str = ""
    is_urgent: bool = False

    @property
    def sentence(self) -> str:
        return f"A campaign would send {self.sent}."

    @property
    def own_sentence(self) -> str:
        """The same on the page of the campaign that does."""
        return f"It sends {self.sent}."


def choose(standing: Standing) -> Choice:
    """What a campaign launched now would do."""
    if not standing.may_keep:
        return Choice(
            False, "", f"the message itself: no template of it is kept on “{standing.channel}”"
        )
    if standing.state == _T.READY:
        return Choice(True, standing.mms_id, f"the saved template {standing.mms_id}")
    why = _WHY[standing.state].format(
        version=standing.version, saved=standing.saved_version, channel=standing.channel
    )
    sent = f"the slides themselves, because {why}"
    return Choice(False, "", sent, _advise(standing), standing.is_heavy)


_WHY = {
    _T.NONE: "nothing of it is saved on “{channel}”",
    _T.SAVING: "version {version} is still on its way to Sinch",
    _T.TRANSCODING: "Sinch still converts version {version}",
    _T.FAILED: "version {version} could not be saved",
    _T.IN_DOUBT: "nobody knows whether version {version} was saved",
    _T.OUT_OF_DATE: "version {saved} is saved and this is version {version}",
}


def _advise(standing: Standing) -> str:
    if not standing.has_media:
        return ""
    times = f"{standing.recipients:,} times" if standing.recipients else "for every recipient"
    once = f"its media are then fetched and converted once instead of {times}"
    if standing.state in UNDER_WAY:
        return f"Wait until it is ready: {once}."
    if standing.is_heavy:
        return f"With {say_size(standing.video)} of video, save it to Sinch first: {once}."
    if standing.state in (_T.FAILED, _T.IN_DOUBT):  # somebody knows why they saved it
        return ""
    return f"Saved to Sinch, {once}. That is worth it with video."
