"""Zoho CRM's export of leads and contacts."""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Zoho CRM",
    "zoho",
    (
        "Record Id | Lead Owner | Email Opt Out",
        "Record Id | Contact Owner | Email Opt Out",
        "Record Id | Lead Owner | Created Time",
        "Record Id | Contact Owner | Created Time",
    ),
    """
Record Id        | external_id
Lead Owner.id    |
Lead Owner       |
Contact Owner.id |
Contact Owner    |
Company          | company
Account Name     | company
First Name       | first_name
Last Name        | last_name
Title            | job_title
Email            | email
Phone            | phone
Mobile           | phone
Website          | website
Lead Source      |
Lead Status      |
Date of Birth    | birth_date
Created Time     |
Modified Time    |
Email Opt Out    | unsubscribed
Street           | address
Mailing Street   | address
City             | city
Mailing City     | city
State            | region
Mailing State    | region
Zip Code         | postal_code
Mailing Zip      | postal_code
Country          | country
Mailing Country  | country
Description      | notes
Tag              | tags         | comma
""",
)
