"""Puts Step Functions together with the services that its Tasks call."""

from batchwright.local.inner_clients import InnerClients
from batchwright.local.neighbours import Neighbours
from batchwright.local.state import State
from batchwright.local.state_machines.rights import Rights
from batchwright.local.state_machines.roles import Roles
from batchwright.local.state_machines.states_rules import StatesRules
from batchwright.local.state_machines.tasks import Tasks
from batchwright.local.surroundings import Births


def open_states(
    state: State, neighbours: Neighbours, births: Births, clients: InnerClients, rights: Rights
) -> StatesRules:
    """Add Step Functions to the neighbours.

    Args:
        state: Brings the account, the clock, the delays and the lock.
        neighbours: The services around Batch.
        births: When roles were made.
        clients: Clients of all services, by which Tasks call them.
        rights: Says what the role of an execution may do.
    """
    tasks = Tasks(clients=clients, rights=rights)
    roles = Roles(clients=neighbours.clients, births=births, state=state)
    states = StatesRules(state=state, machines=neighbours.machines, roles=roles, call=tasks)
    neighbours.rules = (*neighbours.rules, states)
    return states
