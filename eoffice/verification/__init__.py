"""The doors of verification: the public page, codes on pages, looking again by night."""
