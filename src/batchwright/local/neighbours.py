"""The services around Batch, served by moto: IAM, STS, EC2, EFS, DynamoDB, CloudWatch Logs and a few more.

The only module that imports moto.  moto keeps one set of data per process, so one process holds one server.
"""

import functools
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any
from wsgiref.types import WSGIApplication

import attrs

from batchwright.local.efs_memory import EfsMemory
from batchwright.local.efs_rules import EfsRules
from batchwright.local.events.bus import Rule as EventRule
from batchwright.local.events.long_polls import is_long_poll, polled
from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Rule
from batchwright.local.network_rules import NetworkRules
from batchwright.local.provisions import Provisions
from batchwright.local.refused import refusal
from batchwright.local.state import State
from batchwright.local.state_machines.machines import Machines
from batchwright.local.surroundings import Births, IamRules, MotoWorld, StsRules
from batchwright.local.table_copies import one_copy_each
from batchwright.local.table_rules import TableRules
from batchwright.local.tagging_rules import TaggingRules
from batchwright.local.wsgi import call_wsgi

_MOTO_NAMES = {
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "elasticfilesystem": "efs",
    "events": "events",
    "iam": "iam",
    "logs": "logs",
    "secretsmanager": "secretsmanager",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
}
SERVED = frozenset({*_MOTO_NAMES, "states"})
"""Signing names of the services that are served: those of moto, and Step Functions by a rule; Batch has its own app."""


@functools.cache
def load_moto() -> WSGIApplication:
    """Return moto's own server app, one for the process, silent, with AWS's managed policies but without its images."""
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    server = import_module("moto.moto_server.werkzeug_app")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = server.DomainDispatcherApplication(server.create_backend_app)
    # It would list the directories of its own package to know a host again, at each call.
    app.get_backend_for_host = functools.lru_cache(maxsize=256)(app.get_backend_for_host)
    served: WSGIApplication = app
    return served


@attrs.define(kw_only=True, eq=False)
class Neighbours:
    """Hands a call through its service's rules to moto, one call at a time, so that conditions hold.

    Args:
        app: moto's server app.
        account: The account that all data belongs to.
        rules: What moto lacks of AWS; each rule wraps the calls of one service.
        machines: The state machines, which are ours.
        before_call: Does what is due, so that every answer is of its moment.
        let_pass: Lets that many seconds go by, for a call that waits for something.
    """

    app: WSGIApplication
    account: str = "123456789012"
    rules: Sequence[Rule] = ()
    machines: Machines = attrs.field(factory=Machines)
    before_call: Callable[[], None] = lambda: None
    let_pass: Callable[[float], object] = lambda _: None
    clients: InnerClients = attrs.field(init=False)
    lock: threading.RLock = attrs.field(factory=threading.RLock)

    def __attrs_post_init__(self) -> None:
        """Make the clients that go past the rules."""
        self.clients = InnerClients(self.forward)

    def __call__(self, call: Call) -> Answer:
        """Answer one call as AWS would."""
        if call.service not in SERVED:
            message = f"The service '{call.service}' is not served on this machine."
            return refusal("UnknownOperationException", message, status=404, service=call.service)
        return polled(call, self.answer, self.let_pass) if is_long_poll(call) else self.answer(call)

    def answer(self, call: Call) -> Answer:
        """Answer one call at once."""
        with self.lock:
            self.before_call()
            for rule in self.rules:
                if rule.service == call.service:
                    return rule(call, self.forward)
            return self.forward(call)

    def forward(self, call: Call) -> Answer:
        """Answer one call as moto would."""
        # With the account named moto need not search all its accounts for the access key, at each call.
        headers = {**call.headers, "x-moto-account-id": self.account}
        with self.lock, self._quickened(call):
            return call_wsgi(self.app, attrs.evolve(call, headers=headers))

    def _quickened(self, call: Call) -> AbstractContextManager[None]:
        if not call.header("x-amz-target").endswith(".TransactWriteItems"):
            return nullcontext()
        return one_copy_each(self._backend("dynamodb", call.region), call.json())

    def _backend(self, name: str, region: str) -> Any:  # noqa: ANN401 - moto's own memory of a service
        return import_module("moto.backends").get_backend(name)[self.account][region]

    def rules_of(self, region: str, bus: str) -> Iterable[EventRule]:
        """Return the rules of an event bus, none where there is no such bus."""
        found = self._backend("events", region).event_buses.get(bus)
        rules: Iterable[EventRule] = found.rules.values() if found else ()
        return rules

    def policies_of(self, role_arn: str) -> list[str]:
        """Return the documents of a role's policies, none where there is no such role."""
        found = [role for role in self._backend("iam", "global").get_roles() if role.arn == role_arn]
        attached = [policy for role in found for policy in role.managed_policies.values()]
        used = [version.document for policy in attached for version in policy.versions if version.is_default]
        return [*(document for role in found for document in role.policies.values()), *used]

    def policies_on_queue(self, region: str, queue: str) -> list[str] | None:
        """Return the policies of an SQS queue, None where there is no such queue."""
        found = self._backend("sqs", region).queues.get(queue)
        if found is None:
            return None
        return [found.policy] if found.policy else []

    def policies_on_logs(self, region: str) -> list[str]:
        """Return the resource policies of CloudWatch Logs."""
        return [each.policy_document for each in self._backend("logs", region).resource_policies.values()]

    def send_message(self, region: str, queue: str, text: str, group: str | None) -> str | None:
        """Put a message into an SQS queue; returns why it could not be."""
        refused = import_module("moto.core.exceptions").ServiceException
        sqs = self._backend("sqs", region)
        found = sqs.queues.get(queue)
        if found and not found.fifo_queue:
            # Past moto's own operation, which counts all messages of the queue for each new one.
            message = import_module("moto.sqs.models").Message(str(uuid.uuid4()), text)
            message.mark_sent(delay_seconds=int(found.delay_seconds))
            found.add_message(message)
            return None
        try:
            sqs.send_message(queue, text, group_id=group)
        except refused as error:
            return str(error.message)
        return None

    def has_log_group(self, region: str, group: str) -> bool:
        """Return whether the log group exists."""
        return group in self._backend("logs", region).groups

    def append_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        """Append log events, past PutLogEvents, which holds their times against the machine's clock."""
        with self.lock:
            logs = self._backend("logs", region)
            if group not in logs.groups:
                logs.create_log_group(group, {})
            if stream not in logs.groups[group].streams:
                logs.create_log_stream(group, stream)
            timed = [{"timestamp": at_ms, "message": text} for at_ms, text in events]
            logs.groups[group].put_log_events(stream, timed)

    def reset(self) -> None:
        """Forget everything that these services hold."""
        get_backend = import_module("moto.backends").get_backend
        with self.lock:
            for name in _MOTO_NAMES.values():
                get_backend(name).clear()
            for rule in self.rules:
                rule.reset()


def open_neighbours(
    state: State,
    access_point_roots: dict[str, str] | None = None,
    remove_contents: Callable[[str], object] = lambda _: None,
) -> tuple[Neighbours, MotoWorld, Provisions]:
    """Return the services around Batch under AWS's rules, Batch's own view of them, and what they give to jobs.

    Args:
        state: Brings the clock, the delays and the lock.
        access_point_roots: Filled with the root path of every EFS access point, by its id.
        remove_contents: Called with the id of each file system that is deleted.
    """
    # One lock for all: Batch asks the neighbours, and the tagging API asks Batch.
    neighbours = Neighbours(app=load_moto(), account=state.account, lock=state.lock)
    clock, delays = state.clock, state.delays
    births = Births(clock=clock)
    world = MotoWorld(clients=neighbours.clients, births=births)
    roots = {} if access_point_roots is None else access_point_roots
    efs = EfsMemory(
        clock=clock, delays=delays, subnets=world, access_point_roots=roots, remove_contents=remove_contents
    )
    neighbours.rules = (
        IamRules(births=births, clients=neighbours.clients),
        NetworkRules(clients=neighbours.clients, held_groups=efs.held_groups),
        StsRules(),
        EfsRules(memory=efs),
        TableRules(clock=clock, delays=delays),
        TaggingRules(state=state, machines=neighbours.machines),
    )
    return neighbours, world, Provisions(stores=neighbours.clients, efs=efs)
