"""Keywords: the words that are heeded, what is answered to them, and a field to try a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from campaigns.admin.reading import ReadOnly
from campaigns.forms.keywords import KeywordForm, ReplyForm
from campaigns.models import Channel, Keyword, KeywordReply, Policy
from campaigns.rules.answers import DEFAULTS, fill
from campaigns.rules.keywords import BUILT_IN, Kind, Language, Verdict, mark_words
from campaigns.rules.numbers import read_number
from campaigns.rules.problems import RuleBroken
from campaigns.rules.smsparts import SmsParts, count_parts
from campaigns.services.hearing import find_deaf_senders, find_route_warning
from campaigns.services.keywords import (
    add_keyword,
    find_help_problem,
    judge_reply,
    remove_keyword,
    save_reply,
    word_answer,
)
from campaigns.services.policy import get_policy

#: In the order of the page.
KINDS = (Kind.STOP, Kind.HELP, Kind.START)
HAPPENS = {
    Kind.STOP: "Opts them out of all channels at once, messages that wait included.",
    Kind.HELP: "Is answered with your brand and how people reach you.",
    Kind.START: "Lifts their opt-outs: they may be written to again.",
    Kind.DOUBT: "Goes to “To judge”: a person decides within ten business days. Until then they "
    "get nothing.",
    Kind.NONE: "Does nothing by itself: it waits in the inbox like every reply.",
}
TITLES = {
    Kind.STOP: "After an opt-out",
    Kind.HELP: "To a call for help",
    Kind.START: "When messages are wanted again",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The words that do one thing."""

    kind: Kind
    happens: str
    built_in: list[tuple[Language, tuple[str, ...]]]
    own: list[Keyword]


@dataclass(frozen=True, slots=True)
class Answer:
    """The words answered to one kind in one language; `is_own` when somebody wrote them."""

    kind: Kind
    language: Language
    channel: Channel | None
    text: str
    filled: str
    is_own: bool
    problems: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.language}-{self.channel.pk if self.channel else 'all'}"

    @property
    def parts(self) -> SmsParts:
        return count_parts(self.filled)


@admin.register(Keyword)
class KeywordAdmin(ReadOnly):
    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse], route: str = "") -> URLPattern:
            view = self.admin_site.admin_view(view)
            return path(f"{route}{name}/", view, name=f"campaigns_keyword_{name}")

        return [
            page("new", self.add_word),
            page("remove", self.remove_word, "<int:pk>/"),
            page("answer", self.save_answer),
            page("count", self.count_answer),
            page("try", self.try_sentence),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._show(request, KeywordForm())

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """All of them are on one page."""
        raise PermissionDenied

    def _show(
        self, request: HttpRequest, form: KeywordForm, wrong: Answer | None = None
    ) -> HttpResponse:
        channel = Channel.objects.filter(pk=_channel_id(request)).first()
        said = request.GET.get("said", "")
        context = {
            **self.admin_site.each_context(request),
            "title": "Keywords",
            "form": form,
            "groups": _groups(),
            "answers": _answers(channel, wrong),
            "channel": channel,
            "channels": list(Channel.objects.all()),
            "help_problem": find_help_problem(),
            "route_warnings": [find_route_warning(sender) for sender in find_deaf_senders()],
            "may_change": _may_change(request),
            "said": said,
            **_tried(said),
        }
        return render(request, "campaigns/optouts/keywords.html", context)

    # --- Words -----------------------------------------------------------------------------------

    def add_word(self, request: HttpRequest) -> HttpResponse:
        _check_may_change(request)
        form = KeywordForm(request.POST)
        if not form.is_valid():
            return self._show(request, form)
        try:
            row = add_keyword(**form.cleaned_data, by=request.user)
        except RuleBroken as problem:
            form.add_error("words", list(problem.problems))
            return self._show(request, form)
        messages.success(request, f"“{row}” counts from now on.")
        return redirect("admin:campaigns_keyword_changelist")

    def remove_word(self, request: HttpRequest, pk: int) -> HttpResponse:
        _check_may_change(request)
        row = get_object_or_404(Keyword, pk=pk)
        remove_keyword(row, by=request.user)
        messages.success(request, f"“{row}” is an ordinary word again.")
        return redirect("admin:campaigns_keyword_changelist")

    # --- Answers ---------------------------------------------------------------------------------

    def save_answer(self, request: HttpRequest) -> HttpResponse:
        _check_may_change(request)
        form = ReplyForm(request.POST)
        if not form.is_valid():
            return redirect("admin:campaigns_keyword_changelist")
        said = form.cleaned_data
        try:
            save_reply(**said, by=request.user)
        except RuleBroken as problem:
            kind, language = Kind(said["kind"]), Language(said["language"])
            wrong = _answer(
                kind,
                language,
                said["channel"],
                said["text"],
                get_policy(),
                problems=problem.problems,
            )
            return self._show(request, KeywordForm(), wrong)
        messages.success(request, "This is answered from now on.")
        response = redirect("admin:campaigns_keyword_changelist")
        if said["channel"]:
            response["Location"] += f"?channel={said['channel'].pk}"
        return response

    def count_answer(self, request: HttpRequest) -> HttpResponse:
        """How long an answer is while somebody writes it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ReplyForm(request.GET)
        if not form.is_valid():
            return HttpResponse(status=204)
        said = form.cleaned_data
        kind, language = Kind(said["kind"]), Language(said["language"])
        text = said["text"] or DEFAULTS[kind, language]
        answer = _answer(kind, language, said["channel"], text, get_policy())
        return render(request, "campaigns/optouts/_count.html", {"answer": answer})

    # --- Trying ----------------------------------------------------------------------------------

    def try_sentence(self, request: HttpRequest) -> HttpResponse:
        """What a reply with these words would do."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = _tried(request.GET.get("said", ""))
        return render(request, "campaigns/optouts/_tried.html", context)


def _tried(said: str) -> dict[str, Any]:
    if not said.strip():
        return {}
    verdict: Verdict = judge_reply(said)
    marked = verdict.words if verdict.kind == Kind.DOUBT else ()
    tones = {Kind.STOP: "bad", Kind.DOUBT: "warn", Kind.NONE: "wait"}
    answer = word_answer(verdict.kind, verdict.language) if verdict.kind in KINDS else ""
    return {
        "verdict": verdict,
        "happens": HAPPENS[verdict.kind],
        "tone": tones.get(verdict.kind, "ok"),
        "pieces": mark_words(said, marked),
        "answered": answer,
    }


def _groups() -> list[Group]:
    rows = list(Keyword.objects.all())
    return [
        Group(
            kind,
            HAPPENS[kind],
            list(BUILT_IN[kind].items()),
            [row for row in rows if row.kind == kind],
        )
        for kind in KINDS
    ]


def _answers(channel: Channel | None, wrong: Answer | None) -> list[tuple[str, list[Answer]]]:
    """For each kind its title and, in every language, what is answered on the channel."""
    kept = {
        (row.kind, row.language, row.channel_id): row.text for row in KeywordReply.objects.all()
    }
    policy, own = get_policy(), channel.pk if channel else None

    def find(kind: Kind, language: Language) -> Answer:
        text = kept.get((kind, language, own))
        words = text or kept.get((kind, language, None)) or DEFAULTS[kind, language]
        found = _answer(kind, language, channel, words, policy, is_own=text is not None)
        return wrong if wrong and wrong.key == found.key else found

    return [(TITLES[kind], [find(kind, language) for language in Language]) for kind in KINDS]


def _answer(
    kind: Kind,
    language: Language,
    channel: Channel | None,
    text: str,
    policy: Policy,
    *,
    is_own: bool = True,
    problems: tuple[str, ...] = (),
) -> Answer:
    filled = fill(text, brand=policy.brand, contact=policy.contact)
    return Answer(kind, language, channel, text, filled, is_own, problems)


def _channel_id(request: HttpRequest) -> int | None:
    chosen = request.POST.get("channel") or request.GET.get("channel") or ""
    return read_number(chosen)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("campaigns.change_keyword")


def _check_may_change(request: HttpRequest) -> None:
    if request.method != "POST" or not _may_change(request):
        raise PermissionDenied
