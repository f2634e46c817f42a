"""The contacts table of Microsoft Access's own templates (Contacts, Northwind), exported as text."""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Microsoft Access",
    "access",
    (
        "ID | E-mail Address | Business Phone | ZIP/Postal Code",
        "ID | E-mail Address | Job Title | Attachments",
    ),
    """
ID              | external_id
Company         | company
Last Name       | last_name
First Name      | first_name
E-mail Address  | email
Job Title       | job_title
Business Phone  | phone
Home Phone      | phone
Mobile Phone    | phone
Fax Number      |
Address         | address
City            | city
State/Province  | region
ZIP/Postal Code | postal_code
Country/Region  | country
Web Page        | website
Notes           | notes
Category        | tags | ;
Attachments     |
""",
)
