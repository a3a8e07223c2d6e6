# A store's file that is taken away, and what readiness says of the history that it should have.


def store_files(service):
    return list(service.data.glob("store.db*"))


def remove_store(service):
    for file in store_files(service):
        file.unlink()


def history_of(service):
    """Whether the service is ready, and the check of its history."""
    report = service.get("/readyz?verbose").json()
    return report["ready"], next(check for check in report["checks"] if check["name"] == "history")
