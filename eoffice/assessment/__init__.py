"""How pupils are assessed: one module for each circular, pure values, no class and no database."""
