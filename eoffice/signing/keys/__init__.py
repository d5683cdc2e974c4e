"""Key stores: where the private keys of persons and seals are, behind one contract."""
