"""Eight processes that submit the same hundreds of jobs while a fifth of their calls goes wrong."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import batchwright
from batchwright import BatchSession
from batchwright.local import Delays, Fault, LocalServer
from batchwright.local.signature import SignaturePolicy

SOURCES = str(Path(batchwright.__file__).parents[1])
SEED = 3_141_592
WORKERS, SUBMISSIONS, ASKED_EACH = 8, 240, 60
CLAIM_S, ACCEPTS_S, LAG_S = 1.0, 3.0, 1.0
"""What the server and the policy agree on; signatures count whole seconds, so the window has one to spare."""
WINDOW_S = ACCEPTS_S + LAG_S + 1.0
SCRIPT = """
import json, os, random, sys
from batchwright import BatchSession, SubmissionPolicy
from batchwright.errors import BatchwrightError

seed, workers, submissions, asked, claim_s, window_s = json.loads(sys.argv[1])
policy = SubmissionPolicy(claim_s=claim_s, signature_window_s=window_s)
session = BatchSession("soak", submission=policy)
session.batch, session.batch_once, session.dynamodb  # models loaded once for all

def declared(number):
    name = f"sub-{number:03}"
    definition = session.job_definition(image="busybox:1.36")
    return session.batch_job(name=name, definition=definition, command=["true"], submission_id=f"soak/{name}")

def submit_one_by_one(numbers):
    for number in numbers:
        try:
            yield number, session.submit(
                f"sub-{number:03}", image="busybox:1.36", command=["true"], submission_id=f"soak/sub-{number:03}"
            ).job_id()
        except (BatchwrightError, ExceptionGroup):
            pass

def submit_together(numbers):
    for number, result in zip(numbers, session.submit_many([declared(number) for number in numbers])):
        if result.job_id:
            yield number, result.job_id

def work(worker):
    chance = random.Random(f"{seed}/{worker}")
    first = worker % (workers // 2) * asked  # so that two workers ask for each
    left = [number % submissions for number in range(first, first + asked)]
    chance.shuffle(left)
    done, submit, calls = {}, submit_together if worker % 2 else submit_one_by_one, 0
    while left:
        calls += 1
        done.update(submit(left))
        left = [number for number in left if number not in done]
        session.clock.sleep(0.2)
    return done, calls

def child(worker):
    done, calls = work(worker)
    print(json.dumps({"worker": worker, "calls": calls, "jobs": {f"soak/sub-{n:03}": j for n, j in done.items()}}))
    sys.stdout.flush()

children = []
for worker in range(workers):
    pid = os.fork()
    if not pid:
        status = 1
        try:
            child(worker)
            status = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)
    children.append(pid)
sys.exit(max(os.waitpid(pid, 0)[1] for pid in children) and 1)
"""


def faults() -> list[Fault]:
    """A fifth of the calls, by all the ways in which a call can go wrong."""
    calls, write = ("batch:*", "dynamodb:*"), "dynamodb:*Write*"
    return [
        Fault.delay(0.4, operation=calls, probability=0.03, seed=SEED),
        Fault.late_answer(0.4, operation=calls, probability=0.03, seed=SEED + 1),
        Fault.error(operation=calls, probability=0.03, seed=SEED + 2),
        Fault.error("TooManyRequestsException", status=429, operation="batch:*", probability=0.05, seed=SEED + 3),
        Fault.error("ThrottlingException", operation="dynamodb:*", probability=0.05, seed=SEED + 4),
        Fault.lost_answer(operation=calls, probability=0.04, seed=SEED + 5),
        Fault.reset(operation=calls, probability=0.03, seed=SEED + 6),
        Fault.stale_signature(operation=calls, probability=0.02, seed=SEED + 7),
        Fault.transaction_conflict(operation=write, probability=0.1, seed=SEED + 8),
        Fault.stale_listing(LAG_S, operation=("batch:ListJobs", "batch:DescribeJobs")),
    ]


def test_what_was_asked_for_is_there_once(report_figure: Callable[[str, object], None]) -> None:
    """Jobs at the server = submissions asked = rows, whoever submitted what and however often it failed."""
    policy = SignaturePolicy(submission_window_s=ACCEPTS_S)
    with LocalServer(engine="scripted", delays=Delays.none(), policy=policy) as server:
        with BatchSession("soak", boto3_session=server.boto3_session()) as session:
            warm = session.job_definition(image="busybox:1.36")
            session.ensure(*session.batch_job(name="none", definition=warm).dependencies())
            server.inject(*faults())
            began = time.monotonic()
            told = soaked(server)
            took_s, struck = time.monotonic() - began, server.fault_counts()
            server.clear_faults()
            rows = {row.id: row for row in session.defaults.tracker.rows()}
        jobs = sum(server.status()["jobs"].values())
    acted, seen = sum(count.acted for count in struck[:-1]), max(count.seen for count in struck)
    report_figure(f"soak, seed {SEED}", f"{jobs} jobs, {acted} of {seen} calls struck, {took_s:.0f} s")
    asked = {submission_id for worker in told for submission_id in worker["jobs"]}
    assert len(asked) == SUBMISSIONS
    assert jobs == SUBMISSIONS
    assert rows.keys() == asked
    assert len({row.job_id for row in rows.values()}) == SUBMISSIONS
    assert {row.status for row in rows.values()}.isdisjoint({"CLAIMED"})
    for worker in told:
        assert {key: rows[key].job_id for key in worker["jobs"]} == worker["jobs"]
        assert len(worker["jobs"]) == ASKED_EACH
    assert acted > seen / 10


def soaked(server: LocalServer) -> list[dict[str, dict[str, str]]]:
    """What every worker says of its jobs."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    orders = json.dumps([SEED, WORKERS, SUBMISSIONS, ASKED_EACH, CLAIM_S, WINDOW_S])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, orders],
        env={**mine, **server.environment(), "PYTHONPATH": SOURCES, "AWS_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return [json.loads(line) for line in done.stdout.splitlines()]
