"""Certificates of clients and of other people's servers, made with openssl."""
import shutil
import subprocess

from harness import PATIENCE, Skipped, expect

CURVE = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Authority:
    """Signs certificates; each is a file with key and certificate."""

    def __init__(self, place, name):
        if shutil.which("openssl") is None:
            raise Skipped("openssl is not installed")
        self.folder = place.folder
        self.file = self._make(name, "basicConstraints=critical,CA:TRUE")

    def certify(self, name, *alternatives, usage="clientAuth"):
        names = "subjectAltName=@names\n" if alternatives else ""
        return self._make(name, f"extendedKeyUsage={usage}\n{names}", alternatives, ["-CA", self.file, "-CAkey", self.file])

    def certify_for_yesterday(self, name):
        """A server's certificate that is no longer valid."""
        request, file = self.folder / f"{name}.csr", self.folder / f"{name}.pem"
        run("req", "-new", "-newkey", *CURVE, "-nodes", "-subj", f"/CN={name}", "-keyout", f"{file}.key", "-out", request)
        words = ("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.file, "-out", file)
        # OpenSSL 3.4 has dates, and no longer takes days that are past.
        dates = ("-not_before", "20200101000000Z", "-not_after", "20200102000000Z")
        if subprocess.run(["openssl", *words, *dates], capture_output=True, timeout=PATIENCE).returncode != 0:
            run(*words, "-days", "-1")
        return join(file)

    def self_sign(self, name, *alternatives):
        return self._make(name, "extendedKeyUsage=clientAuth\nsubjectAltName=@names\n", alternatives)

    def _make(self, name, extensions, alternatives=(), options=()):
        file, settings = self.folder / f"{name}.pem", self.folder / f"{name}.cnf"
        lines = "".join(f"{kind}.{n}={value}\n" for n, (kind, value) in enumerate(alternatives))
        settings.write_text("[req]\ndistinguished_name=dn\nx509_extensions=extensions\nstring_mask=utf8only\nutf8=yes\n"
                            f"prompt=no\n[dn]\nCN={name}\n[extensions]\n{extensions}\n[names]\n{lines}", encoding="utf-8")
        run("req", "-x509", "-config", settings, "-newkey", *CURVE, "-nodes", "-days", "30", "-keyout", f"{file}.key",
            "-out", file, *options)
        return join(file)


def run(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, timeout=PATIENCE)
    expect(done.returncode == 0, f"openssl made no certificate: {done.stderr.decode()}")


def join(file):
    """The key behind the certificate."""
    with open(file, "a", encoding="ascii") as both, open(f"{file}.key", encoding="ascii") as key:
        both.write(key.read())
    return file
