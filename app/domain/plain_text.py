"""What is taken out of the words that people write before others read them."""

CONTROLS = (range(0x20), range(0x7F, 0xA0), range(0xD800, 0xE000))  # also halves of characters, which nobody can send
DIRECTIONS = (range(0x200E, 0x2010), range(0x202A, 0x202F), range(0x2066, 0x206A))  # they turn around what follows
NO_CONTROLS = dict.fromkeys(code for each in (*CONTROLS, *DIRECTIONS) for code in each) | {
    **dict.fromkeys(map(ord, "\t\n\r"), " "),
}
"""For `str.translate`."""
NO_MARKUP = NO_CONTROLS | {
    **dict.fromkeys(map(ord, "<>")),  # markup in Slack (docs.slack.dev/messaging/formatting-message-text)
}
"""The same for what Slack shows."""
