"""What is a well-formed file, and what does it hold? Written from the formats' documents and on Python's
own csv, json, zlib and expat; it shares no code with the readers.

Each judge takes bytes and gives a list of datasets, each a list of records, each a list of cells (kind,
bytes) with the kinds of damage_cat: t text, i IBM number, n number, b boolean, 0 nothing; or raises
Malformed. They know the limits of the formats, not those of the program.
"""
import csv
import functools
import io
import json
import re
import xml.etree.ElementTree as ET
import zlib


class Malformed(Exception):
    pass


def need(good, why):
    if not good:
        raise Malformed(why)


def crc(datasets):
    sum = 0
    for records in datasets:
        for record in records:
            sum = zlib.crc32(b"".join(kind + cell + b"\x1f" for kind, cell in record) + b"\x1e", sum)
    return sum


# --- CSV: RFC 4180, LF too, no NUL; a last line may lack its end --------------------------------------

CELL = rb'(?:"(?:[^"\0]|"")*"|[^",\r\n\0]*)'
CSV = re.compile(rb"(?:%s(?:,%s)*\r?\n)*(?:%s(?:,%s)*)?" % ((CELL,) * 4))


def csv_rows(data):
    """The header, too."""
    data = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    need(CSV.fullmatch(data), "the grammar")
    need(data and data[:1] != b"\n" and data[:2] != b"\r\n", "no header")
    rows = list(csv.reader(io.StringIO(data.decode("latin-1"), newline=""), strict=True))
    rows = [[c.encode("latin-1") for c in row or [""]] for row in rows]
    need(all(len(row) == len(rows[0]) for row in rows), "the width")
    return rows


def csv_file(data):
    return [[[(b"t", c) for c in row] for row in csv_rows(data)[1:]]]


# --- XPT: TS-140 and its successor ------------------------------------------------------------------------


ZEROES = b"0{30}"


class Records:
    """A file of 80-byte records, read from its beginning."""

    def __init__(self, data):
        need(len(data) % 80 == 0, "not whole records")
        self.data, self.at = data, 0

    def take(self, n):
        need(self.at + n <= len(self.data), "the end")
        self.at += n
        return self.data[self.at - n:self.at]

    def header(self, name, digits):
        name = name.ljust(8)
        match = re.fullmatch(b"HEADER RECORD[*]{7}%sHEADER RECORD!{7}%s  " % (name, digits), self.take(80))
        need(match, "a header record")
        return match

    def pad(self):
        need(not self.take(-self.at % 80).strip(b" "), "padding")


def blank(s):
    return not s.strip(b" \0")


def xpt_variables(f, v8):
    size = int(f.header(b"MEMBV8" if v8 else b"MEMBER", b"0{17}160{8}(%s)" % (b"140" if v8 else b"140|136"))[1])
    f.header(b"DSCPTV8" if v8 else b"DSCRPTR", ZEROES)
    real, width = f.take(160), 32 if v8 else 8
    need(real[:8] == b"SAS     " and real[8 + width:16 + width] == b"SASDATA ", "the member's real header")
    need(blank(real[32 + width:64]) and blank(real[96:112]), "its blanks")
    count = int((f.header(b"NAMSTV8", b"0{4}(\\d{6})0{20}") if v8 else f.header(b"NAMESTR", b"0{6}(\\d{4})0{20}"))[1])
    variables = []
    for _ in range(count):
        n = f.take(size)
        number, length, at = (int.from_bytes(n[a:b], "big") for a, b in ((0, 2), (4, 6), (84, 88)))
        name = (n[88:120].rstrip(b" \0") if v8 else b"") or n[8:16].rstrip(b" \0")
        need(number in (1, 2) and name, "a variable")
        need(2 <= length <= 8 if number == 1 else 1 <= length <= 32767, "its length")
        variables.append((number, length, at, name))
    f.pad()
    lengths = dict((v[2], v[1]) for v in variables)
    at = 0
    for v in range(count):
        need(at in lengths, "positions")
        at += lengths[at]
    return variables


def xpt_labels(f, variables):
    if not re.match(b"HEADER RECORD\\*{7}LABELV[89] HEADER RECORD!{7}", f.data[f.at:f.at + 80]):
        return
    record = f.take(80)
    texts = 4 if record[26:27] == b"9" else 2
    match = re.fullmatch(b"(\\d+)[ \0]*|(\\d{5})0{25}  ", record[48:])
    need(match, "the number of labels")
    for i in range(int(match[2] or match[1])):
        need(i < len(variables), "more labels than variables")
        head = f.take(2 + 2 * texts)
        number, *lengths = (int.from_bytes(head[j:j + 2], "big") for j in range(0, len(head), 2))
        name = [f.take(n) for n in lengths][0]
        need(1 <= number <= len(variables) and name.rstrip(b" \0") == variables[number - 1][3], "a label")
    f.pad()


def xpt_rows(f, v8, width):
    """The bytes of the rows: as many as version 8 says, else up to the next member, without padding."""
    said = f.header(b"OBSV8", b"(?:%s|(?= *\\d)([ \\d]{15})(?: {15}|0{15}))" % ZEROES) if v8 else f.header(b"OBS", ZEROES)
    start, said = f.at, said[1] if v8 else None
    need(said is None or said.strip().isdigit(), "the number of rows")
    if said is not None or width == 0:
        rows = f.take(int(said or 0) * width)
        need(width or not int(said or 0), "rows without variables")
        tail = f.take(-f.at % 80)
        need(not tail.strip(b" ") or not tail.strip(b"\0"), "padding")
        return rows
    member = b"HEADER RECORD*******%-8sHEADER RECORD!!!!!!!" % (b"MEMBV8" if v8 else b"MEMBER")
    end = next((p for p in range(start, len(f.data), 80) if f.data.startswith(member, p)), len(f.data))
    whole = f.take(end - start)
    tail = len(whole) % width
    padding = whole[len(whole) - tail:]
    need(tail < 80 and (not padding.strip(b" ") or not padding.strip(b"\0")), "what is behind the last row")
    rows, fill = whole[:len(whole) - tail], padding[:1] or b" "
    while rows and len(whole) - len(rows) + width < 80 and not rows[-width:].strip(fill):
        rows = rows[:-width]
    return rows


def xpt_file(data):
    f = Records(data)
    v8 = data[20:25] == b"LIBV8"
    f.header(b"LIBV8" if v8 else b"LIBRARY", ZEROES)
    real = f.take(160)
    need(real.startswith(b"SAS     SAS     SASLIB  ") and blank(real[40:64]) and blank(real[96:160]), "real header")
    datasets = []
    while not datasets or f.at < len(data):
        variables = xpt_variables(f, v8)
        if v8:
            xpt_labels(f, variables)
        width = sum(v[1] for v in variables)
        rows, records = xpt_rows(f, v8, width), []
        for at in range(0, len(rows), width or 1):
            record = []
            for number, length, _, _ in variables:
                record.append((b"i" if number == 1 else b"t", rows[at:at + length]))
                at += length
            records.append(record)
        datasets.append(records)
    return datasets


# --- Dataset-JSON -------------------------------------------------------------------------------------------


class Number(str):
    pass


def members(pairs):
    names = [name for name, _ in pairs]
    need(len(set(names)) == len(names), "a member twice")
    return dict(pairs)


def refuse_constant(name):
    raise Malformed(name)


def loads(text):
    try:
        value = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse_constant,
                           object_pairs_hook=members)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError as why:
        raise Malformed(str(why)) from why
    return value


def text(v):
    return isinstance(v, str) and not isinstance(v, Number)


def count(v):
    return isinstance(v, Number) and re.fullmatch(r"0|[1-9]\d{0,15}", v) and int(v) < 2**53


TYPES = ("string", "integer", "decimal", "float", "double", "boolean", "datetime", "date", "time", "URI")
FILE_11 = {"datasetJSONCreationDateTime": text, "itemGroupOID": text, "records": count, "name": text, "label": text,
           "columns": lambda v: isinstance(v, list) and v}
FILE_11_MORE = {"fileOID": text, "dbLastModifiedDateTime": text, "originator": text, "studyOID": text,
                "metaDataVersionOID": text, "metaDataRef": text, "sourceSystem": lambda v: isinstance(v, dict)}
FILE_10 = {"creationDateTime": text}
FILE_10_MORE = {"fileOID": text, "asOfDateTime": text, "originator": text, "sourceSystem": text,
                "sourceSystemVersion": text}
DATA_MORE = {"studyOID": text, "metaDataVersionOID": text, "metaDataRef": text}
GROUP = {"records": count, "name": text, "label": text, "items": lambda v: isinstance(v, list) and v}
SYSTEM = {"name": text, "version": text}
COLUMN = {"name": text, "label": text}
COLUMN_11 = dict(COLUMN, itemOID=text, dataType=lambda v: v in TYPES)
COLUMN_10 = dict(COLUMN, OID=text, type=lambda v: v in TYPES)
COLUMN_MORE = {"length": count, "displayFormat": text, "keySequence": count}
COLUMN_11_MORE = dict(COLUMN_MORE, targetDataType=text)
ONLY_11 = set(FILE_11) | {"dbLastModifiedDateTime", "studyOID", "metaDataVersionOID", "metaDataRef", "rows"}
ONLY_10 = {"creationDateTime", "asOfDateTime", "sourceSystemVersion", "clinicalData", "referenceData"}


def check(value, needed, optional=None, foreign=()):
    need(isinstance(value, dict), "no object")
    for name, good in needed.items():
        need(name in value and good(value[name]), name)
    for name, good in (optional or {}).items():
        need(value.get(name) is None or good(value[name]), name)
    need(not set(foreign) & set(value), "members of another version")
    return value


def cell(v):
    need(not isinstance(v, (list, dict)), "a value")
    if v is None:
        return b"0", b""
    if isinstance(v, bool):
        return b"b", b"true" if v else b"false"
    return b"n" if isinstance(v, Number) else b"t", v.encode("utf-8")


def records_of(group, rows, columns, skip=0):
    need(isinstance(rows, list) and len(rows) == int(group["records"]), "the number of records")
    need(all(isinstance(r, list) and len(r) == columns for r in rows), "the width")
    return [[cell(v) for v in r][skip:] for r in rows]


def head_11(head):
    check(head, FILE_11, FILE_11_MORE, ONLY_10)
    if head.get("sourceSystem") is not None:
        check(head["sourceSystem"], SYSTEM)
    for c in head["columns"]:
        check(c, COLUMN_11, COLUMN_11_MORE, ("OID", "type"))
        need(max(int(c.get(n) or 0) for n in ("length", "keySequence")) < 2**32, "a size")


def old_file(head):
    check(head, FILE_10, FILE_10_MORE, ONLY_11)
    datasets = []
    for data in (head[n] for n in head if n in ("clinicalData", "referenceData")):
        check(data, {"itemGroupData": lambda v: isinstance(v, dict)}, DATA_MORE)
        for group in data["itemGroupData"].values():
            check(group, GROUP)
            for c in group["items"]:
                check(c, COLUMN_10, COLUMN_MORE, ("itemOID", "dataType", "targetDataType"))
            counted = group["items"][0]["name"] == "ITEMGROUPDATASEQ"
            datasets.append(records_of(group, group.get("itemData", []), len(group["items"]), int(counted)))
    need(datasets, "no dataset")
    return datasets


def json_lines(data):
    lines = data.split("\n")
    if lines[-1] == "" and len(lines) > 1:
        lines.pop()
    head = loads(lines[0])
    need(isinstance(head, dict) and "rows" not in head, "rows and lines")
    return head, [loads(line) for line in lines[1:]]


def version(head):
    match = re.fullmatch(r"1\.([01])(?:\.(?:0|[1-9]\d{0,18}))?", head["datasetJSONVersion"])
    need(match, "the version")
    return match[1]


def json_file(data):
    try:
        data = data.decode("utf-8")
    except UnicodeDecodeError as why:
        raise Malformed(str(why)) from why
    try:
        head, rows = loads(data), None
    except Malformed:
        head, rows = json_lines(data)
    need(isinstance(head, dict) and text(head.get("datasetJSONVersion")), "no Dataset-JSON")
    if version(head) == "0":
        need(rows is None, "lines in version 1.0")
        return old_file(head)
    head_11(head)
    return [records_of(head, head.get("rows", []) if rows is None else rows, len(head["columns"]))]


def dsjc_file(data):
    inflate = zlib.decompressobj(zlib.MAX_WBITS + 32)
    try:
        plain = inflate.decompress(data)
    except zlib.error as why:
        raise Malformed(str(why)) from why
    need(inflate.eof and not inflate.unused_data, "the compressed stream")
    return json_file(plain)


# --- Define-XML -----------------------------------------------------------------------------------------------

NUMBER = re.compile(r"|0|[1-9]\d{0,18}")


class Tree(ET.TreeBuilder):
    def doctype(self, name, public, system):
        raise Malformed("a document type")


def without_braces(data):
    """A brace means nothing in the name of a namespace, and something to ElementTree."""
    return re.sub(rb"xmlns(:\w+)?=(\"[^\"]*\"|'[^']*')", lambda m: m[0].replace(b"}", b")"), data)


def xml_root(data):
    need(data.rstrip().endswith(b">"), "the end")
    need(not re.search(rb"xmlns(:\w+)?=.[^'\"]*\s", data), "a namespace with blanks, which is no URI")
    try:
        return ET.fromstring(without_braces(data), ET.XMLParser(target=Tree()))
    except (ET.ParseError, ValueError, LookupError) as why:
        raise Malformed(str(why)) from why


def define_file(data):
    """No datasets, but whether it is one."""
    root = xml_root(data)
    odm = "{http://www.cdisc.org/ns/odm/v1."

    def is_odm(element, name):
        return element.tag.startswith(odm) and element.tag.endswith("}" + name)

    def number(element, name, most=2**63):
        value = element.get(name, "")
        need(NUMBER.fullmatch(value) and int(value or 0) <= most, name)

    need(is_odm(root, "ODM"), "the root")
    versions = [e for e in root.iter() if is_odm(e, "MetaDataVersion")]
    need(len(versions) == 1, "one MetaDataVersion")
    need(any(k.startswith("{http://www.cdisc.org/ns/def/v") and k.endswith("}DefineVersion") and v
             for k, v in versions[0].attrib.items()), "DefineVersion")
    groups = [e for e in versions[0] if is_odm(e, "ItemGroupDef")]
    lists = [e for e in versions[0]
             if e.tag.startswith("{http://www.cdisc.org/ns/def/v") and e.tag.endswith("}ValueListDef")]
    items = [e for e in versions[0] if is_odm(e, "ItemDef")]
    for item in items:
        need(item.get("OID") and item.get("Name") and item.get("DataType"), "ItemDef")
        number(item, "Length")
        number(item, "SignificantDigits")
    oids = {i.get("OID") for i in items}
    need(len(oids) == len(items), "an OID twice")
    for owner in groups + lists:
        need(owner in lists or (owner.get("OID") and owner.get("Name")), "ItemGroupDef")
        for ref in (r for r in owner if is_odm(r, "ItemRef")):
            need(ref.get("ItemOID", "") in oids, "ItemOID")
            number(ref, "OrderNumber")
            number(ref, "KeySequence", 10000)
    return []


# --- CSV schemas: by the published JSON Schema, and what that cannot say ------------------------------------------


@functools.lru_cache(None)
def published_schema():
    import jsonschema  # not everybody has it
    with open("schemas/csv-schema.json", encoding="utf-8") as file:
        return jsonschema.Draft202012Validator(json.load(file))


def schema_file(data):
    """No datasets, but whether it is one."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=lambda lexeme: None, parse_constant=refuse_constant,
                           object_pairs_hook=members)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError as why:
        raise Malformed(str(why)) from why
    need(published_schema().is_valid(value), "the JSON Schema")
    names = [c["name"] for c in value["columns"]]
    keys = sorted(c["keySequence"] for c in value["columns"] if "keySequence" in c)
    need(len(set(names)) == len(names) and keys == list(range(1, len(keys) + 1)), "names and keys")
    return []


# --- ODM: its audit records, in the order in which they end ---------------------------------------------------

# The columns that attributes of an element are, and within which elements it counts.
ODM_DATA = {"ClinicalData": ({"StudyOID": 0, "MetaDataVersionOID": 1}, ["ODM"]),
            "ReferenceData": ({"StudyOID": 0, "MetaDataVersionOID": 1}, ["ODM"]),
            "SubjectData": ({"SubjectKey": 2}, ["ClinicalData", "ReferenceData"]),
            "StudyEventData": ({"StudyEventOID": 3, "StudyEventRepeatKey": 4}, ["SubjectData"]),
            "FormData": ({"FormOID": 5, "FormRepeatKey": 6}, ["StudyEventData"]),
            "ItemGroupData": ({"ItemGroupOID": 7, "ItemGroupRepeatKey": 8}, ["FormData", "ClinicalData", "ReferenceData"]),
            "ItemData": ({"ItemOID": 9, "Value": 11, "IsNull": 12}, ["ItemGroupData"]),
            "typed": ({"ItemOID": 9, "IsNull": 12}, ["ItemGroupData"])}
TRANSACTION, VALUE, AUDIT_ID, ODM_COLUMNS = 10, 11, 20, 21


def odm_name(element):
    space, _, name = element.tag.rpartition("}")
    return name if space.startswith("{http://www.cdisc.org/ns/odm/v1.") else None


def odm_audit(element, cells):
    """The cells of an AuditRecord, given those of the elements around it."""
    need(not any(odm_name(e) == "AuditRecord" for e in element.iter() if e is not element), "one in another")
    cells = cells[:13] + [None] * 5 + [element.get(a) for a in ("EditPoint", "UsedImputationMethod", "ID")]
    for child in element:
        name, value = odm_name(child), "".join(child.itertext())
        column = {"UserRef": 13, "LocationRef": 14, "DateTimeStamp": 15, "ReasonForChange": 16, "SourceID": 17}.get(name)
        if name in ("UserRef", "LocationRef"):
            value = child.get(name[:-3] + "OID")
        if column and value is not None:
            need(cells[column] is None, f"{name} twice")
            cells[column] = value
    return cells


def odm_records(element, within, cells):
    name = odm_name(element)
    if name == "AuditRecord":
        yield odm_audit(element, cells)
        return
    typed = within == "ItemGroupData" and name and name.startswith("ItemData") and name != "ItemData"
    kind = "typed" if typed else name
    if within is None:
        kind = "ODM"
    elif kind not in ODM_DATA or within not in ODM_DATA[kind][1]:
        kind = "other"
    else:
        cells = list(cells)
        for attribute, column in ODM_DATA[kind][0].items():
            cells[column] = element.get(attribute)
        if within != "ODM":
            cells[TRANSACTION] = element.get("TransactionType", cells[TRANSACTION])
    inner = [r for child in element for r in odm_records(child, kind, cells)]
    if typed and element.get("AuditRecordID") is not None:
        need(not inner, "an AuditRecord within an item that names one")
        cells[VALUE] = "".join(element.itertext())
        cells[AUDIT_ID] = element.get("AuditRecordID")
        inner = [cells]
    yield from inner


def odm_file(data):
    root = xml_root(data)
    need(odm_name(root) == "ODM", "the root")
    records = list(odm_records(root, None, [None] * ODM_COLUMNS))
    for cells in records:
        cells[TRANSACTION] = cells[TRANSACTION] or None
    return [[[(b"0", b"") if c is None else (b"t", c.encode()) for c in cells] for cells in records]] if records else []


def is_odm(head):
    """Whether the first element is that of ODM 1.3, and declares nothing of Define-XML."""
    parser = ET.XMLPullParser(events=("start", "start-ns"))
    define = False
    try:
        parser.feed(without_braces(head))
        for event, what in parser.read_events():
            if event == "start":
                return what.tag == "{http://www.cdisc.org/ns/odm/v1.3}ODM" and not define
            define = define or what[1].startswith("http://www.cdisc.org/ns/def/v")
    except (ET.ParseError, ValueError, LookupError):
        pass
    return False


def xml_file(data):
    return odm_file(data) if is_odm(data[:4096]) else define_file(data)


JUDGES = {".schema.json": schema_file, ".csv": csv_file, ".xpt": xpt_file, ".json": json_file, ".ndjson": json_file,
          ".dsjc": dsjc_file, ".xml": xml_file}
