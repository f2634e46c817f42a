"""HubSpot's export of contacts, all properties on records.

https://knowledge.hubspot.com/import-and-export/export-records
"""

from chalicelib.presets._layout import layout

PRESET = layout(
    "HubSpot",
    "hubspot",
    (
        "Record ID | Email | Create Date",
        "Record ID | Email | Lead Status",
        "Record ID | Email | Marketing contact status",
    ),
    """
Record ID                   | external_id
First Name                  | first_name
Last Name                   | last_name
Email                       | email
Phone Number                | phone
Mobile Phone Number         | phone
Contact owner               |
Company Name                | company
Associated Company          | company
Job Title                   | job_title
Website URL                 | website
Street Address              | address
City                        | city
State/Region                | region
Postal Code                 | postal_code
Country/Region              | country
Preferred language          | language
Date of birth               | birth_date
Message                     | message
Lead Status                 |
Lifecycle Stage             |
Marketing contact status    |
Original Source             |
Unsubscribed from all email | unsubscribed
Create Date                 |
Last Activity Date          |
""",
)
