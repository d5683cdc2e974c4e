"""Đính chính sổ đã khóa: what is wrong in a closed book is said on a page of its own."""
