"""Outlook's contacts as CSV; its `Title` is how somebody is addressed (Dr., Ms.), not their job."""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Outlook",
    "outlook_contacts",
    (
        "First Name | Last Name | E-mail Address | Business Phone | Categories",
        "E-mail Address | E-mail Display Name",
        "E-mail Address | E-mail Type",
    ),
    """
Title                       |
First Name                  | first_name
Middle Name                 |
Last Name                   | last_name
Suffix                      |
Company                     | company
Department                  |
Job Title                   | job_title
Business Street             | address
Business City               | city
Business State              | region
Business Postal Code        | postal_code
Business Country/Region     | country
Home Street                 |
Home City                   |
Home State                  |
Home Postal Code            |
Home Country/Region         |
Business Fax                |
Mobile Phone                | phone
Business Phone              | phone
Primary Phone               | phone
Home Phone                  | phone
Birthday                    | birth_date
Categories                  | tags | ;
E-mail Address              | email
E-mail Type                 |
E-mail Display Name         |
E-mail 2 Address            | email
E-mail 3 Address            | email
Language                    | language
Notes                       | notes
Web Page                    | website
""",
)
