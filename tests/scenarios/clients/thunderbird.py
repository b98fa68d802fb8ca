"""Thunderbird without a screen, told what to do in JavaScript by Marionette, the protocol that browsers are tested with."""
import contextlib
import json
import pathlib
import socket
import subprocess
import time

from harness import PATIENCE, expect
from clients.household import HOST, find

STEPS = pathlib.Path(__file__).with_name("thunderbird.js").read_text()
STEP_WITHIN = (PATIENCE - 2) * 1000  # milliseconds, so that what was waited for is said before the script is given up
BEGINS_WITHIN = 60  # seconds: it is a large program

# No windows that ask, nothing that looks for news elsewhere.
PREFERENCES = {
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mail.accounthub.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.shell.checkDefaultClient": False,
    "mailnews.database.global.indexer.enabled": False,
    "mailnews.start_page.enabled": False,
    "marionette.port": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Thunderbird:
    """One that runs. The steps are functions of thunderbird.js."""

    def __init__(self, home):
        program = find("thunderbird")
        self.profile = home.folder / "profile"
        self.profile.mkdir()
        (self.profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()))
        self.said = open(home.folder / "said", "wb")
        words = [program, "--headless", "--no-remote", "--marionette", "-remote-allow-system-access",
                 "--profile", str(self.profile)]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said,
                                        cwd=home.folder, env=home.environment({"MOZ_HEADLESS": "1"}))
        self.commands, self.buffer = 0, b""
        self.authority = home.authority

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, AssertionError):
            self._command("Marionette:Quit", flags=["eForceQuit"])
        self._end()

    def _begin(self):
        port_file = self.profile / "MarionetteActivePort"
        deadline = time.monotonic() + BEGINS_WITHIN
        while not (port_file.exists() and port_file.read_text()):
            expect(self.process.poll() is None, "thunderbird has ended")
            expect(time.monotonic() < deadline, "thunderbird does not begin")
            time.sleep(0.05)
        self.sock = socket.create_connection(("127.0.0.1", int(port_file.read_text())), timeout=BEGINS_WITHIN)
        self._packet()
        self._command("WebDriver:NewSession", capabilities={})
        self._command("Marionette:SetContext", value="chrome")
        self._command("WebDriver:SetTimeouts", script=PATIENCE * 1000)

    def _end(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.said.close()
        if hasattr(self, "sock"):
            self.sock.close()

    def _more(self):
        octets = self.sock.recv(65536)
        expect(octets, "thunderbird has hung up")
        self.buffer += octets

    def _packet(self):
        """LENGTH:JSON"""
        while b":" not in self.buffer:
            self._more()
        length, self.buffer = self.buffer.split(b":", 1)
        while len(self.buffer) < int(length):
            self._more()
        packet, self.buffer = self.buffer[:int(length)], self.buffer[int(length):]
        return json.loads(packet)

    def _command(self, name, **parameters):
        self.commands += 1
        packet = json.dumps([0, self.commands, name, parameters]).encode()
        self.sock.sendall(b"%d:%b" % (len(packet), packet))
        _, _, error, result = self._packet()
        expect(error is None, f"{name}: {error}")
        return result

    def does(self, step, *arguments):
        """What the step gives back."""
        script = f"const patience = {STEP_WITHIN};\n{STEPS}\nrun(steps.{step}, arguments);"
        told = self._command("WebDriver:ExecuteAsyncScript", script=script, args=list(arguments))["value"]
        expect("error" not in told, f"{step}{arguments}: {told.get('error')}")
        return told["value"]

    def has_account(self, server, account, password):
        self.does("trust", self.authority.read_text())
        self.does("addAccount", account, password, HOST, server.ports["imaps"])
