"""The menu: the pages of the shelf that whoever looks may see."""

from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import GROUPS, Page
from chalicelib.admin.console.texts import say
from chalicelib.shelf import Shelf

HOME = "overview"
PAGES = Shelf("chalicelib.admin.console.pages")
Entry = dict[str, object]


def page_of(name: str) -> Page | None:
    """The page of an address's first part; dashes stand for underscores."""
    module = name.replace("-", "_")
    if module not in PAGES or "_" in name:
        return None
    found: Page = PAGES.get(module).PAGE
    return found


def menu(desk: Desk) -> list[tuple[str, list[Entry]]]:
    """The groups of the menu in order, each with its entries; those without any are left out."""
    pages = {name: PAGES.get(name).PAGE for name in PAGES.names()}
    shown = [name for name, page in pages.items() if page.order and desk.may(page.needs)]
    made = []
    for group in GROUPS:
        names = [name for name in shown if pages[name].group == group]
        names.sort(key=lambda name: (pages[name].order, name))
        if names:
            made.append((group, [_entry(desk, name) for name in names]))
    return made


def _entry(desk: Desk, name: str) -> Entry:
    place = () if name == HOME else (name.replace("_", "-"),)
    here = desk.page == name
    return {"title": say(name, "title", desk.language), "at": desk.link(*place), "here": here}
