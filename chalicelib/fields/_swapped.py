"""First and last name in each other's place, noticed where both are plain to see.

Only from short lists: a name that may be either (`Cruz`, `Santiago`, `Martin`, `James`) is on none.
"""

_GIVEN_WORDS = (
    "alejandra alejandro alicia ana andrea andrés antonio beatriz carmen carlos clara cristina elena "
    "enrique fernanda fernando guillermo inés isabel javier joaquín jorge josé juan laura lucía luis "
    "luisa manuel marcela maría mariana marta mónica natalia patricia pedro raquel roberto sandra "
    "silvia sofía teresa verónica ximena antônio bruna eduardo gabriela gustavo joão josefa larissa "
    "letícia luiz márcia rafaela thiago alice amy anna barbara charlotte christopher daniel deborah "
    "elizabeth emily emma hannah jennifer jessica john karen linda lisa margaret mary matthew "
    "michelle nancy olivia peter rebecca robert sarah stephen steven susan victoria william "
    "علی فاطمه زهرا مریم حسین رضا سارا نرگس"
)
_FAMILY_WORDS = (
    "álvarez castillo castro díaz domínguez fernández flores garcía gómez gonzález gutiérrez "
    "hernández herrera jiménez lópez martínez méndez mendoza morales moreno muñoz navarro núñez ortiz "
    "pérez ramírez ramos reyes rodríguez romero rubio ruiz sánchez suárez torres vargas vásquez "
    "vázquez almeida alves araújo barbosa carvalho costa ferreira gomes gonçalves lima lopes martins "
    "melo nascimento oliveira pereira ribeiro rodrigues santos silva soares sousa souza anderson "
    "brown clark davis evans hughes johnson jones miller moore robinson smith taylor thompson walker "
    "white williams wilson wright "
    "محمدی احمدی حسینی رضایی کریمی موسوی جعفری قاسمی"
)
_GIVEN = frozenset(_GIVEN_WORDS.split())
_FAMILY = frozenset(_FAMILY_WORDS.split())


def swapped(first: str, last: str) -> bool:
    """Whether the first name is a family's and the last name one that only persons are given."""
    first, last = first.casefold(), last.casefold()
    return first in _FAMILY and last in _GIVEN
