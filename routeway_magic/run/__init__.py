"""One exchange, from prompt to turn: cells, `ask` and panels are ways into it."""
