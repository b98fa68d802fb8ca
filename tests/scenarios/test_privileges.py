"""Who the server is when it serves: root binds, somebody else serves; and with sockets from systemd root is not needed."""
import os
import pathlib
import pwd
import socket

from harness import PATIENCE, Skipped, expect


def identity(server):
    """The four user ids of the process."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))


def test_root_becomes_the_user_of_the_settings(place):
    if os.geteuid() != 0:
        raise Skipped("only root can become somebody else")
    place.folder.chmod(0o755)
    server = place.serve({"user": "nobody"})
    nobody = pwd.getpwnam("nobody").pw_uid
    expect(identity(server) == [str(nobody)] * 4, f"the server is {identity(server)}")
    expect((server.data / "server.pem").stat().st_uid == nobody, "its certificate belongs to somebody else")
    with server.connect_tls("imaps") as client:
        client.hears("* OK")
    server.reload(hostname="mx.example.test")
    with server.connect_tls("imaps", "mx.example.test") as client:
        client.hears("* OK")


def test_a_user_that_does_not_exist_is_named(place):
    if os.geteuid() != 0:
        raise Skipped("only root can become somebody else")
    server = place.start({"user": "no-such-user"})
    expect(server.wait() == 67, "the exit code is not 67 (EX_NOUSER)")
    expect("no-such-user" in server.log(), server.log())


def test_a_socket_from_systemd_is_used(place):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = place.serve({"listen.imap": []}, inherits=("imap", listener))
        expect(server.ports["imap"] == listener.getsockname()[1], "another port is announced")
        with server.connect("imap") as client:
            client.hears("* OK")
        server.reload(hostname="mx.example.test")
        with server.connect("imap") as client:
            expect("mx.example.test" in client.hears("* OK"), "the new name is not said")


def test_systemd_is_told_what_becomes_of_the_server(place):
    """As sd_notify(3) has it: Type=notify waits for the first, Type=notify-reload for those in the middle."""
    path = place.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(PATIENCE)
        server = place.serve(environment={"NOTIFY_SOCKET": str(path)})
        hears = lambda: manager.recv(4096).decode()  # noqa: E731
        ready = hears()
        expect(ready.startswith("READY=1\n") and f"127.0.0.1:{server.ports['smtp']}" in ready, ready)
        server.reload(hostname="mx.example.test")
        reloading = hears()
        expect(reloading.startswith("RELOADING=1\nMONOTONIC_USEC="), reloading)
        expect(hears() == "READY=1\nSTATUS=reloaded", "the end of the reload is not told")
        expect(server.stop(), "the server does not end well")
        expect(hears() == "STOPPING=1", "the stop is not told")
