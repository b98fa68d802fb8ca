"""A web server on loopback, with TLS, that says what a scenario has for a path and keeps what is posted to it."""
import http.server
import ssl
import threading


class WebServer:
    """Until close(). `pages` are {path: text}; whatever is posted is taken and kept in `posted` as (path, type, body)."""

    def __init__(self, address, certificate, port=0):
        self.pages, self.posted, self.asked = {}, [], []
        self.called = []  # names in the handshakes (SNI)
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append(self.path)
                self._say(200 if self.path in web.pages else 404, web.pages.get(self.path, "").encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                web.posted.append((self.path, self.headers["Content-Type"], body))
                self._say(201, b"")

            def _say(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Nobody listens."""

        self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        self.server.handle_error = lambda *_: None  # who breaks a handshake off is the scenario's business
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _, name, __: self.called.append(name)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
