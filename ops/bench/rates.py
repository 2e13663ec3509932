"""Two connections of one tenant on one Monday token, both with a backlog, while invoices are changed now and then: how
much of the 40 mutations a minute is used, whether any is refused, and how long a live change takes.

Usage: ops/bench/rates.py [--seconds N] [--backlog N] [--binary FILE] [--json FILE]
"""

import argparse
import json
import random
import time

from stage import Stage

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=int, default=200)
parser.add_argument("--backlog", type=int, default=400)
parser.add_argument("--binary", default=".build/release/ml-connector")
parser.add_argument("--json")
options = parser.parse_args()


def connections(stage):
    """One for each of two companies, with a board of its own: pairs of company and board."""
    columns = [
        {"id": "erp_key", "title": "ERP key", "type": "text"}, {"id": "amount", "title": "Amount", "type": "numbers"},
    ]
    pairs = []
    for number, company in enumerate(["CRONUS International", "CRONUS Nordic"]):
        board = stage.control("POST", "/control/monday/boards", {"name": f"AP {number}", "columns": columns})["id"]
        stage.control("POST", "/control/businessCentral/invoices", {"company": company, "count": options.backlog})
        pairs.append((company, board))
    stage.add(*({
        "name": f"c{number}", "businessCentral": {"company": company},
        "routes": {
            "purchaseInvoices": {
                "board": str(board), "columns": {"number": "name", "totalAmountIncludingTax": "amount"},
            }
        },
        "limits": {"monday": {"requestsPerMinute": 0, "callsPerDay": 0}},
    } for number, (company, board) in enumerate(pairs)))
    return pairs


def change(stage, company, board, dice):
    """A person changes an invoice that is on its board already; how long until the board shows it."""
    shown = stage.control("GET", f"/control/monday/boards/{board}/items")
    if not shown:
        return None
    name = dice.choice(shown)["name"]
    edited = stage.control(
        "PATCH", f"/control/businessCentral/invoices/{name}", {"company": company, "amount": dice.randint(1, 900_000)}
    )
    # With tax, rounded line by line, it may be another amount than was asked for.
    total, began = str(edited["totalAmountIncludingTax"]), time.monotonic()

    def is_shown():
        items = stage.control("GET", f"/control/monday/boards/{board}/items")
        return total in json.dumps([item for item in items if item["name"] == name])

    stage.until("a live change", is_shown, 120)
    return time.monotonic() - began


with Stage(options.binary) as stage:
    # The simulator refuses what exceeds the promise, and counts by the instants of arrival.
    stage.control("PATCH", "/control/monday/options", {"enforcesPlan": False, "mutationsPerMinute": 40})
    pairs, dice, lags = connections(stage), random.Random(7), []
    listen = f"127.0.0.1:{random.randint(20_000, 30_000)}"
    stage.start("serve", "--data", stage.data, "--listen", listen, "--public-url", f"http://{listen}")
    stage.until("the first writes", lambda: stage.mutations()["executed"] > 3)
    first, began = stage.mutations()["executed"], time.monotonic()
    while time.monotonic() - began < options.seconds:
        time.sleep(dice.uniform(2, 8))
        lag = change(stage, *dice.choice(pairs), dice)
        if lag is not None:
            lags.append(lag)
    seconds = time.monotonic() - began
    counted = stage.mutations()
    lags.sort()
    figures = {
        "seconds": round(seconds, 1),
        "usedOfAllowance": round((counted["executed"] - first) / (seconds * 40 / 60), 4),
        "highestArrivedIn60s": counted["highestArrivedIn60s"],
        "refusals": stage.control("GET", "/facts")["monday"]["refusals"],
        "liveChanges": len(lags),
        "liveSeconds": {
            "p50": round(lags[len(lags) // 2], 2), "p95": round(lags[int(len(lags) * 0.95)], 2),
            "most": round(lags[-1], 2),
        },
    }
    print(json.dumps(figures))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=2)
