"""Signs mail as a test says, also as nobody should: the two canonical forms of RFC 6376 section 3.4 once more, written
from the text and sharing nothing with the program, and openssl for the keys."""
import base64
import hashlib
import re
import subprocess
import uuid


def openssl(*words, input=b""):
    return subprocess.run(["openssl", *map(str, words)], input=input, check=True, capture_output=True, timeout=60).stdout


def elements(der):
    """The contents of what lies side by side in DER."""
    out = []
    while der:
        size, place = der[1], 2
        if size & 0x80:
            place += size & 0x7f
            size = int.from_bytes(der[2:place], "big")
        out.append(der[place:place + size])
        der = der[place + size:]
    return out


# DigestInfo before the hash (RFC 8017 section 9.2)
DIGEST_INFO = {"sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
               "sha1": bytes.fromhex("3021300906052b0e03021a05000414")}


class Key:
    """RSA of so many bits, or "ed25519", in a file of that folder. RSA is computed here, as a process for each signature
    would take long."""

    def __init__(self, folder, name, kind):
        self.file, self.is_rsa = folder / f"{name}.key", kind != "ed25519"
        options = ["RSA", "-pkeyopt", f"rsa_keygen_bits:{kind}"] if self.is_rsa else ["ED25519"]
        openssl("genpkey", "-algorithm", *options, "-out", self.file)
        spki = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        # RFC 8463 section 4: the 32 octets alone.
        self.public = base64.b64encode(spki if self.is_rsa else spki[-32:]).decode()
        self.pem = self.file.read_bytes()
        if self.is_rsa:
            private = elements(elements(openssl("pkey", "-in", self.file, "-outform", "DER"))[0])
            if len(private) < 9:  # releases of OpenSSL differ: PKCS #8 holds RSAPrivateKey
                private = elements(elements(private[2])[0])
            self.numbers = [int.from_bytes(each, "big") for each in private]
            self.bare = base64.b64encode(elements(elements(spki)[0])[1][1:]).decode()  # RSAPublicKey, without its algorithm

    def sign(self, octets, algorithm="sha256"):
        if self.is_rsa:
            return self._sign_rsa(DIGEST_INFO[algorithm] + hashlib.new(algorithm, octets).digest())
        given = self.file.with_suffix(f".{uuid.uuid4()}")  # the same may be signed twice at a time
        given.write_bytes(hashlib.sha256(octets).digest())
        return openssl("pkeyutl", "-sign", "-inkey", self.file, "-rawin", "-in", given)

    def _sign_rsa(self, info):
        """RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1)."""
        _, modulus, _, _, p, q, exponent_p, exponent_q, inverse = self.numbers
        size = (modulus.bit_length() + 7) // 8
        text = int.from_bytes(b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info, "big")
        at_p, at_q = pow(text, exponent_p, p), pow(text, exponent_q, q)
        return (at_q + (at_p - at_q) * inverse % p * q).to_bytes(size, "big")


def fields_of(header):
    return re.findall(rb"[^\r\n][^\n]*\n(?:[ \t][^\n]*\n)*", header)


def canonical_field(field, form):
    if form == "simple":
        return field
    name, value = field.split(b":", 1)
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.strip().lower() + b":" + value.strip(b" \t") + b"\r\n"


def canonical_body(body, form):
    if form == "relaxed":
        body = re.sub(rb"[ \t]+(\r\n|$)", rb"\1", re.sub(rb"[ \t]+", b" ", body))
    body = re.sub(rb"(\r\n)*$", b"", body, count=1)
    return body + b"\r\n" if body or form == "simple" else b""


def tag(text, name, default=""):
    found = re.search(rf"(?:^|;)\s*{name}\s*=([^;]*)", text)
    return re.sub(r"\s", "", found.group(1)) if found else default


def signed(message, key, text, name="DKIM-Signature", more=b"", unnamed="simple/simple"):
    """The message below its signature. `text` is the field's value, in which {bh} and {b} stand for what is computed;
    `more` is hashed before all that h= names, as a seal has it; `unnamed` are the forms where there is no c=."""
    header, _, body = message.partition(b"\r\n\r\n") if b"\r\n\r\n" in message else (message, b"", b"")
    header = header if header.endswith(b"\r\n") else header + b"\r\n"
    forms = (tag(text, "c", unnamed) + "/simple").split("/")
    algorithm = "sha1" if tag(text, "a").endswith("sha1") else "sha256"
    hashed = canonical_body(body, forms[1])
    if tag(text, "l").isdigit():
        hashed = hashed[:int(tag(text, "l"))]
    text = text.replace("{bh}", base64.b64encode(hashlib.new(algorithm, hashed).digest()).decode())
    own = f"{name}:{text}\r\n".encode(errors="surrogateescape")
    taken, data = {}, more
    fields = fields_of(header)
    for wanted in filter(None, tag(text, "h").lower().split(":")):
        there = [field for field in fields if field.split(b":")[0].strip().lower() == wanted.encode()][::-1]
        number = taken.get(wanted, 0)
        if number < len(there):
            data += canonical_field(there[number], forms[0])
        taken[wanted] = number + 1
    data += canonical_field(re.sub(rb"[ \t\r\n]*\{b\}[ \t]*", b"", own), forms[0])[:-2]
    value = base64.b64encode(key.sign(data, algorithm))
    return own.replace(b"{b}", value) + message


def seal(message, key, text, sets):
    """Below an ARC-Seal of those sets: the fields of each, in the order of RFC 8617 section 5.1.1."""
    before = b"".join(canonical_field(field, "relaxed") for each in sets for field in each)
    return signed(message, key, text, "ARC-Seal", before, "relaxed/relaxed")
