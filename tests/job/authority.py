#!/usr/bin/env python3
"""A time-stamp authority on loopback, for tests: openssl ts behind HTTP.

    authority.py make FOLDER [RSA|EC]     a root, root.pem, and a signer
    authority.py sign FOLDER SECONDS [PROFILE]   another certificate: signer, or the bad ones lax and more
    authority.py revoke FOLDER REASON     crl.pem; none: of nothing; missing: without a reason
    authority.py serve FOLDER             prints its port; the path of a URL says how it behaves:
        /          answers                     /refuse   says 503
        /other     answers another request     /garbage  sends no answer
        /again     sends its first answer again /hang    says nothing for a minute
        /denied    answers: rejected
"""
import http.server
import os
import subprocess
import sys
import time

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


def make(folder, kind="EC"):
    os.makedirs(folder, exist_ok=True)
    config = f"{folder}/tsa.cnf"
    with open(config, "w", encoding="ascii") as file:
        file.write(CONFIG.format(folder=folder))
    with open(f"{folder}/serial", "w", encoding="ascii") as file:
        file.write("01\n")
    key = ["rsa:2048"] if kind == "RSA" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl("req", "-x509", "-newkey", *key, "-nodes", "-keyout", f"{folder}/root.key", "-out", f"{folder}/root.pem",
            "-days", "3650", "-subj", "/O=Test/CN=Root", "-config", config, "-extensions", "root")
    openssl("req", "-newkey", *key, "-nodes", "-keyout", f"{folder}/signer.key", "-out", f"{folder}/signer.csr",
            "-subj", "/O=Test/CN=Time stamps", "-config", config)
    open(f"{folder}/index.txt", "w", encoding="ascii").close()
    sign(folder)


def sign(folder, seconds=1000 * 86400, profile="signer"):
    """The signer gets a certificate that is valid for so long, from a minute ago."""
    begin, end = time.time() - 60, time.time() + int(seconds)
    openssl("ca", "-batch", "-notext", "-config", f"{folder}/tsa.cnf", "-in", f"{folder}/signer.csr", "-out", f"{folder}/signer.pem",
            "-startdate", time.strftime("%Y%m%d%H%M%SZ", time.gmtime(begin)),
            "-enddate", time.strftime("%Y%m%d%H%M%SZ", time.gmtime(end)), "-extensions", profile)


def revoke(folder, reason):
    """And the CRL that says so, in crl.pem."""
    config = ["-config", f"{folder}/tsa.cnf"]
    if reason != "none":
        openssl("ca", *config, "-revoke", f"{folder}/signer.pem", *(["-crl_reason", reason] if reason != "missing" else []))
    openssl("ca", *config, "-gencrl", "-out", f"{folder}/crl.pem")


def answer(folder, query):
    with open(f"{folder}/query.tsq", "wb") as file:
        file.write(query)
    openssl("ts", "-reply", "-config", f"{folder}/tsa.cnf", "-queryfile", f"{folder}/query.tsq", "-out", f"{folder}/reply.tsr")
    with open(f"{folder}/reply.tsr", "rb") as file:
        return file.read()


class Authority(http.server.BaseHTTPRequestHandler):
    folder, first = "", None

    def do_POST(self):
        query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        way = self.path.strip("/")
        if way == "hang":
            time.sleep(60)
        if way == "refuse":
            self.send_error(503)
            return
        if way == "other":
            subprocess.run(["openssl", "ts", "-query", "-data", "/dev/null", "-sha256", "-cert", "-out",
                            f"{self.folder}/other.tsq"], check=True, capture_output=True)
            with open(f"{self.folder}/other.tsq", "rb") as file:
                query = file.read()
        body = {"garbage": b"<html>", "denied": bytes.fromhex("30053003020102")}.get(way) or answer(self.folder, query)
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


def serve(folder):
    Authority.folder = folder
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    {"make": make, "serve": serve, "sign": sign, "revoke": revoke}[sys.argv[1]](*sys.argv[2:])
