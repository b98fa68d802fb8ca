"""`hongyan sendmail` leaves mail for the server, which takes each message exactly once, whether it ran meanwhile or not."""
import os
import signal
import subprocess
import time

from harness import HOSTNAME, PATIENCE, expect


def sendmail(place, *words, text, code=0):
    place.hongyan("sendmail", *words, input=text.encode(), code=code)


def messages(place, account):
    return place.listing("message", "list", account)


def wait_for(place, account, count):
    """The server has no other way to say that it has taken a letter than its log and the mailbox."""
    deadline = time.monotonic() + PATIENCE
    while len(found := messages(place, account)) != count:
        expect(time.monotonic() < deadline, f"{count} messages are expected, not {found}")
        time.sleep(0.05)
    return found


def expect_all_taken(server):
    """The file goes when the letter is in the mailbox."""
    deadline = time.monotonic() + PATIENCE
    while left := os.listdir(server.data / "drop"):
        expect(time.monotonic() < deadline, f"nothing is left in the folder: {left}")
        time.sleep(0.02)


def raw(place, account, uid):
    return place.hongyan("message", "show", account, uid, "--raw").decode()


def test_a_letter_is_taken_at_once_while_the_server_runs(place):
    ann = place.make_account()
    server = place.serve()
    sendmail(place, "-t", "-i", text=f"To: {ann}\nBcc: carol@example.org\nSubject: From PHP\n\nfirst\n.\nlast\n")
    found = wait_for(place, ann, 1)
    whole = raw(place, ann, found[0]["uid"])
    expect("Subject: From PHP\r\n" in whole and whole.endswith("first\r\n.\r\nlast\r\n"), whole)
    expect(f"with local id" in whole and "(uid " in whole and "Message-ID: " in whole, whole)
    expect("carol" not in whole, "Bcc is nobody's to see")
    entry, = place.listing("queue", "list")
    expect("carol@example.org" in str(entry), f"the part for elsewhere waits: {entry}")
    expect_all_taken(server)


def test_mail_to_root_is_the_postmasters(place):
    ann = place.make_account()
    place.serve()
    sendmail(place, "-FCronDaemon", "-i", "-oem", "root", text="Subject: Cron <root@box>\n\nfull disk\n")
    whole = raw(place, ann, wait_for(place, ann, 1)[0]["uid"])
    expect(f"From: CronDaemon <" in whole and f"@{HOSTNAME}>" in whole, whole)


def test_letters_wait_for_the_server_and_come_once_though_it_is_killed(place):
    ann = place.make_account()
    server = place.serve()
    server.kill(signal.SIGKILL)
    server.wait()
    server.process.returncode = 0  # it was to be killed
    for number in range(15):
        sendmail(place, ann, text=f"Subject: number {number}\n\nx\n")
    for _ in range(2):
        server = place.start()
        time.sleep(0.25)  # it is killed wherever it may be then
        server.kill(signal.SIGKILL)
        server.wait()
        server.process.returncode = 0
    server = place.serve()
    found = wait_for(place, ann, 15)
    expect(len({message["subject"] for message in found}) == 15, f"each has come once: {found}")
    expect_all_taken(server)


def test_who_wrote_to_nobody_is_told_and_in_his_language(place):
    ann = place.make_account()
    place.serve({"language": "zh-CN"})
    sendmail(place, "-f", ann, "nobody@example.test", text="Subject: lost\n\nx\n")
    whole = raw(place, ann, wait_for(place, ann, 1)[0]["uid"])
    expect("Return-Path: <>" in whole and "report-type=delivery-status" in whole, whole)
    expect("Final-Recipient: rfc822;nobody@example.test" in whole and "Status: 5.1.1" in whole, whole)
    expect("Content-Language: zh-CN" in whole and "Auto-Submitted: auto-replied" in whole, whole)


def test_what_is_no_letter_is_set_aside(place):
    ann = place.make_account()
    server = place.serve()
    drop = server.data / "drop"
    os.symlink("/etc/passwd", drop / "link")
    os.rename(drop / "link", drop / "mail.link")
    (drop / "new.broken").write_text("hello")
    os.rename(drop / "new.broken", drop / "mail.broken")
    server.wait_for_log("dropped mail set aside", 2)
    expect(sorted(os.listdir(drop)) == ["bad.mail.broken", "bad.mail.link"], os.listdir(drop))
    sendmail(place, ann, text="Subject: after\n\nx\n")
    wait_for(place, ann, 1)


def test_sendmail_by_its_own_name_speaks_smtp_and_says_what_is_wrong(place):
    ann = place.make_account()
    server = place.serve({"drop.folder": str(place.folder / "spool"), "drop.everybody": True})
    expect((place.folder / "spool").stat().st_mode & 0o7777 == 0o1733, "others may leave mail, and see none")
    shim = place.folder / "sendmail"
    shim.symlink_to(place.program)
    settings = ["-C", str(server.data / "hongyan.toml")]
    talk = (f"EHLO box\r\nMAIL FROM:<{ann}>\r\nRCPT TO:<{ann}>\r\nDATA\r\nSubject: by SMTP\r\n\r\n..dot\r\n.\r\nQUIT\r\n")
    done = subprocess.run([shim, *settings, "-bs"], input=talk.encode(), capture_output=True, timeout=PATIENCE)
    expect(done.returncode == 0 and b"\r\n221 " in done.stdout, done)
    # Where nobody says otherwise the data folder is the system's, so the letter lies where the settings say.
    whole = raw(place, ann, wait_for(place, ann, 1)[0]["uid"])
    expect(whole.endswith("\r\n\r\n.dot\r\n"), whole)
    for words, code in ((["-z"], 64), ([], 64), (["a b@@c"], 65), (["-t"], 69)):
        done = subprocess.run([shim, *settings, *words], input=b"Subject: x\n\nx\n", capture_output=True, timeout=PATIENCE)
        expect(done.returncode == code and done.stderr.startswith(b"sendmail: "), (words, done))
