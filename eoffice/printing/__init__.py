"""What is set and printed: PDF/A from forms, tables, workbooks, Word lists, marks of a print."""
