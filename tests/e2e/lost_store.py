# A file of the data folder that is taken away or damaged, and what readiness says of the history that it should have.
import os



def store_files(service):
    return list(service.data.glob("store.db*"))


def remove_store(service):
    for file in store_files(service):
        file.unlink()


def history_of(service):
    """Whether the service is ready, and the check of its history."""
    report = service.get("/readyz?verbose").json()
    return report["ready"], next(check for check in report["checks"] if check["name"] == "history")


def damage_file(file, how):
    size = file.stat().st_size
    if how == "foreign bytes":
        file.write_bytes(b"\x07" * size)
    elif how == "cut":
        os.truncate(file, 8192)
    else:
        with open(file, "r+b") as opened:
            opened.seek(4096)
            opened.write(b"\x07" * (size - 8192))


def bytes_of_files(folder):
    return {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}
