"""edXML: messages of QCVN 102:2016/BTTTT as XML, read leniently and written strictly.

Reading goes by local names, takes either spelling of `Bussiness`, dates with hyphens, elements in
any order and attachments with or without prefix; it refuses what could be read in two ways, such
as a subject that stands there twice. Writing has every element below the root under the prefix
`edXML:` (a strict reader in use refuses others) in the order of the regulation's samples.
"""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.exchange import reading, writing
from eoffice.exchange.message import DocumentMessage, Message
from eoffice.exchange.safe_xml import MessageUnreadable, Tree, read

__all__ = ("MessageUnreadable", "Read", "build", "parse")


@dataclass(frozen=True, slots=True)
class Read:
    message: Message
    #: What is wrong with a file that could be read all the same; None for a sound one.
    damage: str | None
    #: Whether it bears a signature, which `xml_signature.verify` judges.
    is_signed: bool


def parse(content: bytes) -> Read:
    """The message in a file. Raises MessageUnreadable, which says where reading ended."""
    tree: Tree = read(content)
    return Read(reading.message(tree.root), tree.damage, tree.is_signed)


def build(message: Message) -> bytes:
    """The message as XML in UTF-8, unsigned; the same message always gives the same bytes.

    Raises writing.MessageUnwritable: a text holds characters that XML cannot carry.
    """
    if isinstance(message, DocumentMessage):
        return writing.document(message)
    return writing.status(message)
