"""The vocabulary of the border: structs, routes, headers, errors, deadlines."""
