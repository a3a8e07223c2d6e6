# Every write to the products of a database, in order, as the replica set itself keeps them: an entry of local.oplog.rs
# is made with its write, so it is exact however whoever wrote it ended. A place is a time of the oplog as one number.
from formats import milliseconds

SECONDS_AT = 32  # Bits of the count within a second.


def place_of(time):
    return time.time << SECONDS_AT | time.inc


def time_of(place):
    import bson  # Here, for who has no need of it.

    return bson.timestamp.Timestamp(place >> SECONDS_AT, place & (1 << SECONDS_AT) - 1)


def end(client):
    """The place up to which most members have all: what was answered is before it."""
    return place_of(client.admin.command("hello")["lastWrite"]["majorityOpTime"]["ts"])


def entries(client, database, after, up_to=None):
    """Of the products, in order, those that leave a document there."""
    times = {"$gt": time_of(after)} | ({"$lte": time_of(up_to)} if up_to is not None else {})
    wanted = {"ns": f"{database}.products", "op": {"$in": ["i", "u", "d"]}, "ts": times}
    return client.local["oplog.rs"].find(wanted).sort("$natural", 1)


def documents(client, database):
    """(place, its time in ms, document as it was written) of each write that left one."""
    import copy

    state = {}
    for entry in entries(client, database, 0):
        change = entry["o"]
        if entry["op"] == "d":
            del state[change["_id"]]
            continue
        id_ = change["_id"] if entry["op"] == "i" else entry["o2"]["_id"]
        is_difference = entry["op"] == "u" and "$v" in change
        state[id_] = changed(state[id_], change["diff"]) if is_difference else change
        yield place_of(entry["ts"]), milliseconds(entry["wall"]), copy.deepcopy(state[id_])


def changed(document, difference):
    """A document with an update of the oplog, version 2: d is what goes, u and i what is there instead or more, sNAME
    the difference of a member. https://github.com/mongodb/mongo/blob/v6.0/src/mongo/db/update/document_diff_serialization.h"""
    if difference.get("a"):
        return changed_list(document, difference)
    result = {name: value for name, value in document.items() if name not in difference.get("d", {})}
    result |= difference.get("u", {}) | difference.get("i", {})
    for name, inner in difference.items():
        if name[0] == "s":
            result[name[1:]] = changed(result[name[1:]], inner)
    unknown = [name for name in difference if name not in ("d", "u", "i") and name[0] != "s"]
    assert not unknown, f"the oplog says what this does not know: {unknown}"
    return result


def changed_list(items, difference):
    """The same of an array: `l` is its new length, uNUMBER an item and sNUMBER the difference of one."""
    length = difference.get("l", len(items))
    result = items[:length]
    for name, value in difference.items():
        if name in ("a", "l"):
            continue
        at = int(name[1:])
        result += [None] * (at + 1 - len(result))
        result[at] = value if name[0] == "u" else changed(result[at], value)
    return result
