"""Units with dates and successors; positions, persons, appointments, delegations; sign-in."""
