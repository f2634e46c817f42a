"""listmonk's export of subscribers.

A blocklisted subscriber takes no mail from anybody; a disabled one is so for the operator's own
reasons. https://listmonk.app/docs/apis/subscribers/
"""

from chalicelib.presets._layout import layout

PRESET = layout(
    "listmonk",
    "listmonk",
    ("uuid | email | name | attributes | status",),
    """
uuid       | external_id
email      | email
name       | full_name
attributes |
status     | unsubscribed | blocklisted=yes, enabled=no, disabled=no
created_at |
updated_at |
""",
)
