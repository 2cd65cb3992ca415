#!/usr/bin/env python3
"""A time-stamp authority on loopback, for tests: openssl ts behind HTTP.

    authority.py make FOLDER [RSA|EC [BEGIN END]]   a root, root.pem, and a signer; from ... to ... (2026-01-01T00:00:00Z)
    authority.py sign FOLDER SECONDS [PROFILE]   another certificate: signer, or the bad ones lax and more
    authority.py revoke FOLDER REASON     crl.pem; none: of nothing; missing: without a reason
    authority.py serve FOLDER             prints its port; its clock is FOLDER/now, where there is such a file, and
                                          the same question then has the same answer; the path of a URL says how it behaves:
        /          answers                     /refuse   says 503
        /other     answers another request     /garbage  sends no answer
        /again     sends its first answer again /hang    says nothing for a minute
        /denied    answers: rejected
                                          As long as there is FOLDER/down, each says 503.
                                          It is its own HTTP proxy, and tunnels. FOLDER/seen has what it was asked, and by whom.
    authority.py serve FOLDER tls         the same by TLS, as 127.0.0.1, with FOLDER/web.pem, which its root signed
"""
import calendar
import hashlib
import http.server
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

CONFIG = """
[tsa]
default_tsa = one
[one]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
certs = {folder}/root.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ca]
default_ca = ours
[ours]
certificate = {folder}/root.pem
private_key = {folder}/root.key
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
default_crl_days = 30
policy = any
[any]
organizationName = optional
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[web]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1
[lax]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[more]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping,codeSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"openssl {arguments[0]}: {done.stderr.decode(errors='replace')}")


def make(folder, kind="EC", begin=None, end=None):
    os.makedirs(folder, exist_ok=True)
    config = f"{folder}/tsa.cnf"
    with open(config, "w", encoding="ascii") as file:
        file.write(CONFIG.format(folder=folder))
    with open(f"{folder}/serial", "w", encoding="ascii") as file:
        file.write("01\n")
    key = ["rsa:2048"] if kind == "RSA" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    open(f"{folder}/index.txt", "w", encoding="ascii").close()
    for name, subject in (("root", "/O=Test/CN=Root"), ("signer", "/O=Test/CN=Time stamps")):
        openssl("req", "-newkey", *key, "-nodes", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr",
                "-subj", subject, "-config", config)
    now = time.time()
    certify(folder, "root", "root", at(begin, now - 86400), at(end, now + 3650 * 86400), "-selfsign")
    certify(folder, "signer", "signer", at(begin, now - 60), at(end, now + 1000 * 86400))


def at(text, otherwise):
    return otherwise if text is None else calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def certify(folder, name, profile, begin, end, *more):
    dates = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(t)) for t in (begin, end)]
    openssl("ca", "-batch", "-notext", "-config", f"{folder}/tsa.cnf", "-in", f"{folder}/{name}.csr", "-out", f"{folder}/{name}.pem",
            "-startdate", dates[0], "-enddate", dates[1], "-extensions", profile, *more)


def sign(folder, seconds=1000 * 86400, profile="signer"):
    """The signer gets a certificate that is valid for so long, from a minute ago."""
    certify(folder, "signer", profile, time.time() - 60, time.time() + int(seconds))


def revoke(folder, reason):
    """And the CRL that says so, in crl.pem."""
    config = ["-config", f"{folder}/tsa.cnf"]
    if reason != "none":
        openssl("ca", *config, "-revoke", f"{folder}/signer.pem", *(["-crl_reason", reason] if reason != "missing" else []))
    openssl("ca", *config, "-gencrl", "-out", f"{folder}/crl.pem")


def answer(folder, query):
    """By openssl ts, whose clock is the machine's."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        write(f"{own}/query.tsq", query)
        openssl("ts", "-reply", "-config", f"{folder}/tsa.cnf", "-queryfile", f"{own}/query.tsq", "-out", f"{own}/reply.tsr")
        return read(f"{own}/reply.tsr")


# --- with a clock that is set: RFC 3161 by hand, signed by openssl cms ---


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def der(tag, *contents):
    content = b"".join(contents)
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(octets)]) + octets) + content


def elements(content):
    """Of a DER sequence: each with its tag and length."""
    while content:
        size, head = content[1], 2
        if size & 0x80:
            head += size & 0x7f
            size = int.from_bytes(content[2:head], "big")
        yield content[:head + size]
        content = content[head + size:]


SEQUENCE, INTEGER, OID, GENERALIZED_TIME = 0x30, 0x02, 0x06, 0x18


def time_stamp_info(query, now):
    """TSTInfo (RFC 3161, 2.4.2) that answers the TimeStampReq at that time."""
    _, imprint, *rest = elements_of(query)
    nonce = [x for x in rest if x[0] == INTEGER]
    moment = now.replace("-", "").replace(":", "").replace("T", "").encode()
    serial = b"\x01" + hashlib.sha256(query + moment).digest()[:8]
    return der(SEQUENCE, der(INTEGER, b"\x01"), der(OID, bytes.fromhex("2a0304")), imprint, der(INTEGER, serial),
               der(GENERALIZED_TIME, moment), *nonce)


def elements_of(sequence):
    size = sequence[1]
    return list(elements(sequence[2 + (size & 0x7f if size & 0x80 else 0):]))


def answer_at(folder, query, now):
    with tempfile.TemporaryDirectory(dir=folder) as own:
        write(f"{own}/info", time_stamp_info(query, now))
        openssl("cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-cades", "-md", "sha256", "-econtent_type",
                "1.2.840.113549.1.9.16.1.4", "-signer", f"{folder}/signer.pem", "-inkey", f"{folder}/signer.key",
                "-outform", "DER", "-in", f"{own}/info", "-out", f"{own}/token")
        return der(SEQUENCE, der(SEQUENCE, der(INTEGER, b"\x00")), read(f"{own}/token"))


class Authority(http.server.BaseHTTPRequestHandler):
    folder, first = "", None
    said, lock = {}, threading.Lock()

    def answer(self, query):
        if not os.path.exists(f"{self.folder}/now"):
            return answer(self.folder, query)
        with self.lock:
            question = (read(f"{self.folder}/now").decode().strip(), query)
            if question not in self.said:
                self.said[question] = answer_at(self.folder, query, question[0])
            return self.said[question]

    def see(self):
        with self.lock, open(f"{self.folder}/seen", "a", encoding="ascii") as file:
            file.write(f"{self.requestline} {self.headers.get('Proxy-Authorization', '')}{self.headers.get('Authorization', '')}\n")

    def do_CONNECT(self):
        """A tunnel to a port of this machine."""
        self.see()
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as other:
            self.send_response(200)
            self.end_headers()
            away = threading.Thread(target=pump, args=(self.connection, other))
            away.start()
            pump(other, self.connection)
            away.join()

    def do_POST(self):
        self.see()
        query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        way = urllib.parse.urlsplit(self.path).path.strip("/")
        if way == "hang":
            time.sleep(60)
        if way == "refuse" or os.path.exists(f"{self.folder}/down"):
            self.send_error(503)
            return
        if way == "other":
            subprocess.run(["openssl", "ts", "-query", "-data", "/dev/null", "-sha256", "-cert", "-out",
                            f"{self.folder}/other.tsq"], check=True, capture_output=True)
            query = read(f"{self.folder}/other.tsq")
        body = {"garbage": b"<html>", "denied": bytes.fromhex("30053003020102")}.get(way) or self.answer(query)
        if way == "again":
            Authority.first = Authority.first or body
            body = Authority.first
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def pump(source, to):
    try:
        while piece := source.recv(65536):
            to.sendall(piece)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def secure(folder, server):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{folder}/web.key",
            "-out", f"{folder}/web.csr", "-subj", "/CN=127.0.0.1", "-config", f"{folder}/tsa.cnf")
    certify(folder, "web", "web", time.time() - 60, time.time() + 86400)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/web.pem", f"{folder}/web.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)


def serve(folder, tls=None):
    Authority.folder = folder
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    if tls is not None:
        secure(folder, server)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    {"make": make, "serve": serve, "sign": sign, "revoke": revoke}[sys.argv[1]](*sys.argv[2:])
