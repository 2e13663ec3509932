"""A sandbox and a server in a folder of their own, for benchmarks: all of it ends with the `with` block."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request


class Stage:
    def __init__(self, binary):
        self.binary, self.programs = binary, []

    def __enter__(self):
        self.place = tempfile.mkdtemp(prefix="ml-bench-")
        # Tenants have users of their own, who must be able to get there.
        os.chmod(self.place, 0o711)
        self.data = f"{self.place}/data"
        self.start("sandbox", "--ports-file", f"{self.place}/ports.json")
        self.until("the sandbox", lambda: os.path.exists(f"{self.place}/ports.json"))
        with open(f"{self.place}/ports.json") as file:
            self.sandbox = json.load(file)
        self.central, self.nav, self.monday = (self.sandbox[name] for name in ("businessCentral", "nav", "monday"))
        return self

    def __exit__(self, *_):
        for program in reversed(self.programs):
            program.terminate()
            program.wait(20)
        shutil.rmtree(self.place, ignore_errors=True)

    def start(self, *words):
        log = open(f"{self.place}/{words[0]}.log", "w")
        self.programs.append(subprocess.Popen([self.binary, *words], stdout=log, stderr=log))
        return self.programs[-1]

    def stop(self, program):
        program.terminate()
        program.wait(20)
        self.programs.remove(program)

    @property
    def log(self):
        with open(f"{self.place}/serve.log") as file:
            return file.read()

    def until(self, what, is_so, seconds=600):
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end or any(program.poll() is not None for program in self.programs):
                sys.exit(f"{what} did not come; the server's log:\n{self.log[-3000:]}")
            time.sleep(0.02)

    def control(self, method, path, body=None):
        """Amounts come as they are written."""
        url = self.sandbox["control"]["url"] + path
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=120) as answer:
            return json.load(answer, parse_float=str)

    def add(self, *documents):
        """Adds connections; what all of them say of the two systems is filled in."""
        files = []
        for document in documents:
            if document.get("flow") == "nav-monday":
                nav = {name: self.nav[name] for name in ("url", "soapURL", "company", "user")}
                # It is spoken to over http, which nobody overhears here.
                document["nav"] = nav | {"key": {"env": "NAV"}, "privateNetwork": True} | document.get("nav", {})
            else:
                names = ("entraTenant", "clientId", "environment", "company", "apiURL", "loginURL")
                central = {name: self.central[name] for name in names} | {"clientSecret": {"env": "BC"}}
                document["businessCentral"] = central | document.get("businessCentral", {})
            document["monday"] = {"token": {"env": "MONDAY"}, "apiURL": self.monday["apiURL"]}
            if any(route.get("firstLoad") == "import" for route in document["routes"].values()):
                document["monday"]["uploads"] = [self.monday["apiURL"].removesuffix("/v2")]
            files.append(f"{self.place}/{document.get('tenant', 'bench')}-{document['name']}.json5")
            with open(files[-1], "w") as file:
                json.dump({"tenant": "bench", "flow": "business-central-monday"} | document, file)
        subprocess.run(
            [self.binary, "connection", "add", "--data", self.data, *files], check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "BC": self.central["clientSecret"], "NAV": self.nav["key"], "MONDAY": self.monday["token"]},
        )

    def status(self):
        command = [self.binary, "status", "--data", self.data, "--json"]
        try:
            return json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
        except ValueError:
            return {}

    def mutations(self):
        return self.control("GET", "/facts")["monday"]["mutations"]
