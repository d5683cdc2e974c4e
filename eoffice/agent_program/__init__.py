"""`eoffice-agent`: signs at its owner's computer, with a token that stays there.

A program of its own. It imports nothing else of the office: what it signs it examines itself, by
the file and by the rules of PAdES, not by what the server says of them. Needs `asn1crypto` and
`python-pkcs11`. Described in `docs/agent.md`.
"""
