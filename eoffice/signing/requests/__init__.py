"""Requests for signature: each attempt to sign one field of one content, from first to last.

A request can wait (for a time-stamp authority, for a confirmation on the signer's phone, for the
signer's own computer), says for whom and since when, and never waits for ever.
"""
