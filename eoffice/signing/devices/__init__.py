"""Programs at signers' own computers (`eoffice-agent`), where a key is that never leaves its token.

A device is paired once with a code that its owner sees after signing in. From then on it holds a
token that can do nothing but fetch what its owner is to sign, and bring signatures.
"""
