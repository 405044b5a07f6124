"""Why something does not run: rules over facts that AWS tells, which change nothing."""
