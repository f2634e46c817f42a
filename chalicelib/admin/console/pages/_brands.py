"""How products write their own names: what the shelves call them is a file's name."""

# Where the words of the file's name with capitals are not it.
_WRITTEN = {
    "agile": "Agile CRM",
    "fxiaoke": "纷享销客 (FXiaoke)",
    "generic": "JSON (webhook)",
    "generic_xml": "XML (webhook)",
    "github": "GitHub",
    "hubspot": "HubSpot",
    "linkedin": "LinkedIn",
    "meta": "Meta Lead Ads",
    "sendgrid": "SendGrid",
    "ses": "Amazon SES",
    "sparkpost": "SparkPost",
    "standard": "Standard Webhooks",
    "tiktok": "TikTok",
    "wpforms": "WPForms",
    "zoho": "Zoho CRM",
}


def brand(name: str) -> str:
    """What a provider or a layout of a shelf is called."""
    return _WRITTEN.get(name) or name.replace("_", " ").title()
