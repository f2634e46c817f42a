"""Salesforce: leads and contacts, as the data export writes them and as a report does.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
"""

from chalicelib.presets._layout import layout

PRESET = layout(
    "Salesforce",
    "salesforce",
    (
        "Id | FirstName | LastName | HasOptedOutOfEmail",
        "Id | LastName | Email | LeadSource",
        "Lead ID | First Name | Last Name | Lead Owner",
        "First Name | Last Name | Company / Account | Lead Owner",
    ),
    """
Id                     | external_id
Lead ID                | external_id
FirstName              | first_name
LastName               | last_name
Title                  | job_title
Company                | company
Company / Account      | company
Email                  | email
Phone                  | phone
MobilePhone            | phone
Mobile                 | phone
Website                | website
Street                 | address
City                   | city
State                  | region
State/Province         | region
PostalCode             | postal_code
Zip/Postal Code        | postal_code
Country                | country
Birthdate              | birth_date
Description            | notes
Lead Source            |
Lead Owner             |
Lead Status            |
Status                 |
HasOptedOutOfEmail     | unsubscribed
Email Opt Out          | unsubscribed
EmailBouncedDate       | bounced      | *=yes
CreatedDate            |
""",
)
