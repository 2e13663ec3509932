"""Backfills a company's purchase invoices onto a board of the sandbox with all limits lifted, and again with nothing
changed: requests and processor time per record, and the worker's memory.

Usage: ops/bench/sync.py [--records N] [--binary FILE] [--json FILE]
"""

import argparse
import glob
import json
import os
import shutil
import sqlite3
import time

from stage import Stage

parser = argparse.ArgumentParser()
parser.add_argument("--records", type=int, default=5000)
parser.add_argument("--binary", default=".build/release/ml-connector")
parser.add_argument("--json")
options = parser.parse_args()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name + ":"))


def requests(stage):
    facts = stage.control("GET", "/facts")
    return {
        "businessCentral": sum(sum(by.values()) for by in facts["businessCentral"]["requests"].values()),
        "monday": sum(facts["monday"]["requests"].values()),
        "mutations": facts["monday"]["mutations"]["executed"],
    }


def worker(stage):
    return next((process for process in stage.status().get("workers", []) if process["state"] == "up"), None)


def run(stage, what, is_done):
    """From the server's start until `is_done`: what it took, of the worker since it began."""
    before, began = requests(stage), time.monotonic()
    server = stage.start("serve", "--data", stage.data, "--listen", "127.0.0.1:0")
    stage.until("the worker", lambda: worker(stage))
    pid = worker(stage)["pid"]
    stage.until(what, lambda: is_done(before))
    after = requests(stage)
    figures = {
        "records": options.records,
        "wallSeconds": round(time.monotonic() - began, 2),
        "cpuMillisecondsPerRecord": round(cpu_seconds(pid) * 1000 / options.records, 3),
        "requestsPer1000": {name: round((after[name] - before[name]) * 1000 / options.records, 1) for name in after},
        "workerPeakKiB": memory_kib(pid, "VmHWM"),
    }
    print(f"{what}: {json.dumps(figures)}")
    stage.stop(server)
    return figures


def forget_progress(stage):
    """As if nothing had ever been read: every record is read again and compared with what was written."""
    for store in glob.glob(f"{stage.data}/tenants/*/store.db"):
        owner = os.stat(os.path.dirname(store))
        with sqlite3.connect(store) as database:
            database.execute("DELETE FROM progress")
        database.close()
        shutil.chown(store, owner.st_uid, owner.st_gid)


with Stage(options.binary) as stage:
    stage.control("PATCH", "/control/monday/options", {"enforcesPlan": False, "itemsPerBoard": 1_000_000})
    stage.control("PATCH", "/control/businessCentral/settings", {"requestsPerWindow": 1_000_000, "parallelRequests": 100})
    there = len(stage.control("GET", "/control/businessCentral/invoices"))
    stage.control("POST", "/control/businessCentral/invoices", {"count": options.records - there, "status": "Open"})
    columns = {
        "number": "name", "vendorName": "vendor", "totalAmountIncludingTax": "amount", "currencyCode": "currency",
        "dueDate": "due_date", "status": "status",
    }
    stage.add({
        "name": "sync",
        "routes": {"purchaseInvoices": {"board": stage.monday["board"], "poll": "every 1h", "columns": columns}},
        "limits": {
            "monday": {"mutationsPerMinute": 0, "requestsPerMinute": 0, "callsPerDay": 0, "inFlight": 0},
            "businessCentral": {"requestsPer5Minutes": 0, "inFlight": 0},
        },
    })
    results = {
        "backfill": run(
            stage, "backfill",
            lambda before: requests(stage)["mutations"] - before["mutations"] >= options.records,
        )
    }
    forget_progress(stage)
    results["again"] = run(
        stage, "again, nothing changed", lambda _: f"read {options.records} records, 0 are" in stage.log
    )
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=2)
