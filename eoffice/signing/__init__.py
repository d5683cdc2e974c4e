"""Signatures: requests and ceremonies, key stores, PAdES, seals, verification.

Verification and the adapters know no database; `ceremony` brings both together.
"""
