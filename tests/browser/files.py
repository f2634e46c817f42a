"""Files of a trade fair at the console's pictures: one in review, one done, one taken back."""

import json
from dataclasses import replace

from chalicelib.privacy import steps
from tests.browser.serve import Served
from tests.console.people import api as call
from tests.imports.door import FileDoor

_HEADERS = "Nombre;Apellidos;Correo electrónico;Teléfono;Empresa;Ciudad;Estand"
_NAMES = ("Ana", "Luis", "Marta", "João", "Eva", "Miriam", "Pablo", "Lucía")
_CITIES = ("Madrid", "Sevilla", "Vigo", "Porto")


def drop(stage: Served, lead: str) -> dict[str, str]:
    """Drop three files, have a lead copied and let the workers run; the numbers of all that.

    From here on the stage's bucket and queues are those of the file door.
    """
    door = FileDoor(table=stage.table)
    now, secret = stage.live.outside.now, stage.live.outside.secret
    door.outside = replace(door.outside, secret=secret, now=now)
    stage.live.outside = door.outside
    wrong = ["Paco;Gil;paco.gil@;612;Lumbre;Madrid;B12", "Sin;Correo;;;;;C1"]
    done = _one(stage, door, "feria-madrid.csv", _rows(0, 300) + wrong)
    undone = _one(stage, door, "lista-antigua.csv", _rows(600, 40))
    for name in (done, undone):
        call(stage, "POST", "/imports/{import}/commit", None, None, **{"import": name})
    door.run()
    call(stage, "POST", "/imports/{import}/undo", {}, None, **{"import": undone})
    door.run()
    again = [row.replace("Empresa 7", "Empresa Siete") for row in _rows(200, 180)]
    review = _one(stage, door, "feria-sevilla.csv", again + wrong)
    bundle = call(stage, "POST", "/leads/{lead}/bundle", {"language": "es"}, lead=lead)["bundle"]
    for message in map(json.loads, door.chunks.take()):
        steps.step(message, door.outside, stage.live.upsert, 90)
    made = {"bundle": str(bundle)}
    return made | {"review": review, "imported": done, "taken_back": undone}


def _rows(start: int, count: int) -> list[str]:
    return [
        ";".join(
            (
                _NAMES[n % len(_NAMES)], f"Gil {n}", f"persona{n}@empresa{n % 20}.es",
                f"6{12000000 + n}", f"Empresa {n % 20}", _CITIES[n % len(_CITIES)], f"B{n}",
            )
        )
        for n in range(start, start + count)
    ]  # fmt: skip


def _one(stage: Served, door: FileDoor, name: str, rows: list[str]) -> str:
    options = {"source": "trade-fair", "campaign": "Madrid 2026", "acquisition": "event"}
    body = {"filename": name, "options": {**options, "dry_run": True}}
    told = call(stage, "POST", "/imports", body)
    door.drop(told["upload"]["fields"]["key"], "\n".join([_HEADERS, *rows]) + "\n")
    door.run()
    return str(told["import"])
