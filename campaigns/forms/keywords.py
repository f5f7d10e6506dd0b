"""The forms of keywords: one more word, and the words of an answer."""

from django import forms

from campaigns.models import Channel, Keyword


class KeywordForm(forms.Form):
    words = forms.CharField(
        label="Word",
        max_length=60,
        help_text="Counts when it is the whole message, in any case and spelling.",
    )
    kind = forms.ChoiceField(label="What it does", choices=Keyword.Kind)
    language = forms.ChoiceField(choices=Keyword.Language, help_text="Its answer is in this one.")
    is_sure = forms.BooleanField(
        label="Add it although it is also an answer to a question", required=False
    )


class ReplyForm(forms.Form):
    kind = forms.ChoiceField(choices=Keyword.Kind)
    language = forms.ChoiceField(choices=Keyword.Language)
    channel = forms.ModelChoiceField(Channel.objects.all(), required=False)
    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
