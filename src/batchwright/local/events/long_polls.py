"""Lets ReceiveMessage wait for messages without holding up everybody else, as moto would under the one lock."""

from collections.abc import Callable

from batchwright.local.messages import Answer, Call

LOOK_AGAIN_S = 0.1
_LONGEST_S = 20


def is_long_poll(call: Call) -> bool:
    """Return whether the call is a ReceiveMessage, which may wait."""
    return call.service == "sqs" and call.header("x-amz-target").endswith(".ReceiveMessage")


def polled(call: Call, answer: Callable[[Call], Answer], let_pass: Callable[[float], object]) -> Answer:
    """Answer a ReceiveMessage as soon as there are messages, at the latest after its WaitTimeSeconds.

    Args:
        call: The call.
        answer: Answers it at once.
        let_pass: Lets that many seconds go by.
    """
    request = call.json()
    left_s = float(request.get("WaitTimeSeconds") or 0)
    if not 0 <= left_s <= _LONGEST_S:
        return answer(call)  # a refusal
    at_once = call.with_json({**request, "WaitTimeSeconds": 0})
    while True:
        found = answer(at_once)
        if left_s <= 0 or not found.is_success or found.json().get("Messages"):
            return found
        let_pass(LOOK_AGAIN_S)
        left_s -= LOOK_AGAIN_S
