"""Drives headless Chromium through chromedriver: WebDriver (W3C) over HTTP, from the standard library alone."""
import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request


def available():
    """None, or why no page can be shown here."""
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"no {program}"
    return None


class Browser:
    """One window. It is off the network: it may reach files only, and everything else it asked for is told."""

    ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
                 "--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files", "--force-color-profile=srgb"]

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(folder / "chromedriver.log", "wb")
        self.driver = subprocess.Popen(["chromedriver", f"--port={self.port}"], stdout=self.log, stderr=self.log,
                                       stdin=subprocess.DEVNULL)
        self.session = None
        self.wait_ready()
        options = {"args": self.ARGUMENTS + [f"--user-data-dir={folder / 'profile'}"], "binary": shutil.which("chromium")}
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
        self.session = made["sessionId"]

    def wait_ready(self):
        for _ in range(100):
            try:
                if self.ask("GET", "/status")["ready"]:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("chromedriver does not answer")

    def ask(self, method, path, body=None):
        where = path if self.session is None or path == "/status" else f"/session/{self.session}{path}"
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{where}", data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from error

    def close(self):
        try:
            if self.session is not None:
                self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=20)
            self.log.close()

    def chrome(self, command, **parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width, height):
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, path):
        self.ask("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script, *arguments):
        """The body of a function; what it returns."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def key(self, name):
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": name}, {"type": "keyUp", "value": name}]}]})

    def messages(self):
        return [m["message"] for m in self.ask("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        """Addresses of all that was asked for since the last call."""
        events = (json.loads(e["message"])["message"] for e in self.ask("POST", "/se/log", {"type": "performance"}))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def picture(self, path, whole=True):
        shot = self.chrome("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def paper(self, path):
        printed = self.ask("POST", "/print", {"page": {"width": 21, "height": 29.7}, "background": True})
        path.write_bytes(base64.b64decode(printed))
