"""Jobs that wait for others, and arrays."""

from __future__ import annotations

from semantics.bench import Bench, at_once
from semantics.semantic import YES, Verdict, as_aws, topic

semantic = topic("Dependencies and arrays")
INDEX_MATCHES = 'test "$AWS_BATCH_JOB_ARRAY_INDEX" = "${AWS_BATCH_JOB_ID##*:}"'


@semantic("A job is PENDING until what it depends on has SUCCEEDED, and starts afterwards", "job_dependencies")
def dependency_succeeds(bench: Bench) -> Verdict:
    first = bench.submit(["sleep", "2"])
    then = bench.submit(["true"], dependsOn=[{"jobId": first}])
    bench.until(first, "RUNNING")
    waiting = bench.look(then)["status"]
    before, after = bench.ended(first), bench.ended(then)
    if after.get("startedAt", 0) < before["stoppedAt"]:
        return Verdict("no", "it starts at once")
    return YES if waiting == "PENDING" else Verdict("partly", f"it waits as {waiting}")


@semantic("A job whose dependency FAILED is FAILED too, never started, and says why", "job_dependencies")
def dependency_fails(bench: Bench) -> Verdict:
    first = bench.shell("sleep 1; exit 1")
    job = bench.ended(bench.submit(["true"], dependsOn=[{"jobId": first}]))
    if job["status"] != "FAILED":
        return Verdict("no", "it runs")
    return YES if "Dependent Job" in job.get("statusReason", "") else Verdict("partly", "without a reason")


@semantic("More than 20 dependencies are refused", "API SubmitJob")
def too_many_dependencies(bench: Bench) -> Verdict:
    jobs = [{"jobId": bench.submit(["true"])}] * 21
    return as_aws(bench.refusal(lambda: bench.submit(["true"], dependsOn=jobs)), "accepted")


@semantic(
    "An array of n has children `parent:0` to `parent:n-1`, each told its AWS_BATCH_JOB_ARRAY_INDEX", "array_jobs"
)
def array_children(bench: Bench) -> Verdict:
    parent = bench.shell(INDEX_MATCHES, arrayProperties={"size": 3})
    children = bench.all_ended(f"{parent}:{index}" for index in range(3))
    if not all(children):
        return Verdict("no", "one job")
    knows = [child["status"] for child in children] == ["SUCCEEDED"] * 3
    return YES if knows else Verdict("partly", "no index")


@semantic("The parent is PENDING while its children run, then SUCCEEDED", "array_jobs")
def array_parent(bench: Bench) -> Verdict:
    parent = bench.submit(["sleep", "2"], arrayProperties={"size": 2})
    if not bench.until(f"{parent}:0", "RUNNING", within_s=10):
        return Verdict("no", "one job")
    during, after = bench.look(parent)["status"], bench.ended(parent)["status"]
    if after != "SUCCEEDED":
        return Verdict("no", f"it ends as {after}")
    return YES if during == "PENDING" else Verdict("partly", f"meanwhile it is {during}")


@semantic("`arrayProperties.statusSummary` counts the children by state", "array_jobs")
def array_summary(bench: Bench) -> Verdict:
    parent = bench.submit(["true"], arrayProperties={"size": 3})
    bench.all_ended(f"{parent}:{index}" for index in range(3))
    summary = bench.ended(parent).get("arrayProperties", {}).get("statusSummary")
    if not summary:
        return Verdict("no", "none")
    return as_aws(summary.get("SUCCEEDED") == 3, "it counts otherwise")


@semantic("A parent of which a child failed is FAILED once all have ended; the others run to their end", "array_jobs")
def array_fails(bench: Bench) -> Verdict:
    script = '[ "$AWS_BATCH_JOB_ARRAY_INDEX" != 0 ]'
    parent = bench.shell(script, arrayProperties={"size": 3})
    statuses = [bench.ended(f"{parent}:{index}").get("status") for index in range(3)]
    if statuses != ["FAILED", "SUCCEEDED", "SUCCEEDED"]:
        return Verdict("no", "one job" if statuses[1] is None else "the children do not know who they are")
    return as_aws(bench.ended(parent)["status"] == "FAILED", "the parent does not fail")


@semantic("Sizes outside of 2 to 10,000 are refused", "array_jobs")
def array_size(bench: Bench) -> Verdict:
    definition = bench.definition(["true"])
    small = bench.refusal(lambda: bench.submit(definition=definition, arrayProperties={"size": 1}))
    if not small:
        return Verdict("no", "accepted")
    return as_aws(
        bench.refusal(lambda: bench.submit(definition=definition, arrayProperties={"size": 10_001})), "accepted"
    )


@semantic("ListJobs with `arrayJobId` lists the children", "API ListJobs")
def array_listed(bench: Bench) -> Verdict:
    parent = bench.submit(["true"], arrayProperties={"size": 3})
    bench.ended(parent)
    found = bench.batch.list_jobs(arrayJobId=parent, jobStatus="SUCCEEDED")["jobSummaryList"]
    return as_aws({job["jobId"] for job in found} == {f"{parent}:{index}" for index in range(3)}, "it lists others")


@semantic("SEQUENTIAL: the children run one after the other", "job_dependencies")
def sequential(bench: Bench) -> Verdict:
    parent = bench.submit(["sleep", "1"], arrayProperties={"size": 3}, dependsOn=[{"type": "SEQUENTIAL"}])
    children = [bench.ended(f"{parent}:{index}") for index in range(3)]
    if not all(children):
        return Verdict("no", "one job")
    in_order = [child.get("startedAt") or 0 for child in children]
    return as_aws(at_once(children) == 1 and in_order == sorted(in_order), "they run at once")


@semantic("N_TO_N: child i waits for child i of the other array, and for no other", "job_dependencies")
def n_to_n(bench: Bench) -> Verdict:
    first = bench.shell('sleep "$((1 + ${AWS_BATCH_JOB_ARRAY_INDEX:-0} * 3))"', arrayProperties={"size": 2})
    depends = [{"jobId": first, "type": "N_TO_N"}]
    then = bench.submit(["true"], arrayProperties={"size": 2}, dependsOn=depends)
    before = bench.all_ended(f"{first}:{index}" for index in range(2))
    bench.ended(first)
    after = bench.all_ended(f"{then}:{index}" for index in range(2))
    if not all(before) or not all(after):
        return Verdict("no", "one job")
    is_paired = all(a.get("startedAt", 0) >= b["stoppedAt"] for a, b in zip(after, before, strict=True))
    return as_aws(is_paired and after[0]["startedAt"] < before[1]["stoppedAt"], "it waits for the whole array")
