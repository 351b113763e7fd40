"""The least that Flask can do with a ring: route it, ignore it, answer it. Both baselines serve this.

`python -m benchmarks.empty bjoern PORT` or `python -m benchmarks.empty product PORT`.
"""

import sys

from flask import Flask


def create_app() -> Flask:
    """No hooks, no I/O, nothing read from the request."""
    app = Flask(__name__)

    @app.post("/voice/ring")
    def ring() -> tuple[str, dict[str, str]]:
        return "<Response/>", {"Content-Type": "text/xml"}

    return app


def on_bjoern(port: int) -> None:
    """One process, one thread, C: about the least that any server can add."""
    import bjoern  # type: ignore[import-untyped]

    bjoern.run(create_app(), "127.0.0.1", port)


def on_product_server(port: int) -> None:
    """One worker, with the settings under which DoorBot itself is served."""
    from granian import Granian

    from app.cli.serve import GRANIAN

    Granian("benchmarks.empty:create_app", factory=True, port=port, workers=1, **GRANIAN).serve()


if __name__ == "__main__":
    {"bjoern": on_bjoern, "product": on_product_server}[sys.argv[1]](int(sys.argv[2]))
