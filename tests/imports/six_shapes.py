"""The same thousand people as six countries would send them."""

import csv
import datetime
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

import xlsxwriter

from chalicelib.fields._jalali import gregorian

COUNT = 1000
_FIRST = ("José", "María", "Iñaki", "Ana", "Begoña", "Luis", "Zoé", "Ramón", "Inés", "Raúl")
_LAST = ("García", "Muñoz", "Pérez", "Núñez", "Gil", "Ibáñez", "López", "Peña", "Sáez", "Marín")
_CITIES = ("Málaga", "Córdoba", "León", "Madrid", "Cádiz", "A Coruña", "Logroño")
_PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


@dataclass(frozen=True)
class Someone:
    """One of them, in our own notation."""

    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: datetime.date
    city: str
    message: str
    amount: str


def everybody() -> list[Someone]:
    """All, each time the same."""
    return [
        Someone(
            _FIRST[n % 10],
            _LAST[n // 10 % 10],
            f"person{n}@example.org",
            f"+346{(n * 79_189 + 31_415_926) % 10**8:08d}",
            datetime.date(1960, 1, 1) + datetime.timedelta(days=n * 13 % 14000),
            _CITIES[n % 7],
            f'Said "call me"; {n},\nthen rang off' if n % 9 == 0 else f"note {n}",
            f"{n * 37 % 5000}.{n % 10}5",
        )
        for n in range(COUNT)
    ]


def _rows(people: list[Someone]) -> Iterator[list[str]]:
    for one in people:
        day = one.birth_date
        yield [
            one.first_name, one.last_name, one.email, one.phone, day.isoformat(), one.city,
            one.message, one.amount,
        ]  # fmt: skip


def spanish() -> bytes:
    """Excel's CSV in Madrid: semicolons, cp1252, decimal commas, days first."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        ["Nombre", "Apellidos", "Correo electrónico", "Teléfono", "Fecha de nacimiento", "Ciudad",
         "Mensaje", "Importe"]
    )  # fmt: skip
    for one, row in zip(everybody(), _rows(everybody()), strict=True):
        phone = f"{row[3][3:6]} {row[3][6:9]} {row[3][9:]}"
        day = one.birth_date.strftime("%d/%m/%Y")
        writer.writerow([*row[:3], phone, day, *row[5:7], row[7].replace(".", ",")])
    return out.getvalue().encode("cp1252")


def brazilian() -> bytes:
    """A workbook of São Paulo: a title, true dates and numbers, phones that became numbers."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Contatos")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_string(0, 0, "Lista de contatos")
    sheet.write_row(
        2, 0,
        ["Primeiro nome", "Sobrenome", "Endereço de e-mail", "Telefone", "Data de nascimento",
         "Cidade", "Mensagem", "Valor"],
    )  # fmt: skip
    for n, one in enumerate(everybody(), 3):
        sheet.write_row(n, 0, [one.first_name, one.last_name, one.email])
        sheet.write_number(n, 3, int(one.phone))
        sheet.write_datetime(n, 4, datetime.datetime.combine(one.birth_date, datetime.time()), day)
        sheet.write_row(n, 5, [one.city, one.message])
        sheet.write_number(n, 7, float(one.amount))
    book.close()
    return out.getvalue()


def persian() -> bytes:
    """Excel's Unicode text in Tehran: UTF-16, tabs, Jalali days, Persian digits."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t")
    writer.writerow(
        ["نام کوچک", "نام خانوادگی", "ایمیل", "شماره موبایل", "تاریخ تولد", "شهر", "پیام", "مبلغ"]
    )
    for one, row in zip(everybody(), _rows(everybody()), strict=True):
        year, month, day = _jalali()[one.birth_date]
        phone = row[3].translate(_PERSIAN)
        born = f"{year}/{month:02d}/{day:02d}".translate(_PERSIAN)
        writer.writerow([*row[:3], phone, born, *row[5:7], row[7].translate(_PERSIAN)])
    return out.getvalue().encode("utf-16")


def chinese() -> bytes:
    """A CSV of Shanghai in GB18030, days in Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["名", "姓", "电子邮箱", "手机号码", "出生日期", "城市", "留言", "金额"])
    for one, row in zip(everybody(), _rows(everybody()), strict=True):
        day = one.birth_date
        written = f"{day.year}年{day.month}月{day.day}日"
        writer.writerow([*row[:3], row[3], written, *row[5:]])
    return out.getvalue().encode("gb18030")


def xml() -> bytes:
    """As an export of some program: attributes, nested elements, notes in CDATA."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<export><meta><n>1000</n></meta><contacts>\n']
    parts += [
        f'<contact email="{one.email}"><first_name>{one.first_name}</first_name>'
        f"<last_name>{one.last_name}</last_name><phone>{one.phone}</phone>"
        f"<birth_date>{one.birth_date}</birth_date><address><city>{escape(one.city)}</city></address>"
        f"<message><![CDATA[{one.message}]]></message><amount>{one.amount}</amount></contact>\n"
        for one in everybody()
    ]
    return "".join([*parts, "</contacts></export>"]).encode()


def json_lines() -> bytes:
    """One object a line, the address in one of its own."""
    names = ("first_name", "last_name", "email", "phone", "birth_date", "city", "message", "amount")
    found = [dict(zip(names, row, strict=True)) for row in _rows(everybody())]
    shaped = [row | {"city": None, "address": {"city": row["city"]}} for row in found]
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in shaped).encode()


SHAPES = {
    "spanish.csv": spanish,
    "brazilian.xlsx": brazilian,
    "persian.tsv": persian,
    "chinese.csv": chinese,
    "export.xml": xml,
    "export.jsonl": json_lines,
}
# What only the sender knows of a file: which number is the month, what a path is for.
OPTIONS = {
    "spanish.csv": {"inlet-date_order": "dmy"},
    "export.xml": {"inlet-mapping": '{"@email": "email", "address/city": "city"}'},
    "export.jsonl": {"inlet-mapping": '{"address.city": "city", "city": null}'},
}


@cache
def _jalali() -> dict[datetime.date, tuple[int, int, int]]:
    found: dict[datetime.date, tuple[int, int, int]] = {}
    for year in range(1338, 1380):
        for month in range(1, 13):
            for day in range(1, 32):
                when = gregorian(year, month, day)
                if when:
                    found[when] = (year, month, day)
    return found
