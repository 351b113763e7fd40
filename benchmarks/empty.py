"""The smallest thing that Flask can do with a ring: route it, ignore it, answer it. Both baselines serve this.

`python -m benchmarks.empty bjoern PORT` or `python -m benchmarks.empty product PORT`.
"""

import sys

from flask import Flask

# The same settings as the product's own start, one worker: a baseline on another server would say nothing.
PRODUCT_SERVER = {
    "interface": "wsgi",
    "workers": 1,
    "blocking_threads": 8,
    "http": "1",
    "websockets": False,
    "log_access": False,
}


def create_app() -> Flask:
    """No I/O, no hooks, nothing read from the request."""
    app = Flask(__name__)

    @app.post("/voice/ring")
    def ring() -> tuple[str, dict[str, str]]:
        return "<Response/>", {"Content-Type": "text/xml"}

    return app


def main(server: str, port: int) -> None:
    """Serve until SIGTERM."""
    if server == "bjoern":
        import bjoern

        bjoern.run(create_app(), "127.0.0.1", port)
    else:
        import granian

        granian.Granian("benchmarks.empty:create_app", port=port, factory=True, **PRODUCT_SERVER).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
