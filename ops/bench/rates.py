"""Two connections of one tenant on one Monday token, both with a backlog, while invoices are changed now and then: how
much of the 40 mutations a minute is used, whether any is refused, and how long a live change takes.

Usage: ops/bench/rates.py [--seconds N] [--backlog N] [--binary FILE] [--json FILE]
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=int, default=200)
parser.add_argument("--backlog", type=int, default=400)
parser.add_argument("--binary", default=".build/release/ml-connector")
parser.add_argument("--json")
options = parser.parse_args()
place = tempfile.mkdtemp(prefix="ml-rates-")
os.chmod(place, 0o711)
data, programs = f"{place}/data", []


def start(*words, **variables):
    log = open(f"{place}/{words[0]}.log", "w")
    programs.append(subprocess.Popen([options.binary, *words], stdout=log, stderr=log, env={**os.environ, **variables}))


def control(method, path, body=None):
    request = urllib.request.Request(
        sandbox["control"]["url"] + path, method=method, data=None if body is None else json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        # Amounts stay as they are written.
        return json.load(answer, parse_float=str)


def until(what, is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end or any(program.poll() is not None for program in programs):
            sys.exit(f"{what} did not come; log:\n" + open(f"{place}/serve.log").read()[-3000:])
        time.sleep(0.02)


def item(board, key):
    found = [item for item in control("GET", f"/control/monday/boards/{board}/items") if key in json.dumps(item)]
    return json.dumps(found)


try:
    start("sandbox", "--ports-file", f"{place}/ports.json")
    until("the sandbox", lambda: os.path.exists(f"{place}/ports.json"))
    sandbox = json.load(open(f"{place}/ports.json"))
    central, monday = sandbox["businessCentral"], sandbox["monday"]
    # The simulator refuses what exceeds the promise, and counts by the instants of arrival.
    control("PATCH", "/control/monday/options", {"enforcesPlan": False, "mutationsPerMinute": 40})
    columns = [
        {"id": "erp_key", "title": "ERP key", "type": "text"}, {"id": "amount", "title": "Amount", "type": "numbers"},
    ]
    companies, files = ["CRONUS International", "CRONUS Nordic"], []
    boards = [control("POST", "/control/monday/boards", {"name": f"AP {n}", "columns": columns})["id"] for n in (1, 2)]
    for number, (company, board) in enumerate(zip(companies, boards)):
        control("POST", "/control/businessCentral/invoices", {"company": company, "count": options.backlog})
        document = {
            "tenant": "bench", "name": f"c{number}", "flow": "business-central-monday",
            "businessCentral": {
                **{name: central[name] for name in ("entraTenant", "clientId", "environment", "apiURL", "loginURL")},
                "company": company, "clientSecret": {"env": "BC"},
            },
            "monday": {"token": {"env": "MONDAY"}, "apiURL": monday["apiURL"]},
            "routes": {
                "purchaseInvoices": {
                    "board": str(board), "columns": {"number": "name", "totalAmountIncludingTax": "amount"},
                }
            },
            "limits": {"monday": {"requestsPerMinute": 0, "callsPerDay": 0}},
        }
        files.append(f"{place}/c{number}.json5")
        with open(files[-1], "w") as file:
            json.dump(document, file)
    subprocess.run(
        [options.binary, "connection", "add", "--data", data, *files], check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, "BC": central["clientSecret"], "MONDAY": monday["token"]},
    )
    listen = f"127.0.0.1:{random.randint(20000, 30000)}"
    start("serve", "--data", data, "--listen", listen, "--public-url", f"http://{listen}")
    until("the first writes", lambda: control("GET", "/facts")["monday"]["mutations"]["executed"] > 3)
    began, lags, changed = time.monotonic(), [], 0
    counts = [(time.monotonic(), control("GET", "/facts")["monday"]["mutations"]["executed"])]
    dice = random.Random(7)
    while time.monotonic() - began < options.seconds:
        time.sleep(dice.uniform(2, 8))
        # One that is on its board already, changed by a person.
        company, board = dice.choice(list(zip(companies, boards)))
        shown = control("GET", f"/control/monday/boards/{board}/items")
        if not shown:
            continue
        chosen, amount = dice.choice(shown), f"{700000 + changed}.25"
        changed += 1
        invoice = f"/control/businessCentral/invoices/{chosen['name']}"
        edited = control("PATCH", invoice, {"company": company, "amount": float(amount)})
        # With tax, rounded line by line, it may be another amount than was asked for.
        total = str(edited["totalAmountIncludingTax"])
        asked = time.monotonic()
        until("a live change", lambda: total in item(board, chosen["name"]), 120)
        lags.append(time.monotonic() - asked)
        print(f"live change {changed}: {lags[-1]:.2f} s", file=sys.stderr)
        counts.append((time.monotonic(), control("GET", "/facts")["monday"]["mutations"]["executed"]))
    facts = control("GET", "/facts")["monday"]
    lags.sort()
    spent = counts[-1][1] - counts[0][1]
    figures = {
        "seconds": round(counts[-1][0] - counts[0][0], 1),
        "usedOfAllowance": round(spent / ((counts[-1][0] - counts[0][0]) * 40 / 60), 4),
        "highestArrivedIn60s": facts["mutations"]["highestArrivedIn60s"],
        "refusals": facts["refusals"],
        "liveChanges": len(lags),
        "liveSeconds": {
            "p50": round(lags[len(lags) // 2], 2), "p95": round(lags[int(len(lags) * 0.95)], 2), "most": round(lags[-1], 2)
        },
        "perMinute": facts["mutations"]["perMinute"],
    }
    print(json.dumps(figures))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=2)
finally:
    for program in reversed(programs):
        program.terminate()
        program.wait(20)
    shutil.rmtree(place, ignore_errors=True)
