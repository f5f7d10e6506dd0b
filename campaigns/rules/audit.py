"""The audit trail in words: what each verb means, and what it was about."""

#: target_type of an entry → the words for its topic.
TOPICS = {
    "campaign": "Campaigns",
    "message": "Messages",
    "channel": "Channels",
    "mms": "MMS",
    "mediafile": "Media",
    "contact": "Contacts",
    "contactlist": "Lists",
    "segment": "Segments",
    "customfield": "Fields",
    "contactimport": "Imports",
    "consent": "Consent",
    "optout": "Opt-outs",
    "optoutreview": "Opt-out reviews",
    "keyword": "Keywords",
    "keywordreply": "Answers to keywords",
    "quiethours": "Quiet hours",
    "policy": "Limits",
    "inboundmessage": "Replies",
    "user": "Users",
}
#: What stands in an entry → what people read. What is recorded and not here fails a test.
VERBS = {
    "campaign.added": "Added a campaign",
    "campaign.changed": "Changed a campaign",
    "campaign.launched": "Launched a campaign",
    "campaign.paused": "Paused a campaign",
    "campaign.recalled": "Had the provider stop batches of a stopped campaign",
    "campaign.resumed": "Resumed a campaign",
    "campaign.stopped": "Stopped a campaign",
    "campaign.sent_again": "Sent messages of a campaign again",
    "campaign.moved_to_tomorrow": "Moved a campaign to tomorrow",
    "campaign.start_moved": "Moved the start of a campaign",
    "campaign.started_late": "Started a campaign late",
    "campaign.wave_started": "Started a wave of a campaign",
    "channel.added": "Added a channel",
    "channel.changed": "Changed a channel",
    "channel.hook_rotated": "Replaced the callback address of a channel",
    "channel.paused": "Paused a channel",
    "channel.resumed": "Resumed a channel",
    "channel.set_up": "Set up a channel at its provider",
    "channel.tested": "Tested a channel",
    "consent.evidence_downloaded": "Downloaded evidence of consent",
    "consent.recorded": "Recorded consent",
    "contact.changed": "Changed a contact",
    "contact.created": "Added a contact",
    "contact.deleted": "Deleted a contact",
    "contact.merged": "Merged two contacts",
    "field.changed": "Changed an extra field",
    "field.created": "Added an extra field",
    "field.deleted": "Deleted an extra field",
    "import.discarded": "Discarded a file to import",
    "import.done": "Imported contacts",
    "import.failed": "Import stopped before its end",
    "import.forgotten": "Removed a file that nobody confirmed",
    "import.started": "Started an import",
    "import.undo_started": "Started to undo an import",
    "import.undone": "Undid an import",
    "keyword.added": "Added a keyword",
    "keyword.removed": "Removed a keyword",
    "keyword_reply.reset": "Brought back the first answer to a keyword",
    "keyword_reply.saved": "Changed the answer to a keyword",
    "list.created": "Made a list",
    "list.deleted": "Deleted a list",
    "list.filled": "Filled a list from a segment",
    "list.joined": "Put contacts on a list",
    "list.left": "Took contacts off a list",
    "media.added": "Added a file",
    "media.brought_back": "Brought back a replaced file",
    "media.deleted": "Deleted a file",
    "media.fitted": "Added a file made to fit",
    "media.fitting_started": "Started to make a file fit",
    "media.renamed": "Renamed a file",
    "media.replaced": "Replaced a file",
    "media.tagged": "Changed the tags of a file",
    "message.sent_again": "Sent a message again",
    "mms.added": "Added an MMS",
    "mms.changed": "Changed an MMS",
    "mms.deleted": "Deleted an MMS",
    "mms.restored": "Restored a version of an MMS",
    "mms.saved_again": "Saved an MMS at the provider again",
    "mms.saved_to_provider": "Saved an MMS at the provider",
    "mms.tested": "Sent a test of an MMS",
    "optout.file": "Recorded opt-outs in bulk",
    "optout.lifted": "Lifted an opt-out",
    "optout.recorded": "Recorded an opt-out",
    "optout.restored": "Restored the opt-out of an erased number",
    "person.erased": "Erased a person",
    "person.exported": "Gave out what is known of a person",
    "policy.changed": "Changed the limits",
    "quiethours.added": "Added quiet hours",
    "quiethours.changed": "Changed quiet hours",
    "quiethours.defaults": "Replaced all quiet hours by the defaults",
    "quiethours.deleted": "Deleted quiet hours",
    "quiethours.safe": "Replaced all quiet hours by 9 to 20",
    "reply.read": "Read a reply",
    "review.decided": "Decided on a possible opt-out",
    "segment.added": "Added a segment",
    "segment.changed": "Changed a segment",
    "segment.deleted": "Deleted a segment",
}


def tell_verb(verb: str) -> str:
    """In words; a verb of a former release is read as well as it can be."""
    return VERBS.get(verb) or verb.replace(".", ": ").replace("_", " ").capitalize()


def tell_topic(target_type: str) -> str:
    return TOPICS.get(target_type, target_type)


def find_verbs(words: str) -> list[str]:
    """The verbs whose words have these in them, or that begin with these."""
    said = " ".join(words.casefold().split())
    if not said:
        return []
    return [v for v, told in VERBS.items() if said in told.casefold() or v.startswith(said)]
