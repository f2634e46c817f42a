"""Which encoding a file is in is found out, in whatever language it is written."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.formats import Reading
from tests.formats.reading import cells_of, everything

VIETNAMESE = "Họ tên;Thành phố\nNguyễn Văn Đức;Hà Nội\nTrần Thị Hương;Đà Nẵng\n"
TEXTS = {
    "cp1252": "Nombre;Ciudad\nJosé García;Málaga\nIñaki Muñoz;Córdoba\nZoë Müller;Köln\n",
    "iso8859-15": "Nom;Prix\nŒuvre Sébastien;12 €\nŠkoda François;15 €\n",
    "mac-roman": "Nombre;Ciudad\nJosé García;Málaga\nIñaki Muñoz;Córdoba\n",
    "cp1250": "Imię;Miasto\nŁukasz Żółć;Gdańsk\nJędrzej Wąs;Łódź\n",
    "cp1251": "Имя;Город\nИван Петров;Москва\nОльга Смирнова;Казань\n",
    "cp1253": "Όνομα;Πόλη\nΓιώργος Παπαδόπουλος;Αθήνα\nΜαρία;Πάτρα\n",
    "cp1254": "İsim;Şehir\nAyşe Yılmaz;İstanbul\nÇağrı Öztürk;Muğla\n",
    "cp1255": "שם;עיר\nדוד כהן;ירושלים\nרחל לוי;חיפה\n",
    "cp1256": "الاسم;المدينة\nمحمد علي;القاهرة\nفاطمة حسن;بغداد\n",
    "cp1257": "Vārds;Pilsēta\nJānis Bērziņš;Rīga\nĒriks Kalniņš;Jūrmala\n",
    "gb18030": "姓名;城市;公司\n王小明;北京;阿里巴巴\n李娜;上海;腾讯科技有限公司\n",
    "big5": "姓名;城市;公司\n王小明;臺北;台灣積體電路\n陳怡君;高雄;鴻海\n",
    "shift_jis": "氏名;住所\n山田太郎;東京都新宿区\n佐藤花子;大阪府\n",
}
WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
ALL = (*TEXTS, "cp1258", "utf-8", *WIDE)


def vietnamese() -> str:
    """As cp1258 has it: tones are marks after the letter."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    out = ""
    for letter in VIETNAMESE:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts[1:] if mark in tones)
        rest = "".join(mark for mark in parts[1:] if mark not in tones)
        out += unicodedata.normalize("NFC", parts[0] + rest) + tone
    return out


def text_of(encoding: str) -> str:
    """A small list of people in a language that is written so."""
    return vietnamese() if encoding == "cp1258" else TEXTS.get(encoding, TEXTS["cp1251"])


def expected(text: str) -> list[list[str]]:
    """Its cells."""
    return [line.split(";") for line in text.splitlines()]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("encoding", ALL)
def test_a_list_of_people_gives_its_encoding_away(encoding: str, late: bool) -> None:
    """By its first lines, or where 90 KB of plain ASCII stand before them."""
    before = "email;name\n" + "ana@example.org;Ana\n" * 4500 if late else ""
    text = before + text_of(encoding)
    found = everything("a.csv", text.encode(encoding))
    assert [row[1] for row in found["rows"]] == expected(text)
    if encoding not in WIDE:
        assert found["encoding"] == encoding


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("a,b,c\n1,2,3\n4,5,©\n", "cp1252"),
        ("a,b\nñ,é\n", "cp1252"),
        ("name;x\nAnão;1\n", "cp1252"),
        ("NOMBRE;CIUDAD\nMUÑOZ;LEÓN\n", "cp1252"),
        ("Ort\nMünchen\n", "cp1252"),
        ("ایمیل\tنام\nana@x.org\tآنا\n", "utf-16-le"),
    ],
)
def test_a_few_letters_are_enough(text: str, encoding: str) -> None:
    """One accent in one name, as most files have."""
    assert everything("a.csv", text.encode(encoding))["encoding"] == encoding


def test_what_the_options_say_is_believed() -> None:
    """Unless a mark at the beginning says otherwise."""
    data = "name\nŁukasz\n".encode("cp1250")
    assert cells_of("a.csv", data, Reading(encoding="cp1252")) == [["name"], ["£ukasz"]]
    marked = "\ufeffname\nŁukasz\n".encode("utf-16-le")
    assert cells_of("a.csv", marked, Reading(encoding="cp1252")) == [["name"], ["Łukasz"]]


alphabet = {
    name: "".join(
        c
        for c in map(chr, [*range(32, 0x250), *range(0x370, 0x600), *range(0x600, 0x700),
                           *range(0x3040, 0x30ff), *range(0x4e00, 0x4f80), 9, 10, 13])
        if c.encode(name, "ignore").decode(name, "ignore") == c and c != "\x7f"
    )
    for name in ALL
}  # fmt: skip


@st.composite
def written(draw: st.DrawFn) -> tuple[list[list[str]], bytes, Reading, int]:
    """Any table, written by Python's csv in any dialect and encoding, and how it is then read."""
    encoding = draw(st.sampled_from(ALL))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", "^", "~"]))
    quote = draw(st.sampled_from(['"', "'"]))
    doubled = draw(st.booleans())
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    # With bare line feeds Python leaves a carriage return unquoted, and so cannot read it either.
    end = "\r\n" if quoting == csv.QUOTE_MINIMAL else draw(st.sampled_from(["\r\n", "\n"]))
    marks = [quote, delimiter, "a\r\nb", "\n", "", " x "] + ([] if doubled else ["\\"])
    cell = st.text(alphabet[encoding], max_size=6) | st.sampled_from(marks)
    width = draw(st.integers(1, 4))
    table = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=5))
    out = io.StringIO(newline="")
    escape = None if doubled else "\\"
    csv.writer(
        out,
        delimiter=delimiter,
        quotechar=quote,
        doublequote=doubled,
        escapechar=escape,
        quoting=quoting,  # type: ignore[arg-type]
        lineterminator=end,
    ).writerows(table)
    reading = Reading(encoding, delimiter, "", quote, escape or "")
    return table, out.getvalue().encode(encoding), reading, draw(st.integers(1, 40))


@settings(max_examples=500)
@given(written())
def test_whatever_python_writes_comes_back(
    case: tuple[list[list[str]], bytes, Reading, int],
) -> None:
    """Cell by cell, in every encoding and dialect, however the borders of reads fall."""
    table, data, reading, most = case
    # A word says that it is no archive, whatever its first bytes look like.
    head = "name" + (reading.delimiter + "name") * (len(table[0]) - 1)
    first = (head + "\r\n").encode(reading.encoding)
    skipped = first + data[2:] if reading.encoding == "utf-16" else first + data
    skipped = first + data[4:] if reading.encoding == "utf-32" else skipped
    found = cells_of("a.csv", skipped, reading, most)
    assert found[1:] == table


@settings(max_examples=150)
@given(
    st.sampled_from(("utf-8-sig", "utf-16", "utf-32")), st.lists(st.text(max_size=8), max_size=6)
)
def test_a_mark_is_believed_whatever_follows(encoding: str, texts: list[str]) -> None:
    """UTF-8, UTF-16 and UTF-32 that say so are read so."""
    plain = [["".join(c for c in t if c.isprintable())] for t in texts]
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["name"], *plain])
    data = out.getvalue().encode(encoding)
    assert cells_of("a.csv", data, Reading(delimiter=",")) == [["name"], *plain]
