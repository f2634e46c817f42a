"""The demo form `contact`, as the document that seeds it; types and labels are the standard ones."""

from typing import Any

DEMO_NAME = "contact"
DEMO_FORM: dict[str, Any] = {
    "fields": {
        "email": {"required": True},
        "phone": {},
        "first_name": {},
        "last_name": {},
        "company": {},
        "message": {},
        "consent": {},
    },
    "languages": ["en", "es", "pt", "fa", "zh"],
    "language": "en",
    "captcha": None,
    "token": {"required": False},
    "policies": {"email": "flag", "phone": "flag"},
    "region": "ES",
}
