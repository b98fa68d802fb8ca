"""What is compared: a row for each workload, and what of its figures is shown."""
import dataclasses

# name of the figure, its title, whether more is better
RATE = ("per_second", "/s", True)
RELAYED_RATE = ("relayed_per_second", "at the sink /s", True)
VISIBLE = ("visible_per_second", "visible /s", True)
P99 = ("p99_us", "99 % within, us", False)
CPU = ("server_cpu_us", "server CPU, us each", False)
WRITTEN = ("written_per_byte", "written / message byte", False)
PEAK = ("peak_memory_mb", "peak memory, MB", False)
CONNECTION = ("kb_per_connection", "KB each", False)
FURTHER = ("kb_per_further_connection", "KB each after the first tenth", False)

SENDING = [RATE, P99, CPU, WRITTEN, PEAK]
READING = [RATE, P99, CPU, PEAK]


@dataclasses.dataclass
class Workload:
    name: str
    title: str
    command: str          # of hongyan-load
    service: str          # whose port it speaks to
    options: dict         # of hongyan-load; a value "@imap" is the port of that service
    figures: list
    scaled: tuple = ("messages",)  # the options that --scale changes
    relayed: bool = False  # the mail is for elsewhere, and ends in the sink
    alone: bool = False   # the server is started anew, so that memory of earlier work does not count


def users(first, count):
    return {"first-user": first, "user-count": count}


# Workloads that leave mail behind have users of their own, so that none makes the mailboxes of another grow.
MIX = {"connections": 16, "messages": 2000, **users(1, 50)}
POP3 = {"connections": 4, "sessions": 40, "messages": 100, "lmtp-port": "@lmtp", **users(101, 20)}
SUBMIT = {"connections": 8, "tls": "starttls", "imap-port": "@imap", **users(51, 40)}
LARGE = {"messages": 10000, "repeat": 3, **users(150, 1)}
IDLE = {"connections": 2000, "parallel": 16, "hold": 6}

WORKLOADS = [
    Workload("smtp", "SMTP in, until visible by IMAP; mix, 16 connections", "smtp", "smtp",
             {**MIX, "imap-port": "@imap"}, [VISIBLE, RATE, P99, CPU, WRITTEN, PEAK]),
    Workload("lmtp", "LMTP, mix, 16 connections", "lmtp", "lmtp", MIX, SENDING),
    Workload("lmtp-1", "LMTP, mix, 1 connection", "lmtp", "lmtp", {**MIX, "connections": 1, "messages": 400}, SENDING),
    Workload("lmtp-4k", "LMTP, 4 KB, 16 connections", "lmtp", "lmtp", {**MIX, "size": 4096}, SENDING),
    Workload("lmtp-10", "LMTP, 8 KB, 10 recipients, 4 connections", "lmtp", "lmtp",
             {**MIX, "connections": 4, "messages": 300, "size": 8192, "recipients": 10}, SENDING),
    Workload("submit", "submission with TLS and AUTH, one message of 8 KB a session, 8 connections", "submit",
             "submission", {**SUBMIT, "messages": 600, "size": 8192, "per-session": 1}, [RATE, VISIBLE, P99, CPU]),
    Workload("submit-50", "submission with TLS and AUTH, mix, 50 messages a session, 8 connections", "submit",
             "submission", {**SUBMIT, "messages": 1000, "size": 0, "per-session": 50}, [RATE, VISIBLE, P99, CPU]),
    Workload("relay", "relay: SMTP in, out to a sink, 8 KB, 16 connections", "smtp", "smtp",
             {**MIX, "size": 8192}, [RELAYED_RATE, RATE, P99, CPU, WRITTEN], relayed=True),
    Workload("pop3", "POP3 RETR of 100 messages, mix, 4 connections", "pop3", "pop3", POP3, READING, ("sessions",)),
    Workload("pop3-pipelined", "the same, 20 RETR on their way", "pop3", "pop3", {**POP3, "window": 20}, READING,
             ("sessions",)),
    Workload("append-1", "IMAP APPEND, 8 KB, 1 connection", "append", "imap",
             {"connections": 1, "messages": 300, "size": 8192}, SENDING),
    Workload("append", "IMAP APPEND, mix, 8 connections", "append", "imap",
             {"connections": 8, "messages": 1000}, SENDING),
    Workload("fetch", "IMAP FETCH, mailbox of 10,000, for each message", "fetch", "imap", LARGE, [RATE, CPU], ()),
    Workload("search", "IMAP SEARCH, mailbox of 10,000, for each message", "search", "imap", LARGE, [RATE, CPU], ()),
    Workload("idle", "memory of an idle IMAP connection, plain", "idle", "imap", IDLE,
             [CONNECTION, FURTHER], ("connections",), alone=True),
    Workload("idle-tls", "memory of an idle IMAP connection, TLS", "idle", "imaps", {**IDLE, "tls": "implicit"},
             [CONNECTION, FURTHER], ("connections",), alone=True),
]


def options_of(workload, ports, scale):
    """As hongyan-load takes them."""
    words = []
    for name, value in workload.options.items():
        if isinstance(value, str) and value.startswith("@"):
            value = ports[value[1:]]
        elif name in workload.scaled:
            value = max(int(value * scale), workload.options["connections"] if name != "connections" else 20)
        words += [f"--{name}", str(value)]
    return words
