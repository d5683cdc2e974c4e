"""The archive's tests sign with the same trust services as those of signing."""

from tests.signing.conftest import dispatch, pki, trust

__all__ = ["dispatch", "pki", "trust"]
