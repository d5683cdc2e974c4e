"""Pictures of handwritten signatures and of seals: brought, checked, approved, drawn when signing.

Decree 30/2020, annex I, part IV: the picture of a signature is blue, that of a seal red and of its
real size, both PNG on a transparent ground.
"""
