"""The kinds of registers that are made from a class's marks, each with its data, pages and form."""
