#!/usr/bin/env python3
"""make demo-nodes: 28 February 2017 again, with our first node and its database in the cloud that fails.

Two nodes, a Postgres with a standby, and nine sites, all on loopback. Prints what the pages of both nodes
say as it goes, holds it against what must be so, and ends by itself within two minutes. It ends only
what it started.
"""

import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAILING = {"slack.com": "Slack", "medium.com": "Medium", "buzzfeed.com": "BuzzFeed",
           "isitdownrightnow.com": "Is It Down Right Now?"}
SLOW = {"netflix.com": "Netflix", "spotify.com": "Spotify", "snapchat.com": "Snapchat"}
OTHERS = {"google.com": "Google", "microsoft.com": "Microsoft"}
PROVIDERS = {"google.com": "google", "microsoft.com": "azure"}
LOOPBACK = "127.0.0.1"


class Site:
    """A site on loopback, which answers, fails or is slow."""

    def __init__(self, slug, name):
        self.slug, self.name, self.mood = slug, name, "well"
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if site.mood == "slow":
                    time.sleep(1.5)
                try:
                    self.send_response(503 if site.mood == "failing" else 200)
                    self.send_header("content-length", "6")
                    self.end_headers()
                    self.wfile.write(b"hello\n")
                except ConnectionError:
                    # Whoever asked has seen enough.
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def entry(self):
        provider = PROVIDERS.get(self.slug, "aws")
        return (
            f'[[site]]\nslug = "{self.slug}"\nname = "{self.name}"\n'
            f'url = "http://{LOOPBACK}:{self.server.server_port}/"\n'
            f'provider = "{provider}"\ninterval = "5s"\ntimeout = "3s"\nslow_after = "1s"\nprivate = true\n\n'
        )


class Postgres:
    """A cluster of Postgres. It does not run as root, so root hands it to another user."""

    found = glob.glob("/usr/lib/postgresql/*/bin/initdb") + glob.glob("/usr/pgsql-*/bin/initdb")
    initdb = shutil.which("initdb") or max(found, key=lambda path: int(path.split("/")[-3].split("-")[-1]))
    programs = os.path.dirname(os.path.realpath(initdb))
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody") if os.geteuid() == 0 else None

    def __init__(self, folder, name):
        self.home = os.path.join(folder, name)
        self.data, self.port, self.process = os.path.join(self.home, "data"), free_port(), None
        os.mkdir(self.home, 0o700)
        if self.user:
            os.chown(self.home, self.user.pw_uid, self.user.pw_gid)

    def start_program(self, program, *arguments):
        command = [os.path.join(self.programs, program), *arguments]
        account = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return subprocess.Popen(
            command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
            **account,
        )

    def run(self, program, *arguments):
        process = self.start_program(program, *arguments)
        said, _ = process.communicate(timeout=120)
        if process.returncode:
            raise RuntimeError(f"{program}: {said}")
        return said.strip()

    def make(self):
        self.run("initdb", "-D", self.data, "-U", "stillup", "--auth=trust", "--encoding=UTF8", "--locale=C",
                 "--no-sync")

    def follow(self, primary):
        shutil.rmtree(self.data, ignore_errors=True)
        self.run("pg_basebackup", "-h", LOOPBACK, "-p", str(primary.port), "-U", "stillup", "-D", self.data, "-R",
                 "-X", "stream", "-c", "fast", "--no-sync")

    def start(self):
        self.process = self.start_program(
            "postgres", "-D", self.data, "-p", str(self.port), "-k", self.home, "-c", f"listen_addresses={LOOPBACK}",
            "-c", "fsync=off", "-c", "log_destination=stderr", "-c", "logging_collector=on",
        )
        self.ask("SELECT 1", "postgres", patience=60)

    def ask(self, query, database="stillup", patience=0):
        end = time.monotonic() + patience
        while True:
            try:
                return self.run("psql", "-XAtq", "-h", LOOPBACK, "-p", str(self.port), "-U", "stillup", "-d", database,
                                "-c", query)
            except RuntimeError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def end(self, how=signal.SIGQUIT):
        """Ends it at once, as a machine that is gone does; its own children end with it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)


class Node:
    """A `stillup serve`."""

    def __init__(self, program, folder, name, hosts, catalogue):
        self.program, self.name, self.port, self.process = program, name, free_port(), None
        self.home = os.path.join(folder, name)
        os.mkdir(self.home)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("STILLUP_")}
        self.environment["DATABASE_URL"] = f"postgres://stillup@{hosts}/stillup?sslmode=disable"
        self.write("sites.toml", catalogue)

    def write(self, name, text):
        with open(os.path.join(self.home, name), "w", encoding="utf-8") as file:
            file.write(text)

    def settle(self, peer):
        self.write("stillup.toml", (
            f'region = "{self.name}"\n[judge]\ncontrols = []\n[nodes]\nname = "{self.name}"\n'
            f'peers = ["http://{LOOPBACK}:{peer.port}"]\ntoken_file = "token"\n'
        ))
        token = os.path.join(self.home, "token")
        added = subprocess.run(self.command("agents", "add", self.name, "--region", self.name), check=True,
                               cwd=self.home, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(added.stdout)

    def command(self, *arguments):
        return [self.program, *arguments, "--config", "stillup.toml", "--data-dir", "data"]

    def start(self):
        with open(os.path.join(self.home, "log"), "a", encoding="utf-8") as log:
            command = self.command("serve", "--sites", "sites.toml", "--listen", f"{LOOPBACK}:{self.port}")
            self.process = subprocess.Popen(command, cwd=self.home, env=self.environment, stdout=log, stderr=log)

    def get(self, path, **headers):
        request = urllib.request.Request(f"http://{LOOPBACK}:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read().decode()

    def json(self, path):
        return json.loads(self.get(path))

    def summary(self):
        try:
            return self.json("/api/v1/status")["summary"]
        except OSError:
            return "(no answer)"

    def end(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Visitor(threading.Thread):
    """Asks a node for pages all the time."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.node, self.times, self.failures, self.ended = node, [], [], threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            for path in ["/", "/slack.com", "/api/v1/status", "/badge/slack.com.svg"]:
                since = time.monotonic()
                try:
                    self.node.get(path)
                    self.times.append(time.monotonic() - since)
                except OSError as error:
                    self.failures.append(f"{path}: {error}")


class Demo:
    def __init__(self, program, folder):
        self.began, self.said, self.wrong = time.monotonic(), {}, []
        self.sites = {slug: Site(slug, name) for slug, name in (FAILING | SLOW | OTHERS).items()}
        self.databases = [Postgres(folder, "postgres-virginia"), Postgres(folder, "postgres-frankfurt")]
        hosts = ",".join(f"{LOOPBACK}:{database.port}" for database in self.databases)
        catalogue = "".join(site.entry() for site in self.sites.values())
        self.nodes = [Node(program, folder, name, hosts, catalogue) for name in ("virginia", "frankfurt")]

    def tell(self, text):
        print(f"\n{time.monotonic() - self.began:4.0f} s  {text}", flush=True)

    def look(self):
        """Prints what the front page of each node says, where that is new."""
        for node in self.nodes:
            if node.process:
                summary = node.summary()
                if self.said.get(node.name) != summary:
                    self.said[node.name] = summary
                    print(f"{time.monotonic() - self.began:4.0f} s    {node.name + ':':11} {summary}", flush=True)

    def until(self, what, holds, seconds=90):
        """Looks until something is so; what never comes is wrong, and is told at the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look()
            try:
                if holds():
                    return
            except (OSError, RuntimeError):
                pass
            time.sleep(0.5)
        self.wrong.append(f"not within {seconds} s: {what}")
        print(f"        not within {seconds} s: {what}", flush=True)

    def turn(self, names, mood):
        for name in names:
            self.sites[name].mood = mood

    def statuses(self, node):
        return {site["slug"]: site["status"] for site in node.json("/api/v1/sites")["sites"]}

    def all_are(self, node, names, status):
        known = self.statuses(node)
        return all(known[name] == status for name in names)

    def page(self, node, path):
        """Prints a page as `curl` shows it."""
        for line in node.get(path, Accept="text/plain").splitlines():
            print(f"          | {line}", flush=True)

    def play(self):
        (first, second), (primary, standby) = self.nodes, self.databases
        self.tell("A Postgres in Virginia with a standby in Frankfurt, and a node in each.")
        primary.make()
        primary.start()
        primary.run("createdb", "-h", LOOPBACK, "-p", str(primary.port), "-U", "stillup", "stillup")
        standby.follow(primary)
        standby.start()
        first.settle(second)
        second.settle(first)
        first.start()
        self.until("the first node records", lambda: recorder(primary) == "virginia")
        second.start()
        both = lambda node: len(node.json("/api/v1/sites/slack.com")["regions"]) == 2
        well = lambda node: self.all_are(node, self.sites, "up") and both(node)
        self.until("all is well, from both places", lambda: well(first) and well(second))
        visitor = Visitor(second)
        visitor.start()

        self.tell("09:37 in Seattle. A mistyped command takes away more servers of the cloud than was meant.")
        self.turn(FAILING, "failing")
        self.turn(SLOW, "slow")
        down = lambda node: self.all_are(node, FAILING, "down")
        slow = lambda node: self.all_are(node, SLOW, "slow")
        told = lambda node: down(node) and slow(node)
        self.until("both nodes say which are down, and which slow", lambda: told(first) and told(second))

        self.tell("Our first node and its database are in that cloud, and gone with it.")
        first.end(signal.SIGKILL)
        primary.end()
        gone = time.monotonic()
        self.until("the first node is gone", lambda: first.summary() == "(no answer)", 10)
        self.tell("The second node goes on telling it, from memory:")
        self.page(second, "/slack.com")
        self.tell("Somebody promotes the standby in Frankfurt (or pg_auto_failover does).")
        standby.run("pg_ctl", "promote", "-D", standby.data, "-w")
        self.until("the second node records", lambda: recorder(standby) == "frankfurt")
        self.tell(f"The second node records, {time.monotonic() - gone:.0f} s after the first was gone.")
        self.until("it says the same", lambda: told(second), 10)
        self.page(second, "/isitdownrightnow.com")

        self.tell("13:54. The sites come back, and so do our first node and its machine, with an empty disk.")
        self.turn(FAILING | SLOW, "well")
        shutil.rmtree(os.path.join(first.home, "data"))
        primary.follow(standby)
        primary.start()
        first.start()
        self.until("all is well again, from both places", lambda: well(first) and well(second), 120)
        self.tell("All is well again, and what happened is recorded:")
        visitor.ended.set()
        visitor.join()
        self.sum_up(standby, visitor)

    def sum_up(self, database, visitor):
        outages = database.ask(
            "SELECT slug || ': ' || t.name || ' for ' || round(extract(epoch FROM coalesce(ended_at, now())"
            " - started_at)) || CASE WHEN ended_at IS NULL THEN ' s so far' ELSE ' s' END"
            " FROM outages o JOIN sites s ON s.id = o.site_id JOIN statuses t ON t.id = o.status"
            " WHERE t.name IN ('down', 'slow') ORDER BY o.started_at, slug"
        )
        for line in outages.splitlines():
            print(f"          | {line}")
        checks, twice = database.ask(
            "SELECT count(*), count(*) - count(DISTINCT (site_id, region_id, at)) FROM checks"
        ).split("|")
        missing = database.ask(
            "SELECT count(*) FROM (SELECT at - lag(at) OVER (PARTITION BY site_id ORDER BY at) AS apart"
            " FROM checks c JOIN regions r ON r.id = c.region_id WHERE r.name = 'frankfurt') turns"
            " WHERE apart > interval '12 s'"
        )
        wrongly = database.ask(
            "SELECT count(*) FROM outages o JOIN sites s ON s.id = o.site_id"
            " WHERE slug IN ('google.com', 'microsoft.com')"
        )
        print(f"          {checks} checks, {twice} of them twice; {missing} turns of Frankfurt are missing;"
              f" {wrongly} outages of sites that were well")
        times = sorted(visitor.times)
        slowest = times[int(len(times) * 0.99)] * 1e3 if times else 0
        print(f"          {len(times)} pages of the second node, {len(visitor.failures)} of them not answered;"
              f" 99 of 100 within {slowest:.0f} ms")
        if any(figure != "0" for figure in (twice, missing, wrongly)) or visitor.failures:
            self.wrong += visitor.failures[:5] + ["the record or the pages are not as they should be"]

    def end(self):
        for part in self.nodes:
            part.end()
        for part in self.databases:
            part.end()


def recorder(database):
    return database.ask("SELECT node FROM lease WHERE until > clock_timestamp()")


def free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/stillup")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="stillup-nodes-") as folder:
        os.chmod(folder, 0o755)
        demo = Demo(program, folder)
        try:
            demo.play()
        except KeyboardInterrupt:
            demo.wrong.append("ended before its end")
        finally:
            demo.end()
    for line in demo.wrong:
        print(f"demo-nodes: {line}", file=sys.stderr)
    sys.exit(1 if demo.wrong else 0)


if __name__ == "__main__":
    main()
