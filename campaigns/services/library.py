"""The media library: tags, finding files, and deleting many."""

import operator
from collections.abc import Callable, Iterable
from functools import reduce

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, ProtectedError, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.models import MediaFile, MediaTag, SlideMedium
from campaigns.rules.library import clean_tags, fold_tag
from campaigns.rules.media import SENDABLE, SIZES
from campaigns.rules.problems import RuleBroken
from campaigns.services.audit import record
from campaigns.services.media import delete_media

#: Tags offered while somebody types, and as filters: the ones used most.
TAGS_OFFERED = 30

# --- Tags --------------------------------------------------------------------------------------


def add_tags(files: Iterable[MediaFile], names: Iterable[str], *, by: AbstractBaseUser) -> int:
    """Give files these tags besides their own; answers how many changed."""
    wanted = clean_tags(names)
    if not wanted:
        raise RuleBroken("Type a tag: a word or two, at most 40 characters.")
    with transaction.atomic():
        tags = _find_or_make(wanted)
        return _change(files, lambda media: media.tags.add(*tags), by)


def remove_tags(files: Iterable[MediaFile], names: Iterable[str], *, by: AbstractBaseUser) -> int:
    """Take these tags off files; answers how many changed."""
    wanted = clean_tags(names)
    if not wanted:
        raise RuleBroken("Type the tag that you want to take off.")
    with transaction.atomic():
        known = _known_tags()
        tags = [known[fold] for fold in map(fold_tag, wanted) if fold in known]
        count = _change(files, lambda media: media.tags.remove(*tags), by)
        _forget_unused()
    return count


@transaction.atomic
def set_tags(media: MediaFile, names: Iterable[str], *, by: AbstractBaseUser) -> None:
    """From now on the file has exactly these tags."""
    tags = _find_or_make(clean_tags(names))
    _change([media], lambda media: media.tags.set(tags), by)
    _forget_unused()


def _change(
    files: Iterable[MediaFile], change: Callable[[MediaFile], None], by: AbstractBaseUser
) -> int:
    count = 0
    for media in files:
        before = _names_of(media)
        change(media)
        after = _names_of(media)
        if before != after:
            record("media.tagged", media, by=by, before={"tags": before}, after={"tags": after})
            count += 1
    return count


def _names_of(media: MediaFile) -> list[str]:
    return list(MediaTag.objects.filter(files=media).values_list("name", flat=True))


def _find_or_make(names: list[str]) -> list[MediaTag]:
    """Who types "spring" means the "Spring" that is there."""
    known = _known_tags()
    return [
        known.get(fold_tag(name)) or MediaTag.objects.get_or_create(name=name)[0] for name in names
    ]


def _known_tags() -> dict[str, MediaTag]:
    return {fold_tag(tag.name): tag for tag in MediaTag.objects.all()}


def _forget_unused() -> None:
    MediaTag.objects.filter(files=None).delete()


def popular_tags() -> list[MediaTag]:
    """The tags used most, in alphabetical order."""
    used = MediaTag.objects.alias(count=Count("files")).filter(count__gt=0)
    return sorted(used.order_by("-count", "name")[:TAGS_OFFERED], key=lambda tag: tag.name)


# --- Finding -----------------------------------------------------------------------------------


def search_files(files: QuerySet, words: str) -> QuerySet:
    """Those whose name or tags hold every word."""
    for word in words.split():
        tagged = MediaFile.tags.through.objects.filter(
            _holds("mediatag__name", word), mediafile=OuterRef("pk")
        )
        files = files.filter(_holds("name", word) | Q(Exists(tagged)))
    return files


def _holds(field: str, word: str) -> Q:
    """SQLite folds the case of plain letters only; other scripts are asked for in each case."""
    spellings = {word, word.lower(), word.upper(), word.capitalize()}
    found = {word} if word.isascii() else spellings
    return reduce(operator.or_, (Q(**{f"{field}__icontains": spelling}) for spelling in found))


def with_use_count(files: QuerySet) -> QuerySet:
    """Each with `use_count`: in how many MMS it is shown, in any version."""
    uses = SlideMedium.objects.filter(media_file=OuterRef("pk")).order_by()
    count = uses.values("media_file").annotate(count=Count("slide__revision__mms", distinct=True))
    return files.annotate(use_count=Coalesce(Subquery(count.values("count")), 0))


def unused(files: QuerySet) -> QuerySet:
    return files.filter(~Exists(SlideMedium.objects.filter(media_file=OuterRef("pk"))))


def too_large(files: QuerySet) -> QuerySet:
    """Larger than the most careful channel takes."""
    gif = Q(mime="image/gif", size__gt=SIZES["gif"])
    others = (
        Q(kind=kind, size__gt=limit) & ~Q(mime="image/gif")
        for kind, limit in SIZES.items()
        if kind != "gif"
    )
    return files.filter(reduce(operator.or_, others, gif))


def unsendable(files: QuerySet) -> QuerySet:
    """In a form that not every channel carries."""
    return files.exclude(mime__in=SENDABLE)


# --- Deleting many -----------------------------------------------------------------------------


def delete_unused(files: Iterable[MediaFile], *, by: AbstractBaseUser) -> tuple[int, list[str]]:
    """Delete what nothing shows; answers (how many went, the names of those that stayed)."""
    count, stayed = 0, []
    for media in files:
        try:
            with transaction.atomic():
                delete_media(media, by=by)
        except (RuleBroken, ProtectedError):  # protected: put on a slide this very moment
            stayed.append(media.name)
        else:
            count += 1
    return count, stayed
