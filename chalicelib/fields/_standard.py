"""The standard fields: what each is called everywhere, its type, its bound, its labels."""

from collections.abc import Mapping

from chalicelib.intake.rules import FieldRule

LANGUAGES = ("en", "es", "pt", "fa", "zh")
# What tells two people apart, or reaches one, is hidden from callers who see data masked.
NOT_PERSONAL = frozenset(
    {"company", "job_title", "website", "country", "region", "city", "language", "interest"}
    | {"consent", "owner"}
)

# name, type, bound, then the labels in the order of LANGUAGES
_TABLE = """
email       email       500   E-mail | Correo electrónico | E-mail | ایمیل | 电子邮箱
phone       phone       250   Phone | Teléfono | Telefone | تلفن | 电话
first_name  name        300   First name | Nombre | Nome | نام | 名字
last_name   name        300   Last name | Apellidos | Sobrenome | نام خانوادگی | 姓氏
full_name   name        300   Full name | Nombre completo | Nome completo | نام کامل | 姓名
company     text        500   Company | Empresa | Empresa | شرکت | 公司
job_title   text        500   Job title | Cargo | Cargo | سمت شغلی | 职位
website     url         2000  Website | Sitio web | Site | وب‌سایت | 网站
country     country     500   Country | País | País | کشور | 国家/地区
region      text        500   State or region | Provincia o región | Estado ou região | استان | 省/州
city        text        500   City | Ciudad | Cidade | شهر | 城市
postal_code postal_code 500   Postal code | Código postal | Código postal | کد پستی | 邮政编码
address     text        500   Address | Dirección | Endereço | نشانی | 地址
birth_date  date        500   Date of birth | Fecha de nacimiento | Data de nascimento | تاریخ تولد | 出生日期
language    language    500   Language | Idioma | Idioma | زبان | 语言
message     notes       10000 Message | Mensaje | Mensagem | پیام | 留言
notes       notes       10000 Notes | Notas | Observações | یادداشت‌ها | 备注
interest    text        500   Interest | Interés | Interesse | موضوع مورد علاقه | 感兴趣的内容
owner       text        500   Owner | Responsable | Responsável | مسئول پیگیری | 负责人
consent     consent     500   I agree to be contacted | Acepto que me contacten | Aceito ser contatado | با تماس با من موافقم | 我同意接受联系
"""


def _rule(row: str) -> FieldRule:
    name, kind, limit, texts = row.split(maxsplit=3)
    labels = dict(zip(LANGUAGES, texts.split(" | "), strict=True))
    personal = name not in NOT_PERSONAL
    return FieldRule(name, kind, max_length=int(limit), label=labels, personal=personal)


STANDARD: Mapping[str, FieldRule] = {
    rule.name: rule for rule in map(_rule, _TABLE.strip().splitlines())
}
