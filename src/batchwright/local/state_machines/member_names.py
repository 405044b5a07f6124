"""Names of members as Step Functions has them: those of AWS's SDK for Java, with a capital letter at their front."""

import functools
import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@functools.lru_cache(maxsize=4096)
def state_name(member: str) -> str:
    """Return the name that a Task's Parameters and result have for a member of a service's model.

    `jobQueue` is `JobQueue`, and `SSEDescription` is `SseDescription`
    ("Learning to use AWS service SDK integrations", Step Functions guide).
    """
    return "".join(word[0].upper() + word[1:].lower() for word in _WORD.findall(member))
