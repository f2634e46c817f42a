"""The search box: people and companies, at a cost that goes by what is shown."""

from tests.console.people import api, person, post
from tests.console.visitor import Visitor
from tests.live import Stage


def found(visitor: Visitor, text: str) -> str:
    """What the list of leads says of a search, without the box."""
    visitor.get("/leads", q=text)
    return visitor.words.partition("Created to")[2]


def test_a_company_is_found_with_its_people(stage: Stage, admin: Visitor) -> None:
    """By the beginning of its name or by its domain, each with who is there."""
    post(stage, email="ana@lumbre.es", first_name="Ana", company="Lumbre Luz")
    post(stage, email="eva@lumbre.es", first_name="Eva")
    post(stage, email="bo@other.es", first_name="Bo", company="Other")
    for text in ("lumb", "LUMBRE LUZ", "lumbre.es"):
        said = found(admin, text)
        assert "Companies Lumbre Luz lumbre.es" in said, text
        assert "Ana · Eva" in said or "Eva · Ana" in said, text
        assert "Nobody was found" not in said
        assert "Other" not in said
    account = person(stage, "ana@lumbre.es")["account"]
    assert f'href="/console/accounts/{account}"' in admin.text


def test_people_and_companies_of_one_name_stand_together(stage: Stage, admin: Visitor) -> None:
    """The company first, then whoever is called so; what nobody is called finds nobody."""
    post(stage, email="marta@casa.es", first_name="Marta", company="Martafilms")
    api(stage, "POST", "/accounts", {"name": "Martin & Co", "domain": "martin.es"})
    said = found(admin, "mart")
    assert "Martafilms" in said
    assert "Martin & Co martin.es Nobody is known there yet." in said
    assert "marta@casa.es" in said
    assert "Nobody was found" in found(admin, "zzz")
    assert "Companies" not in found(admin, "marta@casa.es")


def test_a_search_costs_what_it_shows(stage: Stage, admin: Visitor) -> None:
    """The same requests with ten times as many people and companies."""
    spent = []
    for count in (30, 300):
        for number in range(count):
            body = {"email": f"p{number}@firma{number}.es", "company": f"Firma {number}"}
            api(stage, "POST", "/leads", body)
        before = sum(stage.table.requests.values())
        said = found(admin, "firma")
        spent.append(sum(stage.table.requests.values()) - before)
        assert said.count("firma") >= 3
    assert spent[0] == spent[1]
    assert spent[1] < 60


def test_who_may_not_see_accounts_sees_no_companies(stage: Stage) -> None:
    """A key for leads alone searches leads alone."""
    from tests.console.visitor import keys

    post(stage, email="ana@lumbre.es", first_name="Ana", company="Lumbre Luz")
    secret, _ = keys(stage).create("editor", "Eva", scopes=("leads",))
    editor = Visitor(stage)
    editor.sign_in(secret)
    editor.get("/leads", q="lumb")
    assert editor.last.status == 200
    assert "Companies" not in editor.words.partition("Created to")[2]
