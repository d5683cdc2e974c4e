"""Issue, now or at a time, and documents that correct, amend or replace others."""
