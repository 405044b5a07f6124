"""Puts the local AWS together: Batch, its scheduler and engine, the neighbours, and the gateway before them."""

from collections.abc import Callable, Iterable, Mapping

import attrs

from batchwright.local.batch_app import BatchApp
from batchwright.local.control import Control
from batchwright.local.engines import Engine
from batchwright.local.events.batch_events import BatchEvents
from batchwright.local.events.bus import Buses
from batchwright.local.events.opening import open_events
from batchwright.local.fault_rules import FaultRules
from batchwright.local.fault_site import StateSite
from batchwright.local.faults import Fault
from batchwright.local.gateway import BatchRoom, Gateway, any_host, routed
from batchwright.local.inner_clients import InnerClients
from batchwright.local.log_sink import JobLogs
from batchwright.local.neighbours import Neighbours, open_neighbours
from batchwright.local.scheduler import Scheduler
from batchwright.local.signature import KeyPair, SignaturePolicy
from batchwright.local.state import State
from batchwright.local.state_machines.called_resources import CalledResources
from batchwright.local.state_machines.opening import open_states
from batchwright.local.state_machines.rights import Rights
from batchwright.local.state_machines.states_rules import StatesRules


@attrs.define(kw_only=True, eq=False)
class LocalAws:
    """A whole AWS, as far as batchwright needs one, in this process."""

    state: State
    engine: Engine
    neighbours: Neighbours
    scheduler: Scheduler
    states: StatesRules
    buses: Buses
    faults: FaultRules
    gateway: Gateway = attrs.field(init=False)

    def tick(self) -> None:
        """Move every job and every execution of a state machine as far as the clock allows."""
        with self.state.lock:
            self.scheduler.tick()
            self.settle()

    def settle(self) -> None:
        """Deliver the events that wait, and move the executions of state machines."""
        self.buses.deliver()
        self.states.tick()

    def reset(self) -> None:
        """End all jobs and forget everything but the time and the faults, which begin to count anew."""
        with self.state.lock:
            self.scheduler.stop()
            self.state.regions.clear()
            self.neighbours.reset()
            self.faults.restart()

    def stop(self) -> None:
        """End all jobs and remove what the engine made on this machine."""
        with self.state.lock:
            self.scheduler.stop()
            self.states.reset()
        self.engine.close()


def open_local_aws(
    state: State,
    engine: Engine,
    keys: KeyPair,
    *,
    is_own_host: Callable[[str], bool] = any_host,
    policy: SignaturePolicy | None = None,
    job_environment: Mapping[str, str] | None = None,
    access_point_roots: dict[str, str] | None = None,
    remove_contents: Callable[[str], object] = lambda _: None,
    shut_down: Callable[[], None] = lambda: None,
    problems: Callable[[], list[str]] = list[str],
    faults: Iterable[Fault] = (),
    let_pass: Callable[[float], object],
) -> LocalAws:
    """Return a whole local AWS.

    Args:
        state: Its memory, which brings the clock and the delays.
        engine: Runs the jobs.
        keys: The one key pair that it accepts.
        is_own_host: Whether a `Host` header names this server.
        policy: How old a signature may be.
        job_environment: Variables that every job gets besides its own.
        access_point_roots: Filled with the root path of every EFS access point, by its id.
        remove_contents: Called with the id of each file system that is deleted.
        shut_down: What the control operation of that name does.
        problems: Tells what went wrong inside it.
        faults: What goes wrong on the way to it.
        let_pass: Lets that many seconds go by, for a fault that takes time.
    """
    neighbours, world, provisions = open_neighbours(state, access_point_roots, remove_contents)
    logs = JobLogs(state=state, store=neighbours)
    buses = Buses(rules_of=neighbours.rules_of)
    told = BatchEvents(state=state, buses=buses)
    scheduler = Scheduler(
        state,
        engine,
        log=logs,
        extra_environment=job_environment or {},
        provide=provisions,
        on_status=told.status_changed,
        on_blocked=told.queue_blocked,
    )
    batch = BatchRoom(app=BatchApp(state, world, scheduler), lagging=state.lagging)
    clients = InnerClients(routed(batch, neighbours.answer))
    resources = CalledResources(clients=clients, account=state.account)
    rights = Rights(policies_of=neighbours.policies_of, resources=resources, account=state.account)
    states = open_states(state, neighbours, world.births, clients, rights)
    open_events(state, neighbours, buses, clients, rights)
    rules = FaultRules(StateSite(state=state, let_pass=let_pass), faults)
    aws = LocalAws(
        state=state, engine=engine, neighbours=neighbours, scheduler=scheduler, states=states, buses=buses, faults=rules
    )
    neighbours.before_call, neighbours.let_pass = aws.settle, let_pass
    control = Control(
        state=state, engine=engine.name, reset=aws.reset, shut_down=shut_down, problems=problems, faults=rules
    )
    door = Gateway(keys=keys, clock=state.clock, batch=batch, neighbours=neighbours, control=control, faults=rules)
    aws.gateway = attrs.evolve(door, is_own_host=is_own_host, policy=policy or SignaturePolicy())
    return aws
