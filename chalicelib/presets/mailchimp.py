"""Mailchimp's audience export: one file for subscribed, unsubscribed and cleaned contacts each.

https://mailchimp.com/help/view-export-contacts/
"""

from chalicelib.presets._layout import layout

# Its birthday has no year and is kept beside the values.
PRESET = layout(
    "Mailchimp",
    "mailchimp",
    ("Email Address | LEID | EUID", "Email Address | MEMBER_RATING"),
    """
Email Address        | email
First Name           | first_name
Last Name            | last_name
Address              | address
Phone Number         | phone
Birthday             |
Company              | company
MEMBER_RATING        |
OPTIN_TIME           |
OPTIN_IP             |
CONFIRM_TIME         |
CONFIRM_IP           |
LATITUDE             |
LONGITUDE            |
GMTOFF               |
DSTOFF               |
TIMEZONE             |
CC                   | country
REGION               | region
UNSUB_TIME           | unsubscribed | *=yes
UNSUB_CAMPAIGN_TITLE |
UNSUB_CAMPAIGN_ID    |
UNSUB_REASON         |
UNSUB_REASON_OTHER   |
CLEAN_TIME           | bounced      | *=yes
CLEAN_CAMPAIGN_TITLE |
CLEAN_CAMPAIGN_ID    |
LAST_CHANGED         |
LEID                 |
EUID                 | external_id
NOTES                | notes
TAGS                 | tags         | comma
""",
)
