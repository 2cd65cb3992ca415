#!/usr/bin/env python3
"""An HTTP server on loopback that misbehaves as the path says; prints its port. For test_http.sh.

/echo what it was asked, /status 500, /redirect, /type another type, /prefix a type that begins alike,
/parameter, /large without a length, /length one that lies, /short fewer bytes than it says, /headers
without end, /drip a byte a second, /hang, /old HTTP 0.9, /seen the headers that it got
"""
import socketserver
import time

TYPE = b"Content-Type: application/timestamp-reply\r\n"
GOOD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + TYPE
ANSWERS = {
    "status": b"HTTP/1.1 500 No\r\nConnection: close\r\n" + TYPE + b"Content-Length: 2\r\n\r\nok",
    "redirect": b"HTTP/1.1 302 There\r\nConnection: close\r\nLocation: /echo\r\n" + TYPE + b"Content-Length: 2\r\n\r\nok",
    "type": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok",
    "prefix": b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply-not\r\nContent-Length: 2\r\n\r\nok",
    "parameter": b"HTTP/1.1 200 OK\r\nContent-Type: Application/Timestamp-Reply; x=y\r\nContent-Length: 2\r\n\r\nok",
    "large": GOOD + b"\r\n" + b"x" * 1_000_000,
    "length": GOOD + b"Content-Length: 99999999999\r\n\r\nok",
    "short": GOOD + b"Content-Length: 20\r\n\r\nok",
    "headers": GOOD + b"X: " + b"y" * 1000 + b"\r\n" + (b"X: " + b"y" * 1000 + b"\r\n") * 500 + b"\r\nok",
    "old": b"just text",
}


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        path = self.rfile.readline().split()[1].decode().split("?")[0].strip("/")
        seen, length = b"", 0
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            seen += line.replace(b"\r\n", b" ")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        body = self.rfile.read(length)
        try:
            self.answer(path, seen, body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self, path, seen, body):
        if path == "hang":
            time.sleep(30)
        elif path == "drip":
            self.wfile.write(GOOD + b"\r\n")
            for _ in range(60):
                self.wfile.write(b"x")
                time.sleep(1)
        else:
            said = {"echo": body, "seen": seen}.get(path)
            self.wfile.write(ANSWERS[path] if said is None else GOOD + b"\r\n" + said)


socketserver.ThreadingTCPServer.daemon_threads = True
with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
