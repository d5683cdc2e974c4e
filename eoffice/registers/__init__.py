"""Classes, pupils and marks of schools; registers that are made, signed and closed from them.

Sổ của nhà trường: here a register is a school's own book (gradebook, report book, admission
register); the books that give numbers to documents are in `eoffice.documents`.
"""
