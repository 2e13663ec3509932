"""What a Python team would write for the same task: FastAPI, and a table in SQLite that is on disk before the answer."""

import hashlib
import hmac
import os
import sqlite3

from fastapi import FastAPI, Header, HTTPException, Request, Response

secret = os.environ["BENCH_SECRET"].encode()
database = sqlite3.connect(os.environ["BENCH_DATABASE"], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute(
    "CREATE TABLE IF NOT EXISTS webhook ("
    "id INTEGER PRIMARY KEY, event TEXT NOT NULL UNIQUE, received TEXT DEFAULT CURRENT_TIMESTAMP, body BLOB NOT NULL)"
)
app = FastAPI()


@app.post("/hooks/{token}")
async def receive(request: Request, x_event_id: str = Header(), x_signature: str = Header()):
    body = await request.body()
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, x_signature):
        raise HTTPException(401)
    # One statement without a transaction around it is one commit.
    database.execute("INSERT OR IGNORE INTO webhook (event, body) VALUES (?, ?)", (x_event_id, body))
    return Response(status_code=202)
