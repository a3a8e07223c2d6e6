# What a Prometheus says through its API (https://prometheus.io/docs/prometheus/2.42/querying/api/).
import httpx


def asked(prometheus, path, **parameters):
    """The data of an answer of its API; what it refuses fails."""
    url = f"http://127.0.0.1:{prometheus.state()['port']}/api/v1/{path}"
    told = httpx.get(url, params=parameters, timeout=20).json()
    assert told["status"] == "success", f"{parameters}: {told}"
    return told["data"]
