"""Puts EventBridge together with the services that its targets belong to."""

from batchwright.local.events.bus import Buses
from batchwright.local.events.event_rules import EventRules
from batchwright.local.events.targets import Targets
from batchwright.local.inner_clients import InnerClients
from batchwright.local.neighbours import Neighbours
from batchwright.local.state import State
from batchwright.local.state_machines.rights import Rights


def open_events(state: State, neighbours: Neighbours, buses: Buses, clients: InnerClients, rights: Rights) -> None:
    """Add our rules for events to the neighbours, and the targets to the buses.

    Args:
        state: Brings the account and the clock.
        neighbours: The services around Batch.
        buses: The buses of events.
        clients: Clients of all services, by which targets are called.
        rights: Says what the role of a target may do.
    """
    buses.targets = Targets(clients=clients, stores=neighbours, buses=buses, rights=rights).by_service()
    neighbours.rules = (*neighbours.rules, EventRules(state=state, buses=buses))
