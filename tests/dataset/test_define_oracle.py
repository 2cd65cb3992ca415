#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_define_oracle: no python3"
exit 0
'''
"""Python's ElementTree as oracle for the Define-XML reader: every real file, and every beginning of one."""
import glob
import json
import os
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

DEFINE_CAT = os.path.join(os.environ.get("O", "out"), "tests/bin/define_cat")
DATA = "../shared/data"
SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1"
     xmlns:xlink="http://www.w3.org/1999/xlink" FileType="Snapshot">
<Study OID="S"><GlobalVariables><StudyName>ST &amp; 1</StudyName><ProtocolName>P</ProtocolName></GlobalVariables>
<MetaDataVersion OID="M" def:DefineVersion="2.1.0">
<def:Standards><def:Standard OID="STD.1" Name="SDTMIG" Version="3.3"/><def:Standard OID="STD.2" Name="CT" Version="1"/></def:Standards>
<def:ValueListDef OID="VL.1"><ItemRef ItemOID="IT.B" Mandatory="No"><def:WhereClauseRef WhereClauseOID="WC.1"/></ItemRef></def:ValueListDef>
<def:WhereClauseDef OID="WC.1"><RangeCheck Comparator="IN" SoftHard="Soft" def:ItemOID="IT.A"><CheckValue>x</CheckValue><CheckValue>y<x/> &lt; z</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.AE" Name="AE" Domain="AE" SASDatasetName="AE" def:Structure="One record per event">
<Description><TranslatedText xml:lang="en">Adverse <b xmlns="urn:x">E<i/>v</b>ents</TranslatedText></Description>
<ItemRef ItemOID="IT.A" OrderNumber="1" Mandatory="Yes" KeySequence="2"/><ItemRef ItemOID="IT.B" OrderNumber="2" Mandatory="No"/>
<def:leaf ID="L" xlink:href="ae.xpt"><def:title>ae.xpt</def:title></def:leaf></ItemGroupDef>
<ItemDef OID="IT.B" Name="AESEQ" DataType="integer" Length="8"/>
<ItemDef OID="IT.A" Name="USUBJID" DataType="text" Length="20" def:DisplayFormat="$20."><Description><TranslatedText>Subject</TranslatedText></Description>
<CodeListRef CodeListOID="CL.1"/><def:ValueListRef ValueListOID="VL.1"/></ItemDef>
<CodeList OID="CL.1" Name="List" DataType="text"><CodeListItem CodedValue="A"><Decode><TranslatedText>a</TranslatedText></Decode></CodeListItem><EnumeratedItem CodedValue="B"/></CodeList>
<CodeList OID="CL.2" Name="Dict" DataType="text"><ExternalCodeList Dictionary="MedDRA" Version="24"/></CodeList>
</MetaDataVersion></Study></ODM>
"""
failed = False


def result(name, why=None):
    global failed
    failed = failed or why is not None
    print(f"ok {name}" if why is None else f"not ok {name}: {why}")


def define_cat(paths):
    done = subprocess.run([DEFINE_CAT], input="".join(p + "\n" for p in paths), check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


class Oracle:
    def __init__(self, root):
        self.odm = root.tag[:root.tag.index("}") + 1]
        self.version = root.find(f".//{self.odm}MetaDataVersion")
        spaces = {k[:k.index("}") + 1] for e in root.iter() for k in e.attrib if k.startswith("{")}
        self.define = next(s for s in spaces if "/ns/def/" in s)
        self.root = root

    def text(self, path):
        found = self.root.find(path.replace("o:", self.odm))
        return "" if found is None else found.text or ""

    def label(self, element):
        found = element.find(f"{self.odm}Description/{self.odm}TranslatedText")
        old = element.get(f"{self.define}Label", "")
        return old or ("" if found is None else "".join(found.itertext()))

    def refs(self, element, names):
        out = []
        for ref in element.findall(f"{self.odm}ItemRef"):
            where = ref.findall(f"{self.define}WhereClauseRef")
            out.append({"item": ref.get("ItemOID"), "key": int(ref.get("KeySequence", 0)),
                        "mandatory": ref.get("Mandatory") == "Yes", "name": names[ref.get("ItemOID")],
                        "order": int(ref.get("OrderNumber", 0)),
                        "where": where[-1].get("WhereClauseOID") if where else ""})
        return out

    def datasets(self, names):
        for g in self.version.findall(f"{self.odm}ItemGroupDef"):
            leaf = g.findall(f"{self.define}leaf")
            yield {"domain": g.get("Domain", ""), "keys": g.get(f"{self.define}DomainKeys", ""),
                   "file": leaf[-1].get("{http://www.w3.org/1999/xlink}href") if leaf else "",
                   "label": self.label(g), "name": g.get("Name"), "oid": g.get("OID"),
                   "refs": self.refs(g, names), "sas_name": g.get("SASDatasetName", ""),
                   "structure": g.get(f"{self.define}Structure", "")}

    def items(self):
        for i in self.version.findall(f"{self.odm}ItemDef"):
            codes = i.find(f"{self.odm}CodeListRef")
            values = i.find(f"{self.define}ValueListRef")
            yield {"code_list": "" if codes is None else codes.get("CodeListOID"),
                   "value_list": "" if values is None else values.get("ValueListOID"),
                   "digits": int(i.get("SignificantDigits", 0)), "length": int(i.get("Length", 0)),
                   "format": i.get(f"{self.define}DisplayFormat", ""), "label": self.label(i),
                   "name": i.get("Name"), "oid": i.get("OID"), "type": i.get("DataType")}

    def code_lists(self):
        for c in self.version.findall(f"{self.odm}CodeList"):
            outside = c.find(f"{self.odm}ExternalCodeList")
            yield {"dictionary": "" if outside is None else outside.get("Dictionary", ""),
                   "version": "" if outside is None else outside.get("Version", ""),
                   "name": c.get("Name"), "oid": c.get("OID"), "type": c.get("DataType", ""),
                   "values": [v.get("CodedValue") for v in c
                              if v.tag in (f"{self.odm}CodeListItem", f"{self.odm}EnumeratedItem")]}

    def wheres(self):
        for w in self.version.findall(f"{self.define}WhereClauseDef"):
            yield {"oid": w.get("OID"), "checks": [
                {"comparator": c.get("Comparator"), "item": c.get(f"{self.define}ItemOID"),
                 "values": ["".join(v.itertext()) for v in c.findall(f"{self.odm}CheckValue")]}
                for c in w.findall(f"{self.odm}RangeCheck")]}

    def all(self):
        items = sorted(self.items(), key=lambda i: i["oid"].encode())
        names = {i["oid"]: i["name"] for i in items}
        version, standard = self.version, self.root.find(f".//{self.define}Standard")
        return {"code_lists": list(self.code_lists()), "datasets": list(self.datasets(names)), "items": items,
                "protocol": self.text(".//o:ProtocolName"), "study": self.text(".//o:StudyName"),
                "standard": version.get(f"{self.define}StandardName") or
                ("" if standard is None else standard.get("Name")),
                "standard_version": version.get(f"{self.define}StandardVersion") or
                ("" if standard is None else standard.get("Version")),
                "value_lists": [{"oid": v.get("OID"), "refs": self.refs(v, names)}
                                for v in version.findall(f"{self.define}ValueListDef")],
                "version": version.get(f"{self.define}DefineVersion"), "wheres": list(self.wheres())}


def agree(name, paths):
    wrong = []
    for path, ours in zip(paths, define_cat(paths)):
        theirs = Oracle(ET.parse(path).getroot()).all()
        wrong += [f"{path}: {key}: {ours.get('refused', 'differs')}" for key in theirs if ours.get(key) != theirs[key]]
    result(name, None if paths and not wrong else str(wrong[:3]))


def write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


REFUSED = {
    "doctype": ("<ODM xmlns=", "<!DOCTYPE ODM [<!ENTITY x 'y'>]><ODM xmlns=", "a document type"),
    "empty doctype": ("<ODM xmlns=", "<!DOCTYPE ODM><ODM xmlns=", "a document type"),
    "entity": ("ST &amp; 1", "ST &x; 1", "undefined entity"),
    "other root": ("ODM", "OMD", "the root is not ODM"),
    "other space": ("odm/v1.3", "odm/v2.0", "the root is not ODM"),
    "no version": (' def:DefineVersion="2.1.0"', "", "without def:DefineVersion"),
    "two versions": ("</MetaDataVersion>", '</MetaDataVersion><MetaDataVersion OID="N" def:DefineVersion="2.1.0"/>',
                     "more than one MetaDataVersion"),
    "item twice": ('<ItemDef OID="IT.B"', '<ItemDef OID="IT.A"', "twice: ItemDef IT.A"),
    "no such item": ('ItemOID="IT.B" OrderNumber', 'ItemOID="IT.C" OrderNumber', "there is no ItemDef IT.C"),
    "no type": ('DataType="integer" ', "", "ItemDef without OID, Name or DataType"),
    "no number": ('Length="20"', 'Length="20.5"', "Length is not a number"),
    "deep": ("<def:Standards>", "<def:Standards>" + "<x>" * 70 + "</x>" * 70, "nested deeper than 64"),
    "long text": ("Adverse", "x" * 70000, "a text longer than 65536 bytes"),
    "long keys": ('Domain="AE"', 'Domain="AE" def:DomainKeys="' + "A " * 3000 + '"', "DomainKeys of more than 4096"),
    "large key": ('KeySequence="2"', 'KeySequence="4294967297"', "KeySequence above 10000"),
    "long namespace": ("<def:Standards>", '<q:a xmlns:q="urn:' + "x" * 300 + '"/><def:Standards>', "a namespace of more than 256"),
    "not well-formed": ("</ODM>", "</ODN>", "mismatched tag"),
    "behind the end": ("</ODM>", "</ODM><x/>", "junk after document element"),
    "not UTF-8": ("Adverse", "\udcff", "not well-formed"),
}


def refusals(folder):
    wrong = []
    for name, (old, new, why) in REFUSED.items():
        assert old in SMALL
        changed = SMALL.replace(old, new).encode("utf-8", "surrogateescape")
        said = define_cat([write(folder, "refused.xml", changed)])[0].get("refused", "accepted")
        wrong += [] if why in said else [f"{name}: {said}"]
    result("define_oracle__refuses_what_is_hostile_or_no_define_xml", None if not wrong else str(wrong[:3]))


def beginnings(folder):
    data, rng = SMALL.encode(), random.Random(1)
    cuts = [write(folder, f"cut{n}.xml", data[:n]) for n in sorted(rng.sample(range(1, len(data) - 8), 600))]
    cuts.append(write(folder, "cut0.xml", b""))
    taken = [c for c, d in zip(cuts, define_cat(cuts)) if "refused" not in d]
    result("define_oracle__refuses_every_beginning_of_a_file", None if not taken else str(taken[:3]))


def main():
    real = sorted(glob.glob(f"{DATA}/**/define.xml", recursive=True))
    if real:
        agree("define_oracle__agrees_on_every_real_file", real)
    else:
        print(f"skip define_oracle__agrees_on_every_real_file: no {DATA}")
    with tempfile.TemporaryDirectory() as folder:
        agree("define_oracle__agrees_on_all_that_is_kept", [write(folder, "small.xml", SMALL.encode())])
        refusals(folder)
        beginnings(folder)
    return failed


sys.exit(main())
