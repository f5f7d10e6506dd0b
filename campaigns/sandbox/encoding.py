"""What becomes of a template: how long it is encoded, whether that fails, whether it lasts (§3.3).

A word in its name tells the story, as the last digits of a number do for a message.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.sandbox.models import SandboxAccount, SavedTemplate
from campaigns.sandbox.postbacks import pick_moment
from campaigns.sandbox.stories import Answer, Span

#: A template with audio or video is encoded that long; one without is ready at once.
ENCODING: Span = (5, 10)
SHORTEST = timedelta(seconds=0.5)
#: Kind → the code of its failure, in the order in which they would fail.
FAILURES = {"audio": "E002", "video": "E003", "image": "E004"}


@dataclass(frozen=True)
class TemplateStory:
    """`fails_with` is a code, or "any" for that of the first file; a gone one is refused with
    E241 when it is sent."""

    tells: str
    fails_with: str = ""
    encoding: Span | None = None
    answer: Answer = Answer.JSON
    is_gone: bool = False


#: Word in the name, in any case → what becomes of the template.
TEMPLATE_STORIES: dict[str, TemplateStory] = {
    "fails": TemplateStory("The first sound, video or picture cannot be converted.", "any"),
    "E002": TemplateStory("The sound cannot be converted.", "E002"),
    "E003": TemplateStory("The video cannot be converted.", "E003"),
    "E004": TemplateStory("The picture cannot be converted.", "E004"),
    "E011": TemplateStory("The content is found invalid.", "E011"),
    "slow": TemplateStory("Takes a minute to be converted.", encoding=(60, 60)),
    "doubtful": TemplateStory("No answer comes and nothing is saved.", answer=Answer.RESET),
    "forgotten": TemplateStory(
        "Ready, and gone when it is sent; saved again, it lasts.", is_gone=True
    ),
}
DEFAULT = TemplateStory("Ready after the encoding.")


def template_story(name: str) -> TemplateStory:
    words = name.lower()
    told = (story for word, story in TEMPLATE_STORIES.items() if word.lower() in words)
    return next(told, DEFAULT)


def ready_at(story: TemplateStory, files: list[dict], now: datetime) -> datetime:
    is_encoded = any(file["kind"] in {"audio", "video"} for file in files)
    if not is_encoded and story.encoding is None:
        return now
    return max(now + SHORTEST, pick_moment(now, story.encoding or ENCODING))


def find_failure(story: TemplateStory, files: list[dict]) -> tuple[str, dict | None]:
    """The code at which the encoding stops, or "", and the file it names, if any. The address of
    a file may tell that it fails, too."""
    encoded = [file for kind in FAILURES for file in files if file["kind"] == kind]
    code = story.fails_with
    if any("fails" in file["url"].lower() for file in files):
        code = code or "any"
    if code == "any":
        return (FAILURES[encoded[0]["kind"]], encoded[0]) if encoded else ("", None)
    return code, next((file for file in encoded if FAILURES[file["kind"]] == code), None)


def is_gone(account: SandboxAccount, template: SavedTemplate) -> bool:
    """Of templates with one forgotten name, the oldest is."""
    if not template_story(template.name).is_gone:
        return False
    namesakes = SavedTemplate.objects.filter(account=account, name=template.name)
    return namesakes.order_by("pk").first() == template
