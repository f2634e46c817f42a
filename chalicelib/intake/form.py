"""The form door in one place: what a view needs to take a post, in the order it needs it."""

from chalicelib.intake.demo_form import DEMO_FORM, DEMO_NAME
from chalicelib.intake.form_definition import CaptchaRule, FormDefinition, TokenRule, rules
from chalicelib.intake.form_document import MASK, dump_form, load_form
from chalicelib.intake.form_origin import allowed_origin, normal_origin, origin_of, safe_redirect
from chalicelib.intake.form_post import FormPost, Reserved, laid_open, read, to_ask
from chalicelib.intake.form_token import Token, issue_token, open_token, read_token
from chalicelib.intake.visits import issue_attribution, read_visits

__all__ = [
    "DEMO_FORM",
    "DEMO_NAME",
    "MASK",
    "CaptchaRule",
    "FormDefinition",
    "FormPost",
    "Reserved",
    "Token",
    "TokenRule",
    "allowed_origin",
    "dump_form",
    "issue_attribution",
    "issue_token",
    "laid_open",
    "load_form",
    "normal_origin",
    "open_token",
    "origin_of",
    "read",
    "read_token",
    "read_visits",
    "rules",
    "safe_redirect",
    "to_ask",
]
