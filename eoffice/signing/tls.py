"""Whom a connection to the authorities of signatures trusts, where their addresses are https."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def recognised() -> ssl.SSLContext:
    """The certificates that every client would read anew: 30 ms each time, as long as a signature
    itself. Safe for threads: nobody changes it.
    """
    return httpx.create_ssl_context(trust_env=False)
