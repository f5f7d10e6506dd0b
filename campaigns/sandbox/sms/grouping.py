"""/groups: create, list, show, change, replace, delete, members (§9)."""

import re
from typing import Any

from campaigns.sandbox.sms import paging
from campaigns.sandbox.sms.doors import Answered, Asked
from campaigns.sandbox.sms.groups import check_groups, members_of
from campaigns.sandbox.sms.models import SmsGroup
from campaigns.sandbox.sms.moments import write_moment
from campaigns.sandbox.sms.numbers import read_number
from campaigns.sandbox.sms.problems import Problem, bad_format, broken_rule, not_found
from campaigns.sandbox.sms.values import read_list, read_text
from campaigns.sandbox.writing import writing

LONGEST_NAME = 20
MOST_MEMBERS = 10_000
MOST_CHILDREN = 10
WORD = re.compile(r"\w{1,15}")


def create(asked: Asked) -> Answered:
    group = SmsGroup(plan=asked.plan, created_at=asked.now)
    return Answered(_write_all(asked, group), 201)


def list_groups(asked: Asked) -> Answered:
    rows = SmsGroup.objects.filter(plan=asked.plan).order_by("-created_at", "-pk")
    return Answered(paging.page_of(rows, asked.query, "groups", _show))


def show_group(asked: Asked, group_id: str) -> Answered:
    return Answered(_show(_find(asked, group_id)))


def replace(asked: Asked, group_id: str) -> Answered:
    group = _find(asked, group_id)
    if asked.body.get("members") is None:
        raise broken_rule("members is missing")
    return Answered(_write_all(asked, group))


def update(asked: Asked, group_id: str) -> Answered:
    """Additions before removals; a null takes the name or the keywords away."""
    group, body = _find(asked, group_id), asked.body
    added = [*_numbers(body, "add"), *_members_from(asked, "add_from_group")]
    removed = {*_numbers(body, "remove"), *_members_from(asked, "remove_from_group")}
    kept = (number for number in [*group.members, *added] if number not in removed)
    group.members = _checked(list(dict.fromkeys(kept)))
    if "name" in body:
        group.name = _name(asked, group)
    if "auto_update" in body:
        group.auto_update = _keywords(body["auto_update"])
    return Answered(_save(asked, group))


def delete(asked: Asked, group_id: str) -> Answered:
    group = _find(asked, group_id)
    with writing():
        group.delete()
    return Answered()


def list_members(asked: Asked, group_id: str) -> Answered:
    return Answered(_find(asked, group_id).members)


def _find(asked: Asked, group_id: str) -> SmsGroup:
    group = SmsGroup.objects.filter(plan=asked.plan, group_id=group_id).first()
    if group is None:
        raise not_found()
    return group


def _show(group: SmsGroup) -> dict:
    shown = {
        "id": group.group_id,
        "name": group.name or None,
        "size": len(group.members),
        "created_at": write_moment(group.created_at),
        "modified_at": write_moment(group.modified_at),
        "child_groups": group.child_groups,
        "auto_update": group.auto_update,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _write_all(asked: Asked, group: SmsGroup) -> dict:
    body = asked.body
    group.name = _name(asked, group)
    group.members = _checked(list(dict.fromkeys(_numbers(body, "members"))))
    children = read_list(body.get("child_groups") or [], "child_groups", MOST_CHILDREN)
    group.child_groups = list(map(str, children))
    check_groups(asked.plan, group.child_groups)
    group.auto_update = _keywords(body.get("auto_update"))
    return _save(asked, group)


def _save(asked: Asked, group: SmsGroup) -> dict:
    group.modified_at = asked.now
    with writing():
        group.save()
    return _show(group)


def _numbers(body: dict, name: str) -> list[str]:
    numbers = read_list(body.get(name) or [], name, MOST_MEMBERS)
    return [read_number(number) for number in numbers]


def _members_from(asked: Asked, name: str) -> list[str]:
    group_id = asked.body.get(name)
    if not group_id:
        return []
    check_groups(asked.plan, [str(group_id)])
    return members_of(asked.plan, str(group_id))


def _checked(members: list[str]) -> list[str]:
    if len(members) > MOST_MEMBERS:
        raise broken_rule(f"a group has at most {MOST_MEMBERS} members")
    return members


def _name(asked: Asked, group: SmsGroup) -> str:
    name = read_text(asked.body.get("name") or "", "name", LONGEST_NAME)
    namesakes = SmsGroup.objects.filter(plan=asked.plan, name=name).exclude(pk=group.pk)
    if name and namesakes.exists():
        raise Problem(403, "conflict_group_name", f"There is a group {name} already")
    return name


def _keywords(value: Any) -> dict | None:
    """`{to, add?, remove?}`, each with a first and perhaps a second word."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad_format("auto_update is not an object")
    kept = {"to": read_number(value.get("to"))}
    for name in ("add", "remove"):
        if value.get(name) is not None:
            kept[name] = _words(value[name], name)
    return kept


def _words(value: Any, name: str) -> dict:
    words = value if isinstance(value, dict) else {}
    kept = {key: words[key] for key in ("first_word", "second_word") if words.get(key)}
    if "first_word" not in kept or not all(map(_is_word, kept.values())):
        raise broken_rule(f"auto_update.{name} has no valid words")
    return kept


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and WORD.fullmatch(value) is not None
