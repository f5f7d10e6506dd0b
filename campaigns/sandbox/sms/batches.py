"""/batches: send, list, show, change, replace, cancel, give feedback (§3 to §5)."""

from datetime import datetime

from campaigns.sandbox import poster
from campaigns.sandbox.actions import first_tries
from campaigns.sandbox.models import Postback
from campaigns.sandbox.sms import dispatch, paging
from campaigns.sandbox.sms.allowance import Allowance
from campaigns.sandbox.sms.cancelling import cancel_batch
from campaigns.sandbox.sms.doors import Answered, Asked
from campaigns.sandbox.sms.fields import read_batch, unknown_fields
from campaigns.sandbox.sms.groups import check_groups, expand
from campaigns.sandbox.sms.media import check_strictly
from campaigns.sandbox.sms.models import SmsBatch
from campaigns.sandbox.sms.moments import read_moment, write_moment
from campaigns.sandbox.sms.numbers import is_group_id, plain, read_number, read_recipient
from campaigns.sandbox.sms.problems import Problem, broken_rule, not_found
from campaigns.sandbox.sms.values import read_list
from campaigns.sandbox.stories import Story, story_of
from campaigns.sandbox.writing import writing

MOST_CHANGED = 100
#: Answers that are lost although nothing went out.
NOTHING_SENT = {"89", "90", "92"}
allowance = Allowance()


def send(asked: Asked) -> Answered:
    fields = read_fields(asked, asked.body)
    first = fields["to"][0]
    asked.call.to = first[:20]
    asked.call.ignored = ", ".join(unknown_fields(asked.body))[:300]
    # The id of a group ends in anything, and tells no story.
    number = "" if is_group_id(first) else first
    story = story_of(number)
    if story.only_first_try_refused and first_tries.is_first(asked.plan.token, number):
        raise Problem(429)
    count = len(expand(asked.plan, fields["to"]))
    allowance.take(asked.plan.service_plan_id, count, asked.plan.most_accepted)
    if number[-2:] in NOTHING_SENT:
        return Answered({}, manner=story.answer)
    batch = _new_batch(asked, fields)
    asked.call.tracking_id = batch.batch_id
    with writing():
        batch.save()
    _hand_over(batch, story, asked.now)
    return Answered(show(batch), 201, story.answer)


def read_fields(asked: Asked, body: dict) -> dict:
    """The fields of a batch, with what only the tables and the media host can tell."""
    if asked.plan.blocked:
        raise Problem(403, "blocked_account", "The account is blocked")
    fields = read_batch(asked.plan, body, asked.now)
    check_groups(asked.plan, filter(is_group_id, fields["to"]))
    if fields.get("strict_validation"):
        check_strictly(fields["body"]["url"])
    return fields


def list_batches(asked: Asked) -> Answered:
    rows = SmsBatch.objects.filter(plan=asked.plan).order_by("-created_at", "-pk")
    rows = paging.within_dates(rows, asked.query, "created_at", asked.now)
    if senders := paging.words_of(asked.query, "from"):
        rows = rows.filter(sender__in=map(plain, senders))
    if reference := asked.query.get("client_reference"):
        rows = rows.filter(client_reference=reference)
    return Answered(paging.page_of(rows, asked.query, "batches", show))


def show_batch(asked: Asked, batch_id: str) -> Answered:
    return Answered(show(find(asked, batch_id)))


def update(asked: Asked, batch_id: str) -> Answered:
    """Any part of it; null takes a value away; the type stays."""
    batch = find(asked, batch_id)
    return _change(asked, batch, _merged(batch.fields, asked.body))


def replace(asked: Asked, batch_id: str) -> Answered:
    return _change(asked, find(asked, batch_id), asked.body)


def cancel(asked: Asked, batch_id: str) -> Answered:
    batch = find(asked, batch_id)
    cancel_batch(batch, asked.now)
    return Answered(show(batch))


def give_feedback(asked: Asked, batch_id: str) -> Answered:
    batch = find(asked, batch_id)
    numbers = read_list(asked.body.get("recipients"), "recipients", 1000)
    if not batch.fields["feedback_enabled"]:
        raise broken_rule("feedback is not enabled for this batch")
    if not numbers and any(map(is_group_id, batch.fields["to"])):
        raise broken_rule("recipients is empty, which a batch to a group does not allow")
    messages = batch.messages.all()
    if numbers:
        messages = messages.filter(recipient__in=[read_number(number) for number in numbers])
    with writing():
        messages.update(has_feedback=True)
    return Answered(status=202)


def find(asked: Asked, batch_id: str) -> SmsBatch:
    batch = SmsBatch.objects.filter(plan=asked.plan, batch_id=batch_id).first()
    if batch is None:
        raise not_found()
    asked.call.tracking_id = batch_id
    return batch


def show(batch: SmsBatch) -> dict:
    """As it is answered (§4.1)."""
    return {
        "id": batch.batch_id,
        **batch.fields,
        "canceled": batch.canceled,
        "created_at": write_moment(batch.created_at),
        "modified_at": write_moment(batch.modified_at),
    }


def _new_batch(asked: Asked, fields: dict) -> SmsBatch:
    batch = SmsBatch(plan=asked.plan, created_at=asked.now)
    return _write(batch, fields, asked.now)


def _write(batch: SmsBatch, fields: dict, now: datetime) -> SmsBatch:
    batch.fields = fields
    batch.sender = fields.get("from", batch.plan.default_sender)
    batch.client_reference = fields.get("client_reference", "")
    batch.modified_at = now
    batch.due_at = max(now, read_moment(fields.get("send_at", write_moment(now)), "send_at"))
    return batch


def _hand_over(batch: SmsBatch, story: Story, now: datetime) -> None:
    """The queue takes it; with one ending the first report is there before the answer."""
    if not story.first_before_answer or batch.due_at > now:
        return dispatch.ring()
    dispatch.send_batch(batch, now)
    first = Postback.objects.filter(body__batch_id=batch.batch_id).order_by("due_at").first()
    if first:
        poster.settle(first, poster.post(first), now)
        with writing():
            first.save()
    return None


def _merged(fields: dict, changes: dict) -> dict:
    """What a replacement with these changes would say."""
    merged = {key: value for key, value in {**fields, **changes}.items() if value is not None}
    merged["type"] = fields["type"]
    if "send_at" in changes and "expire_at" not in changes:
        merged.pop("expire_at", None)
    added, removed = (
        [read_recipient(number) for number in read_list(merged.pop(name, []), name, MOST_CHANGED)]
        for name in ("to_add", "to_remove")
    )
    left = [number for number in merged["to"] if number not in removed]
    return merged | {"to": [*left, *(number for number in added if number not in left)]}


def _change(asked: Asked, batch: SmsBatch, body: dict) -> Answered:
    fields = read_fields(asked, body)
    with writing():
        waiting = SmsBatch.objects.filter(pk=batch.pk, dispatched_at=None, canceled=False)
        if not waiting.exists():
            raise Problem(403, "batch_already_dispatched", "The batch was sent or cancelled")
        _write(batch, fields, asked.now).save()
    dispatch.ring()
    return Answered(show(batch))
