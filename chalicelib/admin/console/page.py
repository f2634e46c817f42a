"""What a page of the console says of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.model import Response

if TYPE_CHECKING:
    from chalicelib.admin.console.desk import Desk

View = Callable[["Desk"], Response]
GROUPS = ("leads", "incoming", "settings")


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its views, and its place in the menu.

    `views` maps a method and what follows the page's address to a view: `GET`, `GET /new`,
    `GET /{name}`, `POST /{name}/merge`. A literal name comes before `{name}`. `needs` is the
    route of the API (`GET /leads`) that whoever sees the page must be let into. `order` is its
    place in its group of the menu; 0 keeps it out.
    """

    views: Mapping[str, View]
    needs: str
    group: str = "leads"
    order: int = 0

    def view(self, method: str, name: str, action: str) -> View | None:
        """The view of an address, or None."""
        for named in (name, "{name}") if name else ("",):
            place = "/".join([method, *filter(None, (named, action))]).replace("/", " /", 1)
            if place in self.views:
                return self.views[place]
        return None
