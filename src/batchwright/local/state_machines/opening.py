"""Puts Step Functions together with the services that its Tasks call."""

import attrs

from batchwright.local.gateway import Room
from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbours import Neighbours
from batchwright.local.state import State
from batchwright.local.state_machines.roles import Roles
from batchwright.local.state_machines.states_rules import StatesRules
from batchwright.local.state_machines.tasks import Tasks
from batchwright.local.surroundings import Births


def open_states(state: State, neighbours: Neighbours, births: Births, batch: Room) -> StatesRules:
    """Add Step Functions to the neighbours.

    Args:
        state: Brings the account, the clock, the delays and the lock.
        neighbours: The services that Tasks call besides Batch.
        births: When roles were made.
        batch: AWS Batch.
    """

    def send(call: Call) -> Answer:
        _, _, region, service, _ = call.header("authorization").partition("Credential=")[2].split("/", 4)
        known = attrs.evolve(call, region=region, service=service)
        return batch(known) if service == "batch" else neighbours(known)

    roles = Roles(clients=neighbours.clients, births=births, state=state)
    states = StatesRules(state=state, machines=neighbours.machines, roles=roles, call=Tasks(clients=InnerClients(send)))
    neighbours.rules = (*neighbours.rules, states)
    neighbours.before_call = states.tick
    return states
