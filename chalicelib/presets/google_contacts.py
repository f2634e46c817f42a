"""Google Contacts' CSV, as it was written until 2024 and since.

https://support.google.com/contacts/answer/7199294
"""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Google Contacts",
    "google_contacts",
    (
        "E-mail 1 - Value | E-mail 1 - Label",
        "E-mail 1 - Value | E-mail 1 - Type",
        "Given Name | Family Name | E-mail 1 - Value",
    ),
    """
First Name              | first_name
Given Name              | first_name
Middle Name             |
Additional Name         |
Last Name               | last_name
Family Name             | last_name
Name                    |
Name Prefix             |
Name Suffix             |
Nickname                |
File As                 |
Organization Name       | company
Organization 1 - Name   | company
Organization Title      | job_title
Organization 1 - Title  | job_title
Organization Department |
Birthday                | birth_date
Notes                   | notes
Photo                   |
Labels                  | tags | :::
Group Membership        | tags | :::
E-mail 1 - Label        |
E-mail 1 - Type         |
E-mail 1 - Value        | email
E-mail 2 - Label        |
E-mail 2 - Value        | email
Phone 1 - Label         |
Phone 1 - Type          |
Phone 1 - Value         | phone
Phone 2 - Label         |
Phone 2 - Value         | phone
Address 1 - Label       |
Address 1 - Formatted   |
Address 1 - Street      | address
Address 1 - City        | city
Address 1 - Region      | region
Address 1 - Postal Code | postal_code
Address 1 - Country     | country
Website 1 - Label       |
Website 1 - Value       | website
""",
)
