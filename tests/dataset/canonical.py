"""The digests of FORMAT chapter 12, written from that chapter alone. Slow and short.

    python3 canonical.py FILE...    prints the digests of each dataset of each file

The keys of the standards are read from the table in docs/FORMAT.md itself.
"""
import csv
import datetime
import gzip
import hashlib
import io
import json
import os
import re
import struct
import sys
import zlib
from collections import Counter
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

DATES = ("DATE", "E8601DA", "B8601DA", "IS8601DA", "JULIAN", "WORDDATE", "WEEKDATE")
DATETIMES = ("DATETIME", "E8601DT", "B8601DT", "IS8601DT", "DATEAMPM")
TIMES = ("TIME", "TOD", "HHMM", "TIMEAMPM", "E8601TM", "B8601TM", "IS8601TM")
EXACT = Context(prec=60)
LEXEME = re.compile(rb"([+-]?)(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,20}))?)?")


def sha(data):
    return hashlib.sha256(data).digest()


# --- values ---------------------------------------------------------------------------------------


CODECS = {"windows-874": "cp874", "shift_jis": "cp932", "euc-kr": "cp949", "big5": "cp950"}
BYTES = re.compile("iso-8859-|windows-|koi8-r")
MOVED = {0x1E3F, *range(0x9FB4, 0x9FBC), *range(0xFE10, 0xFE1A), 0x20087, 0x20089, 0x200CC, 0x215D7, 0x2298F, 0x241FE}
declared = None  # the encoding of texts that are not UTF-8


class NoText(Exception):
    """The declared encoding does not have these bytes."""


def characters(raw):
    """The bytes of one character each."""
    at = 0
    while at < len(raw):
        n = 1 if raw[at] < 0x80 else 3 if declared == "euc-jp" and raw[at] == 0x8F else 2
        if n == 2 and (declared == "shift_jis" and 0xA1 <= raw[at] <= 0xDF or declared == "gbk" and raw[at] == 0x80):
            n = 1
        if n == 2 and declared == "gb18030" and raw[at + 1:at + 2].isdigit():
            n = 4
        yield raw[at:at + n]
        at += n


def character(raw):
    special = {("euc-jp", b"\x8f\xa2\xb7"): "\uff5e", ("gbk", b"\x80"): "\u20ac"}
    if (declared, raw) in special:
        return special[declared, raw]
    if declared == "big5" and b"\xc6\xa1" <= raw[:2] <= b"\xc8\xfe":
        raise NoText(raw)
    try:
        c = raw.decode(CODECS.get(declared, declared))
    except UnicodeDecodeError as error:
        raise NoText(raw) from error
    if 0x80 <= ord(c[0]) < 0xA0 or 0xE000 <= ord(c[0]) < 0xF900 or ord(c[0]) >= 0xF0000:
        raise NoText(raw)
    if declared == "gb18030" and ord(c[0]) in MOVED:
        raise NoText(raw)
    return c


def decoded(raw):
    if declared == "utf-8":
        raise NoText(raw)
    parts = (bytes([b]) for b in raw) if BYTES.match(declared) else characters(raw)
    return "".join(map(character, parts)).encode("utf-8")


def text(raw):
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        raw = decoded(raw) if declared else "".join(
            chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in raw).encode("utf-8")
    return raw.rstrip(b" \0")


def form(x, digits):
    if x == 0:
        return "0"
    value = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=999, Emin=-999).create_decimal(Decimal(x))
    sign, ds, exponent = value.as_tuple()
    d = "".join(map(str, ds))
    exponent += len(d) - 1
    d = d.rstrip("0")
    if not -6 <= exponent <= 14:
        body = d[0] + ("." + d[1:] if d[1:] else "") + "e" + str(exponent)
    elif exponent < 0:
        body = "0." + "0" * (-exponent - 1) + d
    else:
        whole, rest = d[:exponent + 1].ljust(exponent + 1, "0"), d[exponent + 1:]
        body = whole + ("." + rest if rest else "")
    return "-" * sign + body


def forms(x):
    return form(x, 15), next(f for f in (form(x, n) for n in (15, 16, 17)) if float(f) == x)


def lexeme(raw):
    """A float, None where it is no lexeme, False where it is too fine."""
    match = LEXEME.fullmatch(raw)
    if not match:
        return None
    digits = match[2].replace(b".", b"").lstrip(b"0").rstrip(b"0")
    if len(digits) > 17 or len(raw) > 1024:
        return False
    x = float(raw)
    whole = b"." not in match[2] and match[3] is None
    if x in (float("inf"), float("-inf")) or (x == 0 and digits):
        return False
    return False if whole and len(digits) > 15 and abs(x) >= 2**53 else x


def ibm(raw):
    """A float, "" where it is missing, a letter where it is special."""
    raw = raw.ljust(8, b"\0")
    if raw[1:] == bytes(7) and raw[:1] in b".":
        return ""
    if raw[1:] == bytes(7) and re.fullmatch(b"[A-Z_]", raw[:1]):
        return chr(raw[0])
    fraction = Fraction(int.from_bytes(raw[1:], "big"), 1 << 56) * Fraction(16) ** ((raw[0] & 0x7F) - 64)
    return float(-fraction if raw[0] & 0x80 else fraction)


def days(s):
    """The days from 1960-01-01 that a text says, or None."""
    try:
        match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", s, re.ASCII)
        return match and datetime.date(*map(int, match.groups())).toordinal() - datetime.date(1960, 1, 1).toordinal()
    except ValueError:
        return None


def seconds(s):
    match = CLOCK.fullmatch(s) if s.isascii() else None
    return match and int(match[1]) * 3600 + int(match[2]) * 60 + Decimal(f"{match[3] or 0}.{match[4] or 0}")


def moment(kind, raw):
    """The lexeme of the days or seconds that a text says, or None."""
    try:
        s = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    date, mark, clock = s.partition("T")
    day, second = days(date), seconds(s if kind == "time" else clock)
    n = {"date": None if mark else day, "time": second,
         "datetime": None if day is None or second is None else EXACT.add(EXACT.multiply(day, 86400), second)}[kind]
    return None if n is None else format(EXACT.normalize(Decimal(n)), "f").encode()


# --- cells: pairs of bytes, canonical and strict ----------------------------------------------------


def length(n):
    out = b""
    while n >= 0x80:
        out, n = out + bytes([0x80 | n & 0x7F]), n >> 7
    return out + bytes([n])


def cell(tag, canonical, strict=None):
    strict = canonical if strict is None else strict
    return tuple(bytes([tag]) + length(len(v)) + v for v in (canonical, strict))


NOTHING = b"\0", b"\0"
MOMENTS = ("date", "datetime", "time")


def text_cell(raw):
    raw = text(raw)
    return cell(3, raw) if raw else NOTHING


def number_cell(x):
    return cell(2, *(form.encode() for form in forms(x)))


def ibm_cell(raw):
    x = ibm(raw)
    if isinstance(x, str):
        return ((b"\1" + x.encode(),) * 2) if x else NOTHING
    return number_cell(x)


def string_cell(kind, raw):
    if kind == "text":
        return text_cell(raw)
    bare = raw.rstrip(b" \0").lstrip(b" ")
    x = lexeme(kind in MOMENTS and moment(kind, bare) or bare)
    return text_cell(raw) if x is None or x is False else number_cell(x)


class Lexeme(str):
    pass


def json_cell(kind, value):
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        value = "true" if value else "false"
    return string_cell(kind, value.encode("utf-8"))


# --- files: datasets as (name, names, (who names a key, its places), rows of cells) ------------------------------------


def format_kind(name):
    name = name.upper()
    if name in DATES or re.fullmatch("(DDMMYY|MMDDYY|YYMMDD)[BCDNPS]?", name):
        return "date"
    return "datetime" if name in DATETIMES else "time" if name in TIMES else "number"


def json_kind(item):
    declared, target = item.get("dataType", item.get("type")), item.get("targetDataType")
    if declared in MOMENTS and target in ("integer", "decimal"):
        return declared
    if declared in ("integer", "decimal", "float", "double") or target in ("integer", "decimal"):
        match = re.fullmatch(r"(.*?)(\d*)\.\d*", item.get("displayFormat") or "", re.DOTALL)
        return format_kind(match[1] if match else item.get("displayFormat") or "")
    return "text"


def read_json(data):
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    elif data[:1] != b"{":
        data = zlib.decompress(data)
    lines = data.decode("utf-8").split("\n")
    loads = lambda s: json.loads(s, parse_int=Lexeme, parse_float=Lexeme)
    try:
        head = loads("\n".join(lines))
        rows = head.get("rows", [])
    except json.JSONDecodeError:
        head, rows = loads(lines[0]), [loads(line) for line in lines[1:] if line.strip()]
    groups = [(head, head["columns"], rows)] if "columns" in head else [
        (g, g["items"], g.get("itemData", [])) for d in ("clinicalData", "referenceData")
        if d in head for g in head[d]["itemGroupData"].values()]
    for group, items, data_rows in groups:
        skip = int("columns" not in head and items[0]["name"] == "ITEMGROUPDATASEQ")
        kinds = [json_kind(i) for i in items[skip:]]
        places = sorted((int(i["keySequence"]), k) for k, i in enumerate(items[skip:]) if int(i.get("keySequence") or 0))
        yield (group["name"].encode("utf-8"), [i["name"].encode("utf-8") for i in items[skip:]], ("dataset", [k for _, k in places]),
               [[json_cell(k, v) for k, v in zip(kinds, row[skip:])] for row in data_rows])


def quoted_cells(data):
    """Which cells of each line stand in quotes: Python's reader does not say."""
    marks, line, at_cell, inside = [], [], True, False
    for byte in data:
        if at_cell:
            line.append(byte == ord('"'))
        at_cell = False
        if byte == ord('"'):
            inside = not inside
        elif not inside and byte in b",\n":
            at_cell = True
            if byte == ord("\n"):
                marks, line = marks + [line], []
    return marks + [line]


def read_csv(data, schema):
    data = data[3:] if data[:3] == b"\xef\xbb\xbf" else data
    rows = list(csv.reader(io.StringIO(data.decode("latin-1"), newline=""), strict=True))
    rows = [[c.encode("latin-1") for c in row] or [b""] for row in rows]
    types = {c["name"].encode().lower(): json_kind(c) for c in schema["columns"]} if schema else {}
    missing = [m.encode() for m in schema.get("missing", [])] if schema else []
    kinds = [types.get(name.lower(), "text") for name in rows[0]]
    marks = quoted_cells(data) if missing else [[True] * len(row) for row in rows]
    places = sorted((c["keySequence"], c["name"].encode().upper()) for c in schema["columns"] if c.get("keySequence")) if schema else []
    columns = [upper(name) for name in rows[0]]
    keyed = [columns.index(name) if name in columns else None for _, name in places]
    yield None, rows[0], ("define", [] if None in keyed else keyed), [[NOTHING if not q and c in missing else string_cell(k, c) for k, c, q in zip(kinds, row, mark)]
                    for row, mark in zip(rows[1:], marks[1:])]


def read_xpt(data):
    """Versions 5 and 8; long labels and formats do not matter here, but for long format names."""
    v8 = data[20:25] == b"LIBV8"
    at = 240
    while at < len(data):
        size = int(data[at + 74:at + 78])
        member = data[at + 168:at + (200 if v8 else 176)].rstrip(b" \0")
        at += 80 + 80 + 160
        count = int(data[at + 52:at + 58]) if v8 else int(data[at + 54:at + 58])
        at += 80
        columns = []
        for i in range(count):
            n = data[at + i * size:at + (i + 1) * size]
            name = (n[88:120] if v8 else n[8:16]).rstrip(b" \0")
            columns.append([struct.unpack(">h", n[:2])[0], struct.unpack(">h", n[4:6])[0], name,
                            n[56:64].rstrip(b" \0").decode("latin-1"), sum(c[1] for c in columns)])
        at += -(-count * size // 80) * 80
        while data[at:at + 20] == b"HEADER RECORD*******" and data[at + 20:at + 25] == b"LABEL":
            long_formats, n = data[at + 20:at + 27] == b"LABELV9", int(data[at + 48:at + 53])
            start = at = at + 80
            for _ in range(n):
                head = struct.unpack(">5h" if long_formats else ">3h", data[at:at + (10 if long_formats else 6)])
                at += 10 if long_formats else 6
                if long_formats:
                    columns[head[0] - 1][3] = re.sub(r"[\d.]+$", "", data[at + sum(head[1:3]):at + sum(head[1:4])].decode("latin-1"))
                at += sum(head[1:])
            at = start + -(-(at - start) // 80) * 80
        said = data[at + 48:at + 63].strip() if v8 and not data[at + 63:at + 78].strip() else b""
        at += 80
        end = next((p for p in range(at, len(data), 80) if data[p:p + 26] in (
            b"HEADER RECORD*******MEMBER", b"HEADER RECORD*******MEMBV8")), len(data))
        width = sum(c[1] for c in columns)
        rows = [data[p:p + width] for p in range(at, end - width + 1, width)] if width else []
        rows = rows[:int(said)] if said.isdigit() else rows
        while not said.isdigit() and rows and width < 80 and not rows[-1].strip(b" ") and \
                end - (at + (len(rows) - 1) * width) < 80:
            rows.pop()
        yield (member, [c[2] for c in columns], ("dataset", []),
               [[ibm_cell(row[c[4]:c[4] + c[1]]) if c[0] == 1 else text_cell(row[c[4]:c[4] + c[1]])
                 for c in columns] for row in rows])
        at = end


def datasets(data, schema):
    if data[:20] == b"HEADER RECORD*******":
        return read_xpt(data)
    if data[:1] == b"{" or data[:2] in (b"\x1f\x8b", b"x\x9c", b"x\x01", b"x\xda", b"x^"):
        return read_json(data)
    return read_csv(data, schema)


def upper(name):
    return bytes(b - 32 if 0x61 <= b <= 0x7A else b for b in text(name))


# --- keys -------------------------------------------------------------------------------------------

FORMAT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/FORMAT.md")


def standard_keys():
    with open(FORMAT, encoding="utf-8") as file:
        return [(re.compile(m[2] + ("$" if m[1] == "is" else "") if m[2] else ""), m[3].encode().split())
                for m in re.finditer(r"^\| (is|begins|any) ?([A-Z]*) \| ([A-Z?\- ]+) \|$", file.read(), re.M)]


STANDARD_KEYS = standard_keys()


def matched(columns, domain, line):
    """The places of a line's columns, or None where it does not fit."""
    key = []
    for word in line:
        name = word.rstrip(b"?")
        known = not name.startswith(b"--") or domain
        name = domain + name[2:] if name.startswith(b"--") else name
        if known and name in columns:
            key += [] if columns.index(name) in key else [columns.index(name)]
        elif not word.endswith(b"?"):
            return None
    return key


def standard_key(name, columns):
    name = upper(name.rpartition(b"/")[2])
    begins = re.split(b"[_-]", name)[0]
    return standard_key_of(name, columns) or (standard_key_of(begins, columns) if begins != name else None)


def standard_key_of(name, columns):
    domain = name[2:4] if len(name) >= 4 and name[:2] in (b"AD", b"AP") else name[:2]
    domain = domain if len(domain) == 2 else b""
    sequences = [c for c in columns if len(c) == 5 and c[2:] == b"SEQ"]
    other = sequences[0][:2] if len(sequences) == 1 and b"DOMAIN" in columns else b""
    for rule, line in STANDARD_KEYS:
        if rule.match(name.decode("utf-8")):
            for d in (domain, other):
                key = matched(columns, d, line)
                if key:
                    return key
    return None


def key_of(name, columns, source, places):
    """Where it is from, and the places of its columns in the file."""
    places = [i for i in places if columns.index(columns[i]) == i]
    if places:
        return source, places
    key = standard_key(name, columns)
    return ("standard", key) if key else ("all", list(range(len(columns))))


def sort_double(x):
    bits = struct.pack(">d", x)
    return bytes([bits[0] ^ 0x80]) + bits[1:] if bits[0] < 0x80 else bytes(b ^ 0xFF for b in bits)


def value_of(cell_bytes):
    """The bytes of a cell behind its tag and length."""
    at = 1
    while cell_bytes[at] >= 0x80:
        at += 1
    return cell_bytes[at + 1:]


def sort_value(cell_bytes):
    tag = cell_bytes[0]
    if tag < 2:
        return cell_bytes
    value = value_of(cell_bytes)
    if tag == 2:
        return b"\2" + sort_double(float(value)) + b"\0"
    if tag == 3 and re.fullmatch(rb"0|[1-9][0-9]{0,14}", value):
        return b"\2" + sort_double(float(value)) + b"\1"
    return b"\3" + value.replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") + b"\0"


def sort_key(cells):
    key = b"".join(map(sort_value, cells))
    return key if len(key) <= 480 else key[:480] + sha(key)


# --- the record tree ----------------------------------------------------------------------------------


def quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        v = s[z] ^ s[x]
        s[z] = (v << turn | v >> (32 - turn)) & 0xFFFFFFFF


def chacha20_block(secret, counter):
    """RFC 8439, 2.3, with a nonce of zeroes."""
    start = list(struct.unpack("<12I", b"expand 32-byte k" + secret)) + [counter, 0, 0, 0]
    s = list(start)
    for _ in range(10):
        for column in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                       (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(s, *column)
    return struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(s, start)))


def tree_root(leaves):
    """RFC 6962, 2.1, from the leaf hashes."""
    if not leaves:
        return sha(b"")
    while len(leaves) > 1:
        pairs = [sha(b"\1" + leaves[i] + leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(pairs) * 2:]
    return leaves[0]


def record_root(hashes, secret):
    salts = b"".join(chacha20_block(secret, i) for i in range((len(hashes) + 1) // 2))
    return tree_root([sha(b"\0" + salts[32 * i:32 * i + 32] + h) for i, h in enumerate(hashes)])


def changes(before, after):
    """Added, removed, changed; before and after as (columns of the key, of all, [(sort key, h, strict)])."""
    if before[0] != after[0]:
        return [len(after[2]), len(before[2]), 0]
    count = [0, 0, 0]
    sides = [Counter(side[2] if before[1] == after[1] else [(key, i) for key, _, _ in side[2]])
             for i, side in enumerate((before, after))]
    left = [Counter(), Counter()]
    for i in (0, 1):
        for record, n in (sides[i] - sides[1 - i]).items():
            left[i][record[0]] += n
    for key in left[0].keys() | left[1].keys():
        both = min(left[0][key], left[1][key])
        count = [count[0] + left[1][key] - both, count[1] + left[0][key] - both, count[2] + both]
    return count


def digests(data, schema=None, encoding=None, stem="", secret=sha(b"content_cat"), previous=None):
    """schema: a CSV schema (12.8), parsed, for a CSV. encoding: what was declared; NoText where it is not that.
    Changes are from the dataset before, or that in the list `previous`, which keeps the last."""
    global declared
    declared = encoding
    previous = [] if previous is None else previous
    for name, names, keyed, rows in datasets(data, schema):
        columns = [upper(n) for n in names]
        order = sorted(range(len(names)), key=lambda i: (columns[i], i))
        head = sha(b"trialseal content 1\n" + b"".join(length(len(columns[i])) + columns[i] for i in order))
        hashes = [[sha(b"".join(row[i][k] for i in order)) for row in rows] for k in (0, 1)]
        source, key = key_of(stem.encode() if name is None else name, columns, *keyed)
        keys = hashes[0] if source == "all" else [sort_key([row[i][0] for i in key]) for row in rows]
        now = source == "all" and head or [columns[i] for i in key], head, list(zip(keys, *hashes))
        records = sorted(now[2])
        yield {"columns": head.hex(), "records": len(rows),
               "ordered": sha(head + b"".join(hashes[0])).hex(),
               "unordered": sha(head + b"".join(sorted(hashes[0]))).hex(),
               "strict_ordered": sha(head + b"".join(hashes[1])).hex(),
               "strict_unordered": sha(head + b"".join(sorted(hashes[1]))).hex(),
               "key": [columns[i].decode("utf-8") for i in key], "key_from": source,
               "duplicates": sum(a[0] == b[0] for a, b in zip(records, records[1:])),
               "in_order": all(a <= b for a, b in zip(keys, keys[1:])),
               "root": record_root([h for _, h, _ in records], secret).hex(),
               "changes": changes(previous[-1], now) if previous else [0, 0, 0]}
        previous[:] = [now]


if __name__ == "__main__":
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            for d in digests(file.read(), stem=os.path.basename(path).partition(".")[0]):
                print(json.dumps(d, sort_keys=True))
