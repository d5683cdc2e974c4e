"""The test PKI for the program at the signer's computer."""

from tests.signing.conftest import pki

__all__ = ["pki"]
