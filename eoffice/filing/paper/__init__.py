"""Books that the clerk keeps of paper: what goes by post, which file copies are lent."""
