"""Two jobs on one file: the first turns Michelson's readings of 1879 into km/s, the second asks what light does.

It needs no AWS account: jobs run on this machine, in containers where a Docker engine answers and else as processes.
With `BatchSession("light")` instead of `local_session("light")` the same runs on AWS.
"""

import os
from pathlib import Path

from batchwright.local import local_session

READINGS = (Path(__file__).parent / "data" / "michelson-1879.csv").read_text("utf-8")
IMAGE = os.environ.get("QUICKSTART_IMAGE", "python:3.13-slim")  # any with a python3; processes need none

CONVERT = """
import csv, os
readings = csv.DictReader(os.environ["READINGS"].splitlines())
rows = [(row["experiment"], 299_000 + int(row["speed"])) for row in readings]
with open("/mnt/efs/speeds.csv", "w") as target:
    csv.writer(target).writerows(rows)
print("converted", len(rows), "readings")
"""

SUMMARISE = """
import csv, statistics
with open("/mnt/efs/speeds.csv") as source:
    rows = [(experiment, float(speed)) for experiment, speed in csv.reader(source)]
for number in sorted({experiment for experiment, _ in rows}):
    print(f"experiment {number}: {statistics.mean(v for e, v in rows if e == number):>10,.1f} km/s")
speeds = [speed for _, speed in rows]
error = statistics.stdev(speeds) / len(speeds) ** 0.5
print(f"all {len(speeds)}: {statistics.mean(speeds):>15,.1f} +- {error:.1f} km/s (in a vacuum: 299,792.5)")
"""


def main() -> None:
    """Declare, run, read, and take it all away."""
    with local_session("light") as session:
        print(session, "\n")  # says whether containers or processes run the jobs, and why
        volume = session.efs_volume(name="light", retain=False)
        python = session.job_definition(name="python", image=IMAGE, volumes={"/mnt/efs": volume})
        convert = session.batch_job(
            name="convert", definition=python, command=["python3", "-c", CONVERT], environment={"READINGS": READINGS}
        )
        summarise = session.batch_job(
            name="summarise", definition=python, command=["python3", "-c", SUMMARISE], depends_on=convert
        )

        print(session.ensure(summarise))  # makes all that it takes, then submits each job once
        session.wait([convert, summarise], on_change=lambda job: print(f"{job.name:>10} {job.status}"))
        print("", convert.logs(), summarise.logs(), "", sep="\n")
        print(session.delete())  # everything this session made, but for the table of submissions


if __name__ == "__main__":
    main()
