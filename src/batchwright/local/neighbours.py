"""The services around Batch, served by moto: IAM, STS, EC2, EFS, DynamoDB, CloudWatch Logs and a few more.

The only module that imports moto.  moto keeps one set of data per process, so one process holds one server.
"""

import logging
import os
import threading
from collections.abc import Sequence
from wsgiref.types import WSGIApplication

import attrs

from batchwright.local.delays import Delays
from batchwright.local.efs_memory import EfsMemory
from batchwright.local.efs_rules import EfsRules
from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Rule
from batchwright.local.refused import refusal
from batchwright.local.server_clock import ServerClock
from batchwright.local.surroundings import Births, DefaultGroupIngress, IamRules, MotoWorld, NetworkRules
from batchwright.local.table_rules import TableRules
from batchwright.local.wsgi import call_wsgi

SERVED = frozenset(
    {
        "dynamodb",
        "ec2",
        "ecr",
        "elasticfilesystem",
        "events",
        "iam",
        "kms",
        "logs",
        "monitoring",
        "s3",
        "secretsmanager",
        "servicequotas",
        "sns",
        "sqs",
        "ssm",
        "sts",
        "tagging",
    }
)
"""Signing names of the services that are served; AWS Batch is not among them, since it is our own."""


def load_moto() -> WSGIApplication:
    """Return moto's own server app, silent, with AWS's managed policies in IAM."""
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    return app


@attrs.define(kw_only=True, eq=False)
class Neighbours:
    """Hands a call through its service's rules to moto, one call at a time, so that conditions hold.

    Args:
        app: moto's server app.
        account: The account that all data belongs to.
        rules: What moto lacks of AWS; each rule wraps the calls of one service.
    """

    app: WSGIApplication
    account: str = "123456789012"
    rules: Sequence[Rule] = ()
    clients: InnerClients = attrs.field(init=False)
    lock: threading.RLock = attrs.field(factory=threading.RLock)

    @clients.default
    def _inner_clients(self) -> InnerClients:
        return InnerClients(self.forward)

    def __call__(self, call: Call) -> Answer:
        """Answer one call as AWS would."""
        if call.service not in SERVED:
            message = f"The service '{call.service}' is not served on this machine."
            return refusal("UnknownOperationException", message, status=404, service=call.service)
        with self.lock:
            for rule in self.rules:
                if rule.service == call.service:
                    return rule(call, self.forward)
            return self.forward(call)

    def forward(self, call: Call) -> Answer:
        """Answer one call as moto would."""
        headers = {name: value for name, value in call.headers.items() if not name.startswith("x-moto-")}
        with self.lock:
            return call_wsgi(self.app, attrs.evolve(call, headers=headers))

    def append_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        """Append log events, past PutLogEvents, which holds their times against the machine's clock."""
        from moto.backends import get_backend

        with self.lock:
            logs = get_backend("logs")[self.account][region]
            if group not in logs.groups:
                logs.create_log_group(group, {})
            if stream not in logs.groups[group].streams:
                logs.create_log_stream(group, stream)
            timed = [{"timestamp": at_ms, "message": text} for at_ms, text in events]
            logs.groups[group].put_log_events(stream, timed)

    def reset(self) -> None:
        """Forget everything that these services hold."""
        with self.lock:
            self.forward(Call(method="POST", path="/moto-api/reset", headers={"host": "localhost"}))
            for rule in self.rules:
                rule.reset()


def open_neighbours(clock: ServerClock, delays: Delays) -> tuple[Neighbours, MotoWorld]:
    """Return the services around Batch under AWS's rules, and Batch's own view of them."""
    neighbours = Neighbours(app=load_moto())
    births = Births(clock=clock)
    world = MotoWorld(clients=neighbours.clients, births=births)
    neighbours.rules = (
        IamRules(births=births),
        NetworkRules(add_ingress=DefaultGroupIngress(clients=neighbours.clients)),
        EfsRules(memory=EfsMemory(clock=clock, delays=delays, subnets=world)),
        TableRules(clock=clock, delays=delays),
    )
    return neighbours, world
