"""What both servers need: a certificate, ports, users, processes that end."""
import os
import pathlib
import socket
import subprocess
import sys
import time

DOMAIN = "bench.test"
PASSWORD = "benchpw"
USERS = 200
PATIENCE = 60  # seconds until a server must listen or have ended
SERVICES = ["smtp", "submission", "lmtp", "imap", "imaps", "pop3"]


def user_names():
    return [f"u{number:04}@{DOMAIN}" for number in range(1, USERS + 1)]


def give_up(why):
    sys.exit(f"compare: {why}")


def run(*command, **options):
    """A command that must succeed; its output is shown if it does not."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)
    if done.returncode != 0:
        give_up(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def make_certificate(folder):
    """The same certificate for both: ECDSA on P-256, as a new server would get it."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not certificate.exists():
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30,
            "-subj", f"/CN=mail.{DOMAIN}", "-keyout", key, "-out", certificate)
    return certificate, key


def wait_until(is_so, process):
    """Until the process has got so far; it must not end before."""
    for _ in range(PATIENCE * 20):
        if process.poll() is not None:
            give_up(f"{process.args[0]} ended with {process.returncode} instead of serving")
        if is_so():
            return
        time.sleep(0.05)
    give_up(f"{process.args[0]} does not get ready")


def listens(port):
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def end(process):
    """SIGTERM, and SIGKILL to a process that does not heed it."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def folder_for_all(path):
    """A folder that servers may enter which give up root's rights."""
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    os.chmod(path, 0o755)
    return path
