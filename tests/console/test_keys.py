"""Keys and the access log at the console, without a browser."""

import re

from tests.console.people import person, post
from tests.console.visitor import Visitor, keys
from tests.live import Stage


def test_a_key_is_made_shown_once_and_opens_what_it_may(stage: Stage, admin: Visitor) -> None:
    """Its secret stands in the answer and on no page after it."""
    admin.get("/keys/new")
    admin.post("/keys/new", role="editor", label="The <b>shop</b>", scopes=["leads"], masked="no")
    found = re.search(r'<pre id="secret"[^>]*>([^<]+)</pre>', admin.text)
    assert found
    assert "The &lt;b&gt;shop&lt;/b&gt;" in admin.text
    key = keys(stage).find(found[1])
    assert key is not None
    assert (key.role, key.scopes, key.masked) == ("editor", ("leads",), False)
    for place in ("/keys", f"/keys/{key.id}", "/access"):
        assert found[1] not in admin.get(place)
    shop = Visitor(stage)
    shop.sign_in(found[1])
    assert shop.last.status == 200
    shop.get("/keys")
    assert shop.last.status == 403


def test_what_is_wrong_with_a_new_key_stands_beside_it(admin: Visitor) -> None:
    """With what was typed."""
    admin.get("/keys/new")
    admin.post("/keys/new", role="viewer", label="Mine", expires_at="2001-01-01", masked="yes")
    assert admin.last.status == 422
    assert 'value="Mine"' in admin.text
    assert "over already" in admin.text


def test_a_key_is_rotated_and_revoked(stage: Stage, admin: Visitor) -> None:
    """The old one stays good as long as was said; one that is revoked opens nothing."""
    secret, old = keys(stage).create("viewer", "the report")
    admin.get(f"/keys/{old.id}")
    admin.post(f"/keys/{old.id}/rotate", hours="24")
    found = re.search(r'<pre id="secret"[^>]*>([^<]+)</pre>', admin.text)
    assert found
    assert "24 more hours" in admin.words
    reader = Visitor(stage)
    for one in (secret, found[1]):
        reader.sign_in(one)
        assert "/sign-in" not in reader.at
    fresh = keys(stage).find(found[1])
    assert fresh is not None
    admin.get(f"/keys/{fresh.id}")
    admin.post(f"/keys/{fresh.id}/revoke")
    assert "The key is revoked." in admin.words
    reader.sign_in(found[1])
    assert reader.last.status == 401
    assert 'action="/console/keys' not in admin.get(f"/keys/{fresh.id}")


def test_nobody_revokes_the_key_in_hand(admin: Visitor) -> None:
    """The page offers neither; whoever sends it all the same is told."""
    (own,) = set(re.findall(r"/keys/([0-9a-f]{32})", admin.get("/keys")))
    assert f"/keys/{own}/revoke" not in admin.get(f"/keys/{own}")
    admin.get("/keys/new")
    admin.post(f"/keys/{own}/revoke")
    assert admin.last.status == 409


def test_the_log_shows_who_saw_whom_and_is_narrowed(stage: Stage, admin: Visitor) -> None:
    """The console's own calls stand in it; by lead and key it says less."""
    reader = Visitor.signed_in(stage, "viewer")
    reader.get("/leads", q="nobody@x.org")
    said = admin.get("/access")
    assert "GET /leads" in said
    assert "viewer&#39;s" in said
    viewer = next(key for key in keys(stage).list(10).keys if key.role == "viewer")
    only = admin.get("/access", key=viewer.id)
    assert "admin" not in re.sub(
        r"<header.*?</header>|<nav.*?</nav>|<form.*?</form>", "", only, flags=re.S
    )
    assert "nobody@x.org" not in said + only
    admin.get("/access", lead="nonsense")
    assert admin.last.status == 200
    assert "expected a lead" in admin.text
    admin.get("/exports")
    admin.post("/exports/new", format="csv")
    assert "Took out" in admin.get("/access")
    reader.get("/access")
    assert reader.last.status == 403


def test_a_lead_leads_to_who_looked(stage: Stage, admin: Visitor) -> None:
    """To administrators: the log of that person, in which they stand themselves."""
    post(stage, email="ana@x.org")
    ana = person(stage, "ana@x.org")["id"]
    (link,) = set(re.findall(rf'href="/console(/access\?lead={ana})"', admin.get(f"/leads/{ana}")))
    assert "GET /leads/{lead}" in admin.get(link)
    editor = Visitor.signed_in(stage, "editor")
    assert "/access?" not in editor.get(f"/leads/{ana}")
