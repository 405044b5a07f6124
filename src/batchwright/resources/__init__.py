"""One file per kind of resource: a description, a declaration, and its calls to AWS."""
