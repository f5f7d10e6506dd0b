"""Bad twins of the product, for the kill test alone: its verdict must fail on each of them.

A twin is the product with one thing done as it is usually done. Settings that load it are the
only way to get it, and only the kill test starts processes with them.
"""

STOCK_QUEUE = "qcluster"
#: Twin → the settings its processes run with.
SETTINGS = {
    "naive": "campaigns.management.chaos.twins.naive_settings",
    STOCK_QUEUE: "mmsportal.settings",
    "last-write-wins": "campaigns.management.chaos.twins.last_write_wins_settings",
    "own-pace": "campaigns.management.chaos.twins.own_pace_settings",
    "answers-first": "campaigns.management.chaos.twins.answers_first_settings",
}
