"""Mautic's export of contacts, by the aliases of its fields.

https://docs.mautic.org/en/5.x/contacts/manage_contacts.html
"""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Mautic",
    "mautic",
    ("firstname | lastname | email | points", "firstname | email | preferred_locale"),
    """
id               | external_id
date_added       |
date_identified  |
last_active      |
points           |
title            |
firstname        | first_name
lastname         | last_name
company          | company
position         | job_title
email            | email
phone            | phone
mobile           | phone
address1         | address
address2         |
city             | city
state            | region
zipcode          | postal_code
country          | country
preferred_locale | language
timezone         |
attribution_date |
attribution      |
website          | website
stage            |
tags             | tags | ;
""",
)
