"""What happened, who did it and when: an append-only log whose order can be proved.

Every action of the office records its event in its own transaction; a sequencer then gives each
event its place in a Merkle tree (RFC 9162) and signs the head of the tree.
"""
