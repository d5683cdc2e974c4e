"""Recipients of a document: choosing, groups, pasted lists, the directory of outside agencies."""
