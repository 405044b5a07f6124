"""The failure of a job whose container lacks something when it starts."""


class UnprovidedError(Exception):
    """The container cannot start; the text is what AWS gives as its reason, and holds no secret."""
