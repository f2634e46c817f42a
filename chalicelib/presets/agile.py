"""Agile CRM's export of contacts; a fax number is no phone to call.

The headers are those of its `ContactCSVExport`: https://github.com/agilecrm
"""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Agile CRM",
    "agile",
    (
        "Email(default) | Phone(default)",
        "Email(Work) | Phone(Work fax)",
        "Email(default) | Tags time",
    ),
    """
First Name       | first_name
Last Name        | last_name
Title            | job_title
Company          | company
Email(default)   | email
Email(Home)      | email
Email(Work)      | email
Phone(default)   | phone
Phone(Work)      | phone
Phone(Home)      | phone
Phone(Mobile)    | phone
Phone(Main)      | phone
Phone(Home fax)  |
Phone(Work fax)  |
Phone(Other)     | phone
Address          | address
City             | city
State            | region
Country          | country
Zip Code         | postal_code
Website(default) | website
Website          | website
Skype            |
Twitter          |
LinkedIn         |
Facebook         |
Xing             |
Blog             |
Google+          |
Flickr           |
Github           |
Youtube          |
Tags             | tags | comma
Tags time        |
""",
)
