"""Mails about a form's submissions: to its owner, to the sender, and to confirm an opt-in.

Each is a message of its own in the mail queue, so none waits for another. What is due stands on
the submission itself, written in the transaction that stores it: where the message was never sent,
the sweep finds it. A mail whose worker dies after sending and before noting it goes out twice;
never not at all.
"""

OWNER, THANKS, CONFIRM = "owner", "thanks", "confirm"
