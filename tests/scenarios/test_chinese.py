"""Chinese mail of every age and charset is listed, shown and found as people wrote it."""
import base64
import urllib.parse

from harness import expect

SUBJECT = "关于鸿雁系统的重要通知"
TEXT = "各位同事：请于明天下午三点参加会议。"
TRADITIONAL = ("關於鴻雁系統的重要通知", "各位同事：請於明天下午三點參加會議。")
# (name in mail, Python's codec, subject, text); U+3400 and U+20087 exist in GB18030 only with four bytes.
CHARSETS = [
    ("gb2312", "gb2312", SUBJECT, TEXT),
    ("GBK", "gbk", SUBJECT + "镕", TEXT + "朱镕基"),
    ("gb18030", "gb18030", SUBJECT + "㐀\U00020087", TEXT + "㐀"),
    ("big5", "big5", *TRADITIONAL),
    ("HZ-GB-2312", "hz", SUBJECT, TEXT),
    ("UTF-8", "utf-8", SUBJECT + "\U0001F600", TEXT),
    ("ISO-2022-CN", None, SUBJECT, TEXT),
]


def encoded_word(charset, raw):
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(raw) + b"?="


def message(subject, body, content_type=b"text/plain; charset=us-ascii", extra=b""):
    return (b"From: =?UTF-8?B?5byg5LiJ?= <zhang@example.cn>\r\nTo: ann@example.test\r\nSubject: " + subject +
            b"\r\nMIME-Version: 1.0\r\nContent-Type: " + content_type + b"\r\n" + extra + b"\r\n" + body)


def iso_2022_cn(text):
    """SO designates nothing by itself: ESC $ ) A announces GB 2312, whose bytes follow without their high bits."""
    raw = bytes(byte & 0x7F for byte in text.encode("gb2312"))
    return b"\x1b$)A\x0e" + raw + b"\x0f"


def encode(codec, text):
    return iso_2022_cn(text) if codec is None else text.encode(codec)


def test_every_charset_in_header_and_body(place):
    ann = place.make_account()
    for charset, codec, subject, text in CHARSETS:
        raw = message(encoded_word(charset, encode(codec, subject)), base64.encodebytes(encode(codec, text)),
                      b"text/plain; charset=" + charset.encode(), b"Content-Transfer-Encoding: base64\r\n")
        place.hongyan("message", "import", ann, "-", input=raw)
    rows = place.listing("message", "list", ann)
    for row, (charset, _, subject, text) in zip(rows, CHARSETS, strict=True):
        expect(row["subject"] == subject, f"{charset}: subject is {row['subject']}")
        expect(row["from"].startswith("张三"), f"{charset}: sender is {row['from']}")
        shown = place.hongyan("message", "show", ann, row["uid"]).decode()
        expect(text in shown, f"{charset}: {text} is not in {shown}")
    found = [row["uid"] for row in place.listing("message", "search", ann, "下午三点")]
    expect(found == [1, 2, 3, 5, 6, 7], f"simplified text is found whatever its charset: {found}")
    found = [row["uid"] for row in place.listing("message", "search", ann, "--subject", "重要通知")]
    expect(found == [1, 2, 3, 4, 5, 6, 7], f"subjects too: {found}")


def test_raw_headers_and_split_characters(place):
    ann = place.make_account()
    gbk, utf8, big5 = (text.encode(codec) for text, codec in ((SUBJECT, "gbk"), (SUBJECT, "utf-8"),
                                                               (TRADITIONAL[0], "big5")))
    subjects = [
        gbk,                                                                      # raw 8-bit bytes, no declaration
        utf8,
        big5,
        encoded_word("gbk", gbk[:5]) + b"\r\n " + encoded_word("gbk", gbk[5:]),   # cut inside a character
        encoded_word("utf-8", utf8[:7]) + b" " + encoded_word("utf-8", utf8[7:]),
        encoded_word("gb2312", (SUBJECT + "镕").encode("gbk")),                   # declared too small
        encoded_word("us-ascii", utf8),                                           # declared wrongly
    ]
    for subject in subjects:
        place.hongyan("message", "import", ann, "-", input=message(subject, b"x\r\n"))
    wanted = [SUBJECT, SUBJECT, TRADITIONAL[0], SUBJECT, SUBJECT, SUBJECT + "镕", SUBJECT]
    got = [row["subject"] for row in place.listing("message", "list", ann)]
    expect(got == wanted, f"{got}")


def test_four_kinds_of_attachment_names(place):
    ann = place.make_account()
    name = "年度报告（最终版）.pdf"
    quoted = urllib.parse.quote(name.encode("gb18030"))
    dispositions = [
        b"attachment; filename*=gb18030''" + quoted.encode(),
        b"attachment; filename*0*=gb18030''" + quoted[:21].encode() + b";\r\n filename*1*=" + quoted[21:].encode(),
        b'attachment; filename="' + encoded_word("gb18030", name.encode("gb18030")) + b'"',
        b'attachment; filename="' + name.encode("gbk") + b'"',
    ]
    for disposition in dispositions:
        body = (b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: " + disposition +
                b"\r\n\r\n%PDF\r\n--b--\r\n")
        place.hongyan("message", "import", ann, "-", input=message(b"x", body, b"multipart/mixed; boundary=b"))
    for row in place.listing("message", "list", ann):
        parts = place.listing("message", "show", ann, row["uid"], "--structure")
        expect([part["name"] for part in parts] == ["", name], f"{dispositions[row['uid'] - 1]}: {parts}")
