"""One table of what ops/bench/intake measured, and whether it keeps what thresholds.json promises."""

import json
import os
import platform
import sys

place, thresholds = sys.argv[1], json.load(open(sys.argv[2]))["intake"]
servers = {name: json.load(open(f"{place}/{name}.json")) for name in ("nginx", "fastapi", "ours", "ours-again")}
titles = {
    "nginx": "nginx, answers 202, keeps nothing",
    "fastapi": "FastAPI + SQLite, on disk",
    "ours": "ml-connector, on disk",
    "ours-again": "ml-connector once more",
}


def runs(name):
    return {run["connections"]: run for run in servers[name]["runs"]}


def rate(name, connections):
    return runs(name)[connections]["perSecond"]


def failures(run):
    return sum(count for status, count in run["statuses"].items() if not status.startswith("2"))


rows = [("SERVER", "CONNECTIONS", "RATE/S", "P50 us", "P99 us", "P99.9 us", "FAILED", "x NGINX", "x FASTAPI")]
for connections in runs("ours"):
    for name in servers:
        run = runs(name)[connections]
        rows.append(
            (
                titles[name],
                connections,
                run["perSecond"],
                *(run["microseconds"][p] for p in ("p50", "p99", "p999")),
                failures(run),
                f"{rate(name, connections) / max(rate('nginx', connections), 1):.2f}",
                f"{rate(name, connections) / max(rate('fastapi', connections), 1):.1f}",
            )
        )
widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
for row in rows:
    print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())

ours = servers["ours"]
print(f"\n{os.cpu_count()} processors, {platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f}")
print(f"fdatasync alone: p50 {ours['fdatasyncMicroseconds']['p50']} us, p99 {ours['fdatasyncMicroseconds']['p99']} us")
again = {c: rate("ours-again", c) / max(rate("ours", c), 1) for c in runs("ours")}
print("once more / ours: " + ", ".join(f"{ratio:.2f} at {c}" for c, ratio in again.items()))
for name in ("ours", "ours-again"):
    checked = servers[name]["verified"]
    print(f"{titles[name]}: {checked['acknowledged']} acknowledged, {checked['stored']} stored")

promises = [(f"{titles[n]}: nothing lost", servers[n]["verified"]["nothingLost"], "") for n in ("ours", "ours-again")]
at = thresholds["connections"]
if at in runs("ours"):
    for peer in ("nginx", "fastapi"):
        ratio = rate("ours", at) / max(rate(peer, at), 1)
        promises.append((f"at {at}: {thresholds[peer]} x {peer}", ratio >= thresholds[peer], f"{ratio:.2f}"))
lone, disk = ours["loneAckMicroseconds"]["p50"], ours["loneFdatasyncMicroseconds"]["p50"]
most = thresholds["loneAck"]["fdatasyncs"] * disk + thresholds["loneAck"]["plusMicroseconds"]
promises.append((f"one webhook at rest: at most {most} us", lone <= most, f"{lone} us"))
print()
for promise, kept, figure in promises:
    print(f"{'kept  ' if kept else 'BROKEN'}  {promise}{': ' + figure if figure else ''}")
if len(sys.argv) > 3:
    json.dump(servers, open(sys.argv[3], "w"), indent=1)
sys.exit(0 if all(kept for _, kept, _ in promises) else 1)
