"""What an office puts away at the end: closed books, case files.

Books give numbers in `documents` and lines in `routing`; what they become when the year is over,
signed and sealed, is here.
"""
