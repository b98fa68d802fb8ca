"""A filter that does what the subject of a message says, with every modification that the milter protocol knows.

    every_change.py SOCKET    SOCKET as libmilter has it: inet:PORT@127.0.0.1
"""
import sys

sys.path.append("/usr/lib/python3/dist-packages")
import Milter  # noqa: E402  (python3-milter)


class EveryChange(Milter.Base):
    def __init__(self):
        self.subject = ""

    @Milter.noreply
    def connect(self, name, family, address):
        return Milter.CONTINUE

    def envfrom(self, sender, *parameters):
        self.subject = ""
        return Milter.REJECT if "refused-sender" in sender else Milter.CONTINUE

    def envrcpt(self, recipient, *parameters):
        if "busy" in recipient:
            self.setreply("450", "4.2.1", "Not", "now")
            return Milter.TEMPFAIL
        return Milter.CONTINUE

    def unknown(self, command):
        if not command.startswith("FORBIDDEN"):
            return Milter.CONTINUE
        self.setreply("550", "5.7.1", "Not that")
        return Milter.REJECT

    def header(self, name, value):
        if name.lower() == "subject":
            self.subject = value
        return Milter.CONTINUE

    def eom(self):
        act = getattr(self, "do_" + self.subject, None)
        return act() if act else Milter.CONTINUE

    def do_change(self):
        self.progress()
        self.addheader("X-Added", "at the end\n\tand folded")
        self.addheader("X-Inserted", self.getsymval("i") or "no id", 0)
        self.chgheader("Subject", 1, "changed by a filter")
        self.chgheader("X-Remove", 1, None)
        self.chgheader("X-Remove", 2, None)
        self.addrcpt("<bob@example.test>", "NOTIFY=NEVER")
        self.delrcpt("<ann@example.test>")
        self.chgfrom("<filter@far.test>")
        self.replacebody("Another body,\r\n")
        self.replacebody("in two pieces.\r\n")
        return Milter.ACCEPT

    def do_quarantine(self):
        self.quarantine("it looks odd")
        return Milter.CONTINUE

    def do_reject(self):
        self.setreply("554", "5.7.9", "100%% unwanted")
        return Milter.REJECT

    def do_discard(self):
        return Milter.DISCARD


Milter.factory = EveryChange
Milter.set_flags(Milter.CHGHDRS + Milter.CHGBODY + Milter.ADDHDRS + Milter.ADDRCPT + Milter.DELRCPT + Milter.QUARANTINE
                 + Milter.CHGFROM + Milter.ADDRCPT_PAR)
Milter.runmilter("every-change", sys.argv[1], 20)
