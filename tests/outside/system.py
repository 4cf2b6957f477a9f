"""A department's own system, as somebody else would write it: standard library only.

`python system.py PORT SECRET LOG MODE`: takes deliveries, checks who signed them, writes each
down as a line of JSON. The file MODE says how it answers: `ok`, `500`, `slow`, `long` (without
end), `drip` (a byte now and then) or `moved URL`.
"""

import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT, SECRET, LOG, MODE = sys.argv[1:5]


class Listener(BaseHTTPRequestHandler):
    """One delivery after the other."""

    def do_POST(self) -> None:
        """Take a delivery."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamp = self.headers["Gridcase-Timestamp"]
        wanted = hmac.new(
            SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256
        ).hexdigest()
        mode = Path(MODE).read_text(encoding="utf-8").strip()
        if mode == "slow":
            time.sleep(2)
        right = f"v1={wanted}" in self.headers["Gridcase-Signature"].split()
        status = 500 if mode == "500" else 200 if right else 401
        if mode.startswith("moved"):
            status = 307
        line = {"status": status, "mode": mode, **json.loads(body)}
        with Path(LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")
        answer = json.dumps({"reference": f"OA-{line['work']}"}).encode()
        self.send_response(status)
        if mode.startswith("moved"):
            self.send_header("Location", mode.split()[1])
        if mode in {"long", "drip"}:
            self.end_headers()
            self.on_and_on(0.3 if mode == "drip" else 0)
            return
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def on_and_on(self, pause: float) -> None:
        """Send until nobody reads."""
        try:
            while True:
                self.wfile.write(b" " if pause else bytes(65536))
                time.sleep(pause)
        except OSError:
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", int(PORT)), Listener).serve_forever()
