"""Signing in through an issuer in a real browser: its redirects cross from site to site."""

import time
from dataclasses import replace

from playwright.sync_api import expect

from chalicelib.admin import oidc
from chalicelib.aws.sender import HttpSender
from chalicelib.settings import Oidc
from tests.admin.stub_issuer import CLIENT, SECRET, Issuer, serving
from tests.browser.at_console import barriers
from tests.browser.conftest import Opened
from tests.browser.serve import Served

ANA = {"email": "ana@firm.test", "email_verified": True, "groups": ["sales"]}


def test_there_and_back(stage: Served, visit: Opened) -> None:
    """The cookie of the way survives the other site's redirect, and the session begins."""
    oidc.forget()
    with serving(Issuer(person=dict(ANA), now=int(time.time()))) as issuer:
        # By its name: another site than the stage, which goes by its address.
        issuer.url = issuer.url.replace("127.0.0.1", "localhost")
        said = Oidc(issuer.url, CLIENT, SECRET, "groups", {"sales": "editor"}, "openid")
        stage.live.settings = replace(stage.live.settings, oidc=said)
        stage.live.outside = replace(stage.live.outside, send=HttpSender())
        page = visit(f"{stage.url}/console/leads")
        assert barriers(page) == []
        page.get_by_role("link", name="Sign in with your account").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
        expect(page.locator(".who-name")).to_have_text("ana@firm.test")
        assert page.url == f"{stage.url}/console/leads"
