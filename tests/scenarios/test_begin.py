"""The moment between the first open port and the first command that is served."""
import fcntl
import socket
import subprocess
import threading

from harness import PATIENCE, expect


def hold_store(place):
    """Another process at work in the data folder: the server has its ports, and waits for the store."""
    place.make_account()
    lock = open(place.folder / "data" / "store" / "metadata.lock", "r+")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def wait_for_socket(path):
    """Until a server listens there."""
    for _ in range(PATIENCE * 50):
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex(str(path)) == 0:
                return
        threading.Event().wait(0.02)
    raise AssertionError(f"nobody listens at {path}")


def domain_add(place, name):
    return subprocess.Popen([place.program, "--data", str(place.folder / "data"), "domain", "add", name],
                            stderr=subprocess.PIPE, text=True)


def expect_done(command, server):
    _, errors = command.communicate(timeout=PATIENCE)
    expect(command.returncode == 0, f"the command ended with {command.returncode}: {errors}")
    server.wait_until_ready()


def test_who_finds_a_port_open_may_give_commands(place):
    with hold_store(place):
        server = place.start({"listen.imap": [f"unix:{place.folder}/imap"]})
        wait_for_socket(place.folder / "imap")
        expect((server.data / "control.sock").is_socket(), "commands find no server")
        command = domain_add(place, "early.test")
    expect_done(command, server)


def test_a_command_that_waits_for_the_store_finds_the_server(place):
    with hold_store(place):
        command = domain_add(place, "earlier.test")
        server = place.start()
        wait_for_socket(server.data / "control.sock")
    expect_done(command, server)


def test_commands_that_begin_at_once_take_turns(place):
    place.make_account()
    commands = [domain_add(place, f"d{number}.test") for number in range(8)]
    for command in commands:
        _, errors = command.communicate(timeout=PATIENCE)
        expect(command.returncode == 0, f"the command ended with {command.returncode}: {errors}")
    expect(len(place.listing("domain", "list")) == 9, "not all have done what they said")
