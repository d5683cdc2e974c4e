"""Documents and their versions: drafting, checking, books and numbers, forms rendered to PDF/A."""
