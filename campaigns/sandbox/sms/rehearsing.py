"""/batches/dry_run: how many messages it would be, and how each would read (§5)."""

from campaigns.sandbox.sms import paging, parts
from campaigns.sandbox.sms.batches import read_fields
from campaigns.sandbox.sms.doors import Answered, Asked
from campaigns.sandbox.sms.groups import expand
from campaigns.sandbox.sms.problems import broken_rule
from campaigns.sandbox.sms.wording import Wording

USUAL_SHOWN, MOST_SHOWN = 100, 1000


def rehearse(asked: Asked) -> Answered:
    fields = read_fields(asked, asked.body)
    shown = paging.whole_number(asked.query, "number_of_recipients", USUAL_SHOWN)
    if shown > MOST_SHOWN:
        raise broken_rule(f"number_of_recipients is more than {MOST_SHOWN}")
    lines = _lines(asked, fields)
    answer = {
        "number_of_recipients": len(lines),
        "number_of_messages": sum(line["number_of_parts"] for line in lines),
    }
    if asked.query.get("per_recipient", "").lower() == "true":
        answer["per_recipient"] = lines[:shown]
    return Answered(answer)


def _lines(asked: Asked, fields: dict) -> list[dict]:
    """A place without a value is left as it is."""
    wording, is_mms = Wording(fields), fields["type"] == "mt_media"
    lines = []
    for recipient in expand(asked.plan, fields["to"]):
        text = wording.text_for(recipient)
        text = wording.template if text is None else text
        lines.append(
            {
                "recipient": recipient,
                "number_of_parts": 1 if is_mms else parts.count_parts(text),
                "body": text,
                "encoding": "unicode" if parts.is_unicode(text) else "text",
            }
        )
    return lines
