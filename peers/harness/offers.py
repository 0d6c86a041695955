"""The ways in which a peer can compute a layer."""


class Lacks(Exception):
    """The peer has nothing for such a layer."""


def offered(table, row, make):
    """What make(name, entry) gives for each entry of the row's op in a table
    {op: {name: entry}}, put together; entries that the peer cannot load are left
    out. Raises Lacks where none is left."""
    ways, reasons = {}, []
    for name, entry in table.get(row["op"], {}).items():
        try:
            ways |= make(name, entry)
        except Exception as e:  # each library has its own ways to say no
            reasons.append(f"{name}: {type(e).__name__}: {e}")
    if not ways:
        raise Lacks("; ".join(reasons) or f'no layer for {row["op"]}')
    return ways
