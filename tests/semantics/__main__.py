"""`python tests/semantics` asks every system that is here and prints the table; `--write` puts it into the docs."""
