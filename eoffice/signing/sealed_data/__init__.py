"""Data of schools as XML under the school's seal (XAdES): of books, and of report books.

The XML is the one inside the sealed PDF, byte for byte; the seal on it lets a program read it on
without the PDF and know that it is the school's.
"""
