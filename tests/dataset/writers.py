"""One table in every format, for tests: written from the formats' documents, sharing no code with the program.

A column is a dict: name, label, type (string, integer, float, date, datetime, time) and length, the bytes that
XPT gives it. Dates and times are those that SAS keeps as numbers: a cell is days or seconds from 1960-01-01.
A cell is None, a str, a number, or Special("A").
"""
import datetime
import gzip
import json
import struct
import zlib
from fractions import Fraction
from xml.sax.saxutils import quoteattr

FORMATS = {"date": ("DATE", 9), "datetime": ("DATETIME", 20), "time": ("TIME", 8)}
EPOCH = datetime.datetime(1960, 1, 1)


class Special(str):
    """A special missing value: its letter, or an underscore."""


def column(name, type="string", label="", length=8):
    return {"name": name, "type": type, "label": label, "length": length}


def moment(type, value):
    """As ISO 8601 writes it."""
    if not isinstance(value, int) or type not in FORMATS:
        return value
    at = EPOCH + (datetime.timedelta(days=value) if type == "date" else datetime.timedelta(seconds=value))
    return {"date": at.date(), "datetime": at, "time": at.time()}[type].isoformat()


# --- XPT, versions 5 and 8 ------------------------------------------------------------------------------


def ibm(x):
    """An IBM System/360 double of 8 bytes, or a missing value."""
    if x is None or isinstance(x, Special):
        return (x or ".").encode().ljust(8, b"\0")
    if x == 0:
        return bytes(8)
    sign, x, exponent = (0x80 if x < 0 else 0), abs(Fraction(x)), 64
    while x >= 1:
        x, exponent = x / 16, exponent + 1
    while x < Fraction(1, 16):
        x, exponent = x * 16, exponent - 1
    return bytes([sign | exponent]) + int(x * 2**56).to_bytes(7, "big")


def pad80(data, fill=b" "):
    return data + fill * (-len(data) % 80)


def xpt_header(kind, digits):
    return pad80(b"HEADER RECORD*******%-8sHEADER RECORD!!!!!!!%s" % (kind, digits))


def xpt_library(v8=False, created="01JAN26:00:00:00"):
    stamp = created.encode()
    return (xpt_header(b"LIBV8" if v8 else b"LIBRARY", b"0" * 30) + b"SAS     SAS     SASLIB  9.4     TEST    " +
            b" " * 24 + stamp + pad80(stamp))


def xpt_member(variables, rows, name="X", label="", v8=False, created="01JAN26:00:00:00", fill=b" "):
    """A variable is (1 or 2, length, name, label, format, width); rows are bytes."""
    stamp, zeroes = created.encode(), b"0" * 30
    out = xpt_header(b"MEMBV8" if v8 else b"MEMBER", b"000000000000000001600000000140")
    out += xpt_header(b"DSCPTV8" if v8 else b"DSCRPTR", zeroes)
    out += b"SAS     " + name.encode().ljust(32 if v8 else 8) + b"SASDATA 9.4     TEST    " + b" " * (0 if v8 else 24)
    out += stamp + stamp + b" " * 16 + label.encode().ljust(40) + b"DATA    "
    out += xpt_header(b"NAMSTV8" if v8 else b"NAMESTR", b"%010d" % len(variables) + b"0" * 20)
    names, at = b"", 0
    for i, (kind, size, variable, text, form, width) in enumerate(variables):
        rest = (variable.ljust(32) + struct.pack(">h", len(text)) + bytes(18)) if v8 else bytes(52)
        names += struct.pack(">hhhh8s40s8shhh2s8shhi52s", kind, 0, size, i + 1, variable[:8].ljust(8), text.ljust(40),
                             form.ljust(8), width, 0, 0, b"\0\0", b" " * 8, 0, 0, at, rest)
        at += size
    return out + pad80(names) + (xpt_header(b"OBSV8", b"%15d" % len(rows)) if v8 else xpt_header(b"OBS", zeroes)) + \
        pad80(b"".join(rows), fill)


def xpt_cell(c, value):
    return (value or "").encode().ljust(c["length"]) if c["type"] == "string" else ibm(value)


def as_xpt(columns, records, v8=False, created="01JAN26:00:00:00", name="X", label=""):
    variables = []
    for c in columns:
        form, width = FORMATS.get(c["type"], ("", 0))
        text = c["type"] == "string"
        variables.append((2 if text else 1, c["length"] if text else 8, c["name"].encode(), c["label"].encode(),
                          form.encode(), width))
    rows = [b"".join(xpt_cell(c, v) for c, v in zip(columns, r)) for r in records]
    return xpt_library(v8, created) + xpt_member(variables, rows, name, label, v8, created)


# --- Dataset-JSON -----------------------------------------------------------------------------------------


def spell(value):
    """A number as it is usually written."""
    return repr(value)


def json_value(c, value, spelling):
    value = moment(c["type"], value)
    return spelling(value) if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False)


def json_parts(columns, records, created, name, label, spelling, keys):
    items = []
    for i, c in enumerate(columns):
        item = {"itemOID": f"IT.{i}", "name": c["name"], "label": c["label"], "dataType": c["type"], "length": c["length"]}
        if c["type"] in FORMATS:
            item.update(targetDataType="integer", displayFormat="%s%d." % FORMATS[c["type"]])
        if c["name"] in keys:
            item.update(keySequence=keys.index(c["name"]) + 1)
        items.append(item)
    head = {"datasetJSONCreationDateTime": created, "datasetJSONVersion": "1.1.0", "itemGroupOID": "IG.1",
            "records": len(records), "name": name, "label": label, "columns": items}
    rows = ["[" + ", ".join(json_value(c, v, spelling) for c, v in zip(columns, r)) + "]" for r in records]
    return json.dumps(head, ensure_ascii=False), rows


def as_json(columns, records, created="2026-01-01T00:00:00", name="X", label="", spelling=spell, keys=()):
    head, rows = json_parts(columns, records, created, name, label, spelling, keys)
    return (head[:-1] + ', "rows": [\n' + ",\n".join(rows) + "]}\n").encode()


def as_lines(columns, records, created="2026-01-01T00:00:00", name="X", label="", spelling=spell, keys=()):
    head, rows = json_parts(columns, records, created, name, label, spelling, keys)
    return "".join(line + "\n" for line in [head] + rows).encode()


def as_gzip(*arguments, **named):
    return gzip.compress(as_lines(*arguments, **named), mtime=0)


def as_zlib(*arguments, **named):
    return zlib.compress(as_lines(*arguments, **named))


# --- CSV and what is said of its columns --------------------------------------------------------------------


def csv_cell(text, quote):
    return '"' + text.replace('"', '""') + '"' if quote or set(text) & set(',"\r\n') else text


def as_csv(columns, records, end="\n", quote=False, missing="", spelling=spell):
    lines = [",".join(csv_cell(c["name"], quote) for c in columns)]
    for r in records:
        values = [moment(c["type"], v) for c, v in zip(columns, r)]
        lines.append(",".join(missing if v is None else csv_cell(v, quote) if isinstance(v, str) else spelling(v)
                              for v in values))
    return "".join(line + end for line in lines).encode()


def as_define(columns, name="X", label="", keys=()):
    """Define-XML 2.1 of this one dataset."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>',
           '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" FileType="Snapshot">',
           '<Study OID="S"><MetaDataVersion OID="M" def:DefineVersion="2.1.0">',
           f'<ItemGroupDef OID="IG.1" Name={quoteattr(name)}><Description><TranslatedText>{label}</TranslatedText></Description>']
    for i, c in enumerate(columns):
        key = f' KeySequence="{keys.index(c["name"]) + 1}"' if c["name"] in keys else ""
        out.append(f'<ItemRef ItemOID="IT.{i}" OrderNumber="{i + 1}" Mandatory="No"{key}/>')
    out.append("</ItemGroupDef>")
    for i, c in enumerate(columns):
        form, width = FORMATS.get(c["type"], ("", 0))
        kind = "integer" if form else {"string": "text"}.get(c["type"], c["type"])
        shown = f' def:DisplayFormat="{form}{width}."' if form else ""
        out.append(f'<ItemDef OID="IT.{i}" Name={quoteattr(c["name"])} DataType="{kind}" Length="{c["length"]}"{shown}>'
                   f'<Description><TranslatedText>{c["label"]}</TranslatedText></Description></ItemDef>')
    return "\n".join(out + ["</MetaDataVersion></Study></ODM>", ""]).encode()
