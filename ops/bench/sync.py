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
import subprocess
import sys
import tempfile
import time
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--records", type=int, default=5000)
parser.add_argument("--binary", default=".build/release/ml-connector")
parser.add_argument("--json")
options = parser.parse_args()
place = tempfile.mkdtemp(prefix="ml-sync-")
os.chmod(place, 0o711)
data, programs = f"{place}/data", []


def start(*words, **variables):
    log = open(f"{place}/{words[0]}.log", "w")
    program = subprocess.Popen([options.binary, *words], stdout=log, stderr=log, env={**os.environ, **variables})
    programs.append(program)
    return program


def until(what, is_so, seconds=600):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end or any(program.poll() is not None for program in programs):
            sys.exit(f"{what} did not come; logs:\n" + open(f"{place}/serve.log").read()[-2000:])
        time.sleep(0.05)


def control(method, path, body=None):
    request = urllib.request.Request(
        sandbox["control"]["url"] + path, method=method, data=None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def worker():
    said = subprocess.run([options.binary, "status", "--data", data, "--json"], capture_output=True, text=True).stdout
    try:
        found = [process for process in json.loads(said)["workers"] if process["pid"]]
    except (ValueError, KeyError, TypeError):
        return None
    return found[0] if found else None


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, name):
    return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith(name + ":"))


def requests():
    facts = control("GET", "/facts")
    return {
        "businessCentral": sum(sum(by.values()) for by in facts["businessCentral"]["requests"].values()),
        "monday": sum(facts["monday"]["requests"].values()),
        "mutations": facts["monday"]["mutations"]["executed"],
    }


def measure(what, seconds_before, before, pid, records):
    after, seconds = requests(), cpu_seconds(pid)
    figures = {
        "records": records,
        "wallSeconds": round(time.monotonic() - seconds_before[0], 2),
        "cpuMillisecondsPerRecord": round((seconds - seconds_before[1]) * 1000 / records, 3),
        "requestsPer1000": {name: round((after[name] - before[name]) * 1000 / records, 1) for name in after},
        "workerPeakKiB": memory_kib(pid, "VmHWM"),
        "workerNowKiB": memory_kib(pid, "VmRSS"),
    }
    print(f"{what}: {json.dumps(figures)}")
    return figures


try:
    start("sandbox", "--ports-file", f"{place}/ports.json")
    until("the sandbox", lambda: os.path.exists(f"{place}/ports.json"))
    sandbox = json.load(open(f"{place}/ports.json"))
    central, monday = sandbox["businessCentral"], sandbox["monday"]
    control("PATCH", "/control/monday/options", {"enforcesPlan": False, "itemsPerBoard": 1_000_000})
    control("PATCH", "/control/businessCentral/settings", {"requestsPerWindow": 1_000_000, "parallelRequests": 100})
    there = len(control("GET", "/control/businessCentral/invoices"))
    control("POST", "/control/businessCentral/invoices", {"count": options.records - there, "status": "Open"})
    columns = {
        "number": "name", "vendorName": "vendor", "totalAmountIncludingTax": "amount", "currencyCode": "currency",
        "dueDate": "due_date", "status": "status",
    }
    document = {
        "tenant": "bench", "name": "sync", "flow": "business-central-monday",
        "businessCentral": {
            **{name: central[name] for name in ("entraTenant", "clientId", "environment", "company", "apiURL", "loginURL")},
            "clientSecret": {"env": "BC"},
        },
        "monday": {"token": {"env": "MONDAY"}, "apiURL": monday["apiURL"]},
        "routes": {"purchaseInvoices": {"board": monday["board"], "poll": "every 1h", "columns": columns}},
        "limits": {
            "monday": {"mutationsPerMinute": 0, "requestsPerMinute": 0, "callsPerDay": 0, "inFlight": 0},
            "businessCentral": {"requestsPer5Minutes": 0, "inFlight": 0},
        },
    }
    with open(f"{place}/sync.json5", "w") as file:
        json.dump(document, file)
    secrets = {"BC": central["clientSecret"], "MONDAY": monday["token"]}
    subprocess.run(
        [options.binary, "connection", "add", "--data", data, f"{place}/sync.json5"],
        check=True, env={**os.environ, **secrets}, stdout=subprocess.DEVNULL,
    )
    before = requests()
    server = start("serve", "--data", data, "--listen", "127.0.0.1:0")
    began = time.monotonic()
    until("the worker", lambda: (found := worker()) and found["state"] == "up")
    pid = worker()["pid"]
    until("the last item", lambda: requests()["mutations"] - before["mutations"] >= options.records)
    until("the end of the work", lambda: worker()["queuedBackground"] == 0 and worker()["queuedLive"] == 0, 60)
    results = {"backfill": measure("backfill", (began, 0.0), before, pid, options.records)}
    # As if nothing had ever been read: every record is read again and compared with what was written.
    server.terminate()
    server.wait(20)
    programs.remove(server)
    for store in glob.glob(f"{data}/tenants/*/store.db"):
        with sqlite3.connect(store) as database:
            database.execute("DELETE FROM progress")
        database.close()
        shutil.chown(store, os.stat(os.path.dirname(store)).st_uid, os.stat(os.path.dirname(store)).st_gid)
    before, began = requests(), time.monotonic()
    server = start("serve", "--data", data, "--listen", "127.0.0.1:0")
    until("the worker", lambda: (found := worker()) and found["state"] == "up")
    pid = worker()["pid"]
    until("a reading of all", lambda: f"read {options.records} records, 0 are" in open(f"{place}/serve.log").read())
    results["again"] = measure("again, nothing changed", (began, 0.0), before, pid, options.records)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=2)
finally:
    for program in reversed(programs):
        program.terminate()
        program.wait(20)
    shutil.rmtree(place, ignore_errors=True)
