"""Brings a company's purchase invoices to a board of the sandbox, and again with nothing changed: requests and processor
time per record, and the worker's memory. All limits are lifted, unless --seconds asks for the usual ones.

Usage: ops/bench/sync.py [--from business-central|nav] [--records N] [--import] [--binary FILE] [--json FILE]
       ops/bench/sync.py --seconds N    for so long with the usual limits: how many calls 1,000 records take
       ops/bench/sync.py --idle N       N connections with nothing to do: processor time and memory of them all
"""

import argparse
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import time

from stage import Stage

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="books", choices=["business-central", "nav"], default="business-central")
parser.add_argument("--records", type=int, default=5000)
parser.add_argument("--import", dest="imports", action="store_true")
parser.add_argument("--seconds", type=int)
parser.add_argument("--idle", type=int)
parser.add_argument("--rest", type=int, default=95, help="seconds before the idle time, in which all settles")
parser.add_argument("--binary", default=".build/release/ml-connector")
parser.add_argument("--profile", help="where perf writes what the worker did during the first load")
parser.add_argument("--json")
options = parser.parse_args()

COLUMNS = {
    "business-central": {
        "number": "name", "vendorName": "vendor", "totalAmountIncludingTax": "amount", "currencyCode": "currency",
        "dueDate": "due_date", "status": "status",
    },
    "nav": {
        "number": "name", "vendorName": "vendor", "amount": "amount", "currencyCode": "currency",
        "dueDate": "due_date",
        # By the labels of the sandbox's board.
        "status": {"column": "status", "labels": {
            "Released": "Open", "Pending Approval": "In review", "Pending Prepayment": "In review", "Posted": "Open",
        }},
    },
}
LIFTED = {
    "monday": {
        "mutationsPerMinute": 0, "boardMutationsPerMinute": 0, "requestsPerMinute": 0, "callsPerDay": 0, "inFlight": 0,
    },
    "businessCentral": {"requestsPer5Minutes": 0, "inFlight": 0},
    "nav": {"requestsPerSecond": 0, "inFlight": 0},
}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, name, of="status"):
    with open(f"/proc/{pid}/{of}") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith(name))


def requests(stage):
    facts = stage.control("GET", "/facts")
    system = "nav" if options.books == "nav" else "businessCentral"
    return {
        system: sum(sum(by.values()) for by in facts[system]["requests"].values()),
        "monday": sum(facts["monday"]["requests"].values()),
        "callsOfTheDay": facts["monday"]["callsToday"],
        "mutations": facts["monday"]["mutations"]["executed"],
    }


def on_boards(stage):
    return stage.control("GET", "/facts")["monday"]["items"]


def worker(stage):
    return next((process for process in stage.status().get("workers", []) if process["state"] == "up"), None)


class Worker:
    """What a worker takes from its start until something has come."""

    def __init__(self, stage):
        self.stage, self.before, self.began = stage, requests(stage), time.monotonic()
        self.server = stage.start("serve", "--data", stage.data, "--listen", "127.0.0.1:0")
        stage.until("the worker", lambda: worker(stage))
        self.pid = worker(stage)["pid"]
        self.private, self.looked, self.profiler = 0, 0, None

    def profile(self, file):
        self.profiler = subprocess.Popen(["perf", "record", "-q", "-g", "-F", "499", "-p", str(self.pid), "-o", file])

    def until(self, what, is_so, seconds=1800):
        def is_done():
            # The kernel adds this up page by page, which would slow the worker down.
            if time.monotonic() - self.looked > 0.5:
                self.private = max(self.private, memory_kib(self.pid, "Private_", "smaps_rollup"))
                self.looked = time.monotonic()
            time.sleep(0.05)
            return is_so()

        self.stage.until(what, is_done, seconds)
        return self

    def figures(self, what, records):
        after = requests(self.stage)
        figures = {
            "records": records,
            "wallSeconds": round(time.monotonic() - self.began, 2),
            "cpuMillisecondsPerRecord": round(cpu_seconds(self.pid) * 1000 / records, 3),
            "requestsPer1000": {
                name: round((after[name] - self.before[name]) * 1000 / records, 1) for name in after
            },
            "requests": {name: after[name] - self.before[name] for name in after},
            "workerPeakKiB": memory_kib(self.pid, "VmHWM"),
            "privatePeakKiB": max(self.private, memory_kib(self.pid, "Private_", "smaps_rollup")),
            "load": [round(load, 1) for load in os.getloadavg()],
        }
        print(f"{what}: {json.dumps(figures)}", flush=True)
        if self.profiler:
            self.profiler.send_signal(2)
            self.profiler.wait(60)
        self.stage.stop(self.server)
        return figures


def forget_progress(stage):
    """As if nothing had ever been read: every record is read again and compared with what was written."""
    for store in glob.glob(f"{stage.data}/tenants/*/store.db"):
        owner = os.stat(os.path.dirname(store))
        with sqlite3.connect(store) as database:
            database.execute("DELETE FROM progress")
        database.close()
        shutil.chown(store, owner.st_uid, owner.st_gid)


def connection(name, board, lifted=True, **more):
    route = {"board": str(board), "poll": "every 1h", "columns": COLUMNS[options.books]}
    if options.imports:
        route["firstLoad"] = "import"
    system = "nav" if options.books == "nav" else "businessCentral"
    limits = {system: LIFTED[system]} | ({"monday": LIFTED["monday"]} if lifted else {})
    return {
        "name": name, "flow": "nav-monday" if options.books == "nav" else "business-central-monday",
        "routes": {"purchaseInvoices": route}, "limits": limits,
    } | more


def lift_limits(stage):
    stage.control("PATCH", "/control/monday/options", {"enforcesPlan": False, "itemsPerBoard": 1_000_000})
    generous = {"requestsPerWindow": 1_000_000, "parallelRequests": 100}
    stage.control("PATCH", "/control/businessCentral/settings", generous)


def fill(stage):
    """Makes the invoices. In NAV a fifth of them is not posted."""
    if options.books == "business-central":
        there = len(stage.control("GET", "/control/businessCentral/invoices"))
        make = [("/control/businessCentral/invoices", options.records - there, {"status": "Open"})]
    else:
        unposted, posted = (len(stage.control("GET", f"/control/nav/{kind}")) for kind in ("invoices", "posted"))
        make = [
            ("/control/nav/invoices", options.records // 5 - unposted, {}),
            ("/control/nav/posted", options.records - options.records // 5 - posted, {}),
        ]
    for path, count, body in make:
        # The control server gives an answer so many megabytes.
        while count > 0:
            stage.control("POST", path, body | {"count": min(count, 5_000)})
            count -= 5_000


def bring(stage):
    """All of them, twice."""
    def is_read():
        return f"purchaseInvoices: read {options.records} records" in stage.log

    stage.add(connection("sync", stage.monday["board"]))
    shown = on_boards(stage)
    first = Worker(stage)
    if options.profile:
        first.profile(options.profile)
    first.until("the first load", lambda: on_boards(stage) - shown >= options.records and is_read())
    results = {"firstLoad": first.figures("first load", options.records)}
    forget_progress(stage)
    # The log is that of the last server.
    again = Worker(stage).until("the second reading", lambda: f"read {options.records} records, 0 are" in stage.log)
    results["again"] = again.figures("again, nothing changed", options.records)
    return results


def bring_slowly(stage):
    """As much as the usual limits let through."""
    stage.control("PATCH", "/control/monday/options", {"enforcesPlan": True})
    stage.add(connection("sync", stage.monday["board"], lifted=False))
    shown, slow = on_boards(stage), Worker(stage)
    end = time.monotonic() + options.seconds
    slow.until("the end of the time", lambda: time.monotonic() > end)
    return {"usualLimits": slow.figures("with the usual limits", on_boards(stage) - shown)}


def rest(stage):
    """Many connections, each of a tenant of its own with a board of its own."""
    types = {
        "erp_key": "text", "amount": "numbers", "due_date": "date", "currency": "text", "status": "text", "vendor": "text",
    }
    columns = [{"id": column, "title": column, "type": type} for column, type in types.items()]
    boards = [
        stage.control("POST", "/control/monday/boards", {"name": f"AP {number}", "columns": columns})["id"]
        for number in range(options.idle)
    ]
    stage.add(*(connection("sync", board, tenant=f"bench{number}") for number, board in enumerate(boards)))
    shown = on_boards(stage)
    server = stage.start("serve", "--data", stage.data, "--listen", "127.0.0.1:0")
    stage.until("all first loads", lambda: on_boards(stage) - shown >= options.idle * options.records)
    time.sleep(options.rest)

    def processes():
        children = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True).stdout.split()
        more = [subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True).stdout.split() for pid in children]
        return [server.pid, *map(int, children), *(int(pid) for pids in more for pid in pids)]

    workers = [process["pid"] for process in stage.status()["workers"] if process["state"] == "up"]
    before, began = {pid: cpu_seconds(pid) for pid in processes()}, time.monotonic()
    asked = requests(stage)
    time.sleep(60)
    spent = {pid: cpu_seconds(pid) - before[pid] for pid in before if os.path.exists(f"/proc/{pid}")}
    seconds = time.monotonic() - began
    figures = {
        "connections": len(workers),
        "percentOfACore": round(sum(spent.values()) * 100 / seconds, 2),
        "ofThatWorkers": round(sum(spent.get(pid, 0) for pid in workers) * 100 / seconds, 2),
        "requestsMeanwhile": sum(requests(stage).values()) - sum(asked.values()),
        "privateKiBEach": sum(memory_kib(pid, "Private_", "smaps_rollup") for pid in workers) // len(workers),
        "proportionalKiBEach": sum(memory_kib(pid, "Pss:", "smaps_rollup") for pid in workers) // len(workers),
        "load": [round(load, 1) for load in os.getloadavg()],
    }
    print(json.dumps(figures))
    return {"idle": figures}


with Stage(options.binary) as stage:
    lift_limits(stage)
    if options.idle and options.records == 5000:
        options.records = 30
    fill(stage)
    results = rest(stage) if options.idle else bring_slowly(stage) if options.seconds else bring(stage)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=2)
