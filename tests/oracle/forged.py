"""What somebody forges who holds the log key and the notary key: the checks behind the signatures.

Each case names the issue of FORMAT chapter 9 that both verifiers must give.
"""
import base64
import hashlib
import json
import os
import re
import tempfile

import forge
import verify_bundle as v

ORIGIN = "demo.example/DEMO-101"
STRANGER = forge.Key(b"stranger" * 4)
WITNESSES = [forge.Key(bytes([n]) * 32) for n in (1, 2, 3)]


# What a revision says of a dataset that was not read, and that is compared with none.
UNREAD = dict.fromkeys(
    ("change content duplicates form key metadata order records_added records_changed records_removed reverted root "
     "schema secret strict strict_order").split())


class Forger:
    def __init__(self, home, changes):
        self.home, self.changes = home, changes
        self.data = v.read_file(home.bundles["none"])

    def bag(self, scope="none"):
        return forge.Bag(v.read_file(self.home.bundles[scope]))

    def signed(self, bag, ledger=True, **how):
        if ledger:
            bag.sign_ledger(self.home.log, **how)
        bag.list_deflated()
        bag.retag()
        bag.list_members()
        bag.sign(self.home.notary)
        return bag.write()

    def entry(self, name, issue, index, change, waived=False):
        bag = self.bag()
        entry = bag.entry(index)
        result = change(entry)
        bag.entry_put(index, result if isinstance(result, bytes) else entry)
        if waived:
            self.changes.waived(name, self.signed(bag))
        else:
            self.changes.one(name, self.signed(bag), issue=issue)

    def said(self, name, issue, index, waived=False, /, **members):
        self.entry(name, issue, index, lambda entry: entry["predicate"].update(members), waived)

    def text(self, name, index, change):
        """A detached text, named anew by its entry."""
        bag = self.bag()
        entry = bag.entry(index)
        text = json.loads(bag.drop("data/objects/" + entry["predicate"]["details"]))
        result = change(text)
        content = result if isinstance(result, bytes) else forge.canonical(text)
        digest = entry["predicate"]["details"] = v.sha256_hex(content)
        if entry["predicateType"].endswith("/system/v1"):
            entry["subject"][0]["digest"]["sha256"] = digest
        bag.files["data/objects/" + digest] = content
        bag.entry_put(index, entry)
        self.changes.one(name, self.signed(bag), issue="object-malformed")

    def appended(self, name, *entries, expected=1, waived=False, issue="entry-chain"):
        bag = self.bag()
        for entry in entries:
            append(bag, *entry)
        if waived:
            self.changes.waived(name, self.signed(bag))
        else:
            self.changes.one(name, self.signed(bag), issue=issue, expected=expected)

    def member(self, name, issue, path, change):
        """A member that the notary signs anew; change gives its new bytes."""
        bag = self.bag()
        bag.files[path] = change(bag.files[path])
        self.changes.one(name, self.signed(bag, ledger=False), issue=issue)

    def trusting(self, name, issue, policy=None, signers=None, data=None, more=(), expected=1):
        """Another trust folder; policy and signers change the right one."""
        with tempfile.TemporaryDirectory() as folder:
            for file, change in (("policy", policy), ("allowed_signers", signers)):
                with open(os.path.join(self.home.trust, file), encoding="utf-8") as right:
                    text = right.read()
                text = change(text) if change else text
                if text is not None:
                    with open(os.path.join(folder, file), "w", encoding="utf-8") as other:
                        other.write(text)
            for file in more:
                with open(os.path.join(folder, file), "w", encoding="utf-8"):
                    pass
            self.changes.one(name, data or self.data, trust=folder, issue=issue, expected=expected)


def append(bag, kind, subject, said, text=None):
    said = dict(said, at="2026-01-16T09:00:00Z", salt="ab" * 32)
    if text is not None:
        content = forge.canonical(dict(text, _salt="cd" * 32, _type=f"{v.DETACHED_TYPE}{v.DETACHED[kind][0]}/v1"))
        said["details"] = v.sha256_hex(content)
        bag.files["data/objects/" + said["details"]] = content
    bag.entry_put(len(bag.entries()), {
        "_type": v.STATEMENT, "predicate": said, "predicateType": f"{v.ENTRY_TYPE}{kind}/v1",
        "subject": [{"digest": {"sha256": subject}, "name": v.KINDS[kind][0]}]})


def transfer(held=0, revisions=0, new=0, unchanged=0):
    return ("transfer", "0" * 64,
            dict(cutoff=None, kind=None, scope=None, new=new, unchanged=unchanged, held=held, revisions=revisions,
                 received=new + unchanged + held),
            dict(files=[], id=None, name="", reason=None, statement=None))


def issued(size=18, scope="all"):
    return "issued", "0" * 64, dict(bytes=1, scope=scope, size=size)


def erasure(subject, entry, of="text"):
    return "erasure", subject, dict(entry=entry, of=of), dict(reason="asked for")


def seal(size=18, checkpoint="0" * 64, token="0" * 64):
    return "seal", token, dict(checkpoint=checkpoint, size=size, time="2026-01-16T08:00:00Z")


def refusal(of, names):
    return ("refusal", "0" * 64, dict(issue="x", issues=1, of=of, size=None, transfer=names),
            dict(file=None, issues=[]))


def replace(old, new):
    def change(text):
        assert old in text, old
        return text.replace(old, new, 1)
    return change


def written(old, new):
    """The same, for an entry or text that is parsed."""
    return lambda parsed: replace(old, new)(forge.canonical(parsed))


def subject(value):
    return lambda entry: entry["subject"][0]["digest"].update(sha256=value)


def test_entry_form(f):
    bad = "entry-malformed"
    f.entry("a_line_end_behind_an_entry", bad, 3, lambda e: forge.canonical(e) + b"\n")
    f.entry("a_blank_in_an_entry", bad, 0, written(b",", b", "))
    f.entry("a_number_with_a_fraction", bad, 2, written(b'"held":0', b'"held":0.0'))
    f.entry("a_minus_zero", bad, 2, written(b'"held":0', b'"held":-0'))
    f.entry("an_escaped_letter", bad, 0, written(b'"demo', b'"\\u0064emo'))
    f.entry("members_in_another_order", bad, 0, written(b'"at":', b'"zt":'))
    f.entry("a_member_twice", bad, 0, written(b'{"_type":', b'{"_type":"","_type":'))
    f.entry("a_deep_entry", bad, 3, lambda e: b"[" * 60000)
    f.entry("an_entry_of_64_KiB", bad, 3, lambda e: e["predicate"].update(dataset="a" * 65536))
    f.entry("an_empty_entry", bad, 3, lambda e: b"")
    f.entry("an_entry_that_is_not_UTF_8", bad, 0, written(b"demo", b"dem\xff"))
    f.entry("a_member_more_in_an_entry", bad, 3, lambda e: e.update(x=1))
    f.entry("a_digest_more", bad, 3, lambda e: e["subject"][0]["digest"].update(sha512="0" * 128))
    f.entry("two_subjects", bad, 3, lambda e: e["subject"].append(e["subject"][0]))
    f.entry("a_subject_with_another_name", bad, 3, lambda e: e["subject"][0].update(name="fil"))
    f.entry("a_member_less_in_a_predicate", bad, 3, lambda e: e["predicate"].pop("records"))
    f.said("a_member_more_in_a_predicate", bad, 3, x=1)
    f.said("a_short_salt", bad, 3, salt="00")
    f.said("a_day_that_is_not", bad, 0, at="2026-02-29T00:00:00Z")
    f.said("a_leap_second", bad, 0, at="2025-12-31T23:59:60Z")
    f.said("a_number_of_2_to_the_53", bad, 2, held=2**53)
    f.said("a_number_below_zero", bad, 2, held=-1)
    f.said("another_word", bad, 3, format="sas")
    f.said("a_cutoff_that_is_no_day", bad, 2, cutoff="2026-13-01")
    f.said("a_dataset_of_four_parts", bad, 3, dataset="a/b/c/d")
    f.said("a_dataset_with_a_dot", bad, 3, dataset="A.E")
    f.said("a_version_with_a_blank", bad, 1, version="0 1")
    f.said("an_issue_with_a_blank", bad, 13, issue="no id")
    for kind in ("revision/v2", "erasure/v2", "lock/v1", "other/v1", "revision/v01", "revision"):
        f.entry("the_kind_" + re.sub(r"\W", "_", kind), "entry-unknown", 17,
                lambda e, kind=kind: e.update(predicateType=v.ENTRY_TYPE + kind))


def test_entry_rules(f):
    bad = "entry-chain"
    f.said("another_origin", bad, 0, origin="demo.example/DEMO-102")
    f.said("a_study_that_the_origin_does_not_end_with", bad, 0, study="DEMO-10")
    f.entry("a_study_whose_subject_is_not_its_log_key", bad, 0, subject("0" * 64))
    f.said("a_time_that_goes_back", "entry-time", 0, at="2026-06-01T00:00:00Z")
    f.said("a_configuration_that_is_not_its_details", bad, 1, details="0" * 64)
    f.said("a_sum_that_is_wrong", bad, 2, received=6)
    f.said("fewer_revisions_than_new_files", bad, 2, revisions=4)
    f.said("a_revision_too_many", bad, 2, revisions=4, new=4, received=4)
    f.said("a_revision_too_few", bad, 2, revisions=6)
    f.said("a_refusal_too_few", bad, 2, held=1, received=6)
    f.said("a_revision_of_another_transfer", bad, 9, transfer=2)
    f.said("a_revision_number_left_out", bad, 9, revision=3)
    f.said("a_revision_number_again", bad, 9, revision=1)
    f.said("another_previous_revision", bad, 17, previous=6)
    f.said("a_previous_revision_to_come", bad, 9, previous=17)
    f.said("no_previous_revision", bad, 9, previous=None)
    f.said("a_previous_revision_of_another_format", bad, 9, format="csv")
    f.said("a_member_beyond_the_members", bad, 3, member=1)
    f.said("a_dataset_in_another_spelling", bad, 16, dataset="ae")
    for member in ("content", "order", "metadata", "root", "secret", "key", "duplicates"):
        f.said("a_dataset_read_without_" + member, bad, 10, **{member: None})
    f.said("a_dataset_read_by_form_0", bad, 10, form=0)
    f.said("a_dataset_not_read_with_digests", bad, 10, form=None)
    f.said("a_strict_digest_alone", bad, 10, strict="1" * 64)
    f.said("as_many_duplicates_as_records", bad, 10, duplicates=290)
    f.said("a_digest_of_zeroes", "entry-malformed", 10, content="0" * 64)
    same = dict(records_added=0, records_changed=0, records_removed=0)
    for change in ("none", "header", "metadata", "column-order", "record-order"):
        f.said("changed_data_that_is_called_" + change.replace("-", "_"), bad, 10, change=change, **same)
    f.said("changed_data_that_is_called_fuzz", bad, 10, change="numeric-fuzz", records_added=0, records_removed=0)
    f.said("counts_without_a_change", bad, 10, change=None)
    f.said("a_record_more_added", bad, 10, records_added=3)
    f.said("a_record_more_removed", bad, 10, records_removed=1)
    f.said("more_records_changed_than_there_are", bad, 10, records_changed=289)
    f.said("a_change_of_the_first_revision", bad, 6, change="data", **same)
    f.said("reverted_to_other_data", bad, 10, reverted=6)
    f.said("reverted_to_a_transfer", bad, 10, reverted=2)
    f.said("reverted_to_itself", bad, 10, reverted=10)
    f.said("a_refused_file_of_no_transfer", bad, 13, transfer=None)
    f.said("a_refused_file_of_another_transfer", bad, 13, transfer=8)
    f.entry("a_withdrawal_of_other_bytes", bad, 18, subject("0" * 64))
    f.said("a_withdrawal_of_a_transfer", bad, 18, revision=2)
    f.said("a_withdrawal_of_itself", bad, 18, revision=18)
    first = f.bag().entry(0)
    log_key, study = first["subject"][0]["digest"]["sha256"], first["predicate"]
    lb1 = f.bag().entry(6)["subject"][0]["digest"]["sha256"]
    f.appended("a_second_withdrawal", ("withdrawal", lb1, dict(revision=6), dict(reason="")))
    f.appended("a_second_study", ("study", log_key, study))
    f.appended("an_issued_bundle_of_the_future", issued(size=20))
    f.appended("an_issued_bundle_of_nothing", issued(size=0))
    f.appended("an_issued_bundle_at_the_end", issued(), issue="bundle-layout")
    f.appended("a_seal_of_the_future", seal(size=20))
    f.appended("a_seal_of_nothing", seal(size=0))
    f.appended("a_seal_without_token", seal(), issue="bundle-missing")
    f.appended("a_seal_of_fewer_entries", seal(size=19), seal(size=18))
    f.appended("two_seals_of_one_size", seal(size=18), seal(size=18, checkpoint="1" * 64))
    f.appended("a_transfer_of_held_files", transfer(held=1), refusal("file", 19), expected=0)
    f.appended("a_transfer_cut_off", transfer(held=1))
    f.appended("a_transfer_within_a_transfer", transfer(held=1), transfer(held=1), refusal("file", 20))
    f.appended("a_refused_transfer_within_a_transfer", transfer(held=1), refusal("transfer", None),
               refusal("file", 19))
    f.appended("a_refused_file_behind_its_transfer", transfer(held=1), refusal("file", 19), refusal("file", 19))
    f.appended("a_refused_file_on_its_own", refusal("file", 15))
    f.appended("a_refused_transfer_that_names_one", refusal("transfer", 15))
    f.appended("revisions_of_no_file", transfer(revisions=1, unchanged=1))


def test_erasure_rules(f):
    def named(index):
        entry = f.bag().entry(index)
        return entry["subject"][0]["digest"]["sha256"], entry["predicate"].get("details")

    (ae, text), (manifest, told) = named(3), named(2)
    f.appended("an_erasure_of_nothing", erasure("0" * 64, 3))
    f.appended("an_erasure_of_a_file_as_a_text", erasure(ae, 3))
    f.appended("an_erasure_of_a_text_as_a_file", erasure(text, 3, "file"))
    f.appended("an_erasure_of_what_another_entry_names", erasure(text, 4))
    f.appended("an_erasure_of_a_manifest", erasure(manifest, 2, "file"))
    f.appended("an_erasure_of_a_log_key", erasure(named(0)[0], 0, "file"))
    f.appended("an_erasure_of_a_configuration", erasure(named(1)[1], 1))
    f.appended("an_erasure_of_a_configuration_as_a_file", erasure(named(1)[1], 1, "file"))
    f.appended("an_erasure_that_names_itself", erasure(text, 19))
    f.appended("an_erasure_of_something_to_come", erasure(text, 20), erasure(told, 2))
    f.appended("an_erasure_that_names_no_entry", erasure(text, 2**53 - 1))
    f.appended("an_erasure_of_no_kept_bytes", refusal("transfer", None), erasure("0" * 64, 19, "file"))
    f.appended("a_second_erasure", erasure(text, 3), erasure(text, 3))
    f.appended("an_erasure_of_a_token", seal(token=text), erasure(text, 3))
    f.appended("an_erasure_of_a_checkpoint", seal(checkpoint=ae), erasure(ae, 3, "file"))
    f.appended("a_seal_with_an_erased_token", erasure(text, 3), seal(token=text))
    f.appended("a_refusal_that_keeps_erased_bytes", erasure(ae, 3, "file"), transfer(held=1),
               ("refusal", ae, dict(issue="x", issues=1, of="file", size=5, transfer=20), dict(file=None, issues=[])))
    f.appended("erased_bytes_as_a_new_revision", erasure(ae, 3, "file"), transfer(new=1, revisions=1),
               ("revision", ae, dict(UNREAD, columns=None, dataset="XX", format="csv", member=0, members=1, previous=None,
                                     records=None, revision=1, size=5, transfer=20),
                dict(columns=[], file="x.csv", issues=[], label="", member=None, reason=None, writer="")))
    f.appended("an_erasure_with_an_erased_reason", erasure(text, 3),
               ("erasure", told, dict(entry=2, of="text", details=text)))
    f.appended("an_erasure_of_something_else", erasure(text, 3, "secret"), issue="entry-malformed")


def test_erased(f):
    """What was erased is nowhere in a bundle, and all else is there."""
    lb2 = "data/datasets/LB/r0002/lb.csv"
    first = f.bag("all").entry(10)
    bytes_of, text = first["subject"][0]["digest"]["sha256"], first["predicate"]["details"]

    def erased(name, entries, change, issue=None, expected=1):
        bag = f.bag("all")
        for entry in entries:
            append(bag, *entry)
        change(bag)
        f.changes.one(name, f.signed(bag), issue=issue, expected=expected)

    def dropping(*paths):
        return lambda bag: [bag.drop(path) for path in paths]

    def renaming(name):
        def change(bag):
            bag.drop("data/objects/" + text)
            bag.move(lb2, "data/datasets/LB/r0002/" + name)
        return change

    file, said, nobody = erasure(bytes_of, 10, "file"), erasure(text, 10), lambda bag: None
    told = "data/objects/" + text
    erased("erased_bytes_that_are_gone", [file], dropping(lb2), expected=0)
    erased("an_erased_revision_that_is_gone", [file, said], dropping(lb2, told), expected=0)
    erased("an_erased_name", [said], renaming("_-erased"), expected=0)
    erased("a_withdrawal_of_what_was_erased", [file, ("withdrawal", bytes_of, dict(revision=10), dict(reason=""))],
           dropping(lb2), expected=0)
    erased("erased_bytes_that_are_there", [file], nobody, "bundle-erased")
    erased("erased_bytes_that_are_there_without_name", [file, said], renaming("_-erased"), "bundle-erased")
    erased("an_erased_text_that_is_there", [said], nobody, "bundle-erased")
    erased("an_erased_name_that_is_there", [said], renaming("lb.csv"), "payload-unnamed")
    erased("bytes_that_are_gone_with_their_name", [said], dropping(lb2, told), "payload-missing")
    erased("a_text_that_is_gone_with_its_bytes", [file], dropping(lb2, told), "bundle-missing")
    erased("bytes_called_as_if_erased", [], lambda bag: bag.move(lb2, "data/datasets/LB/r0002/_-erased"), "payload-unnamed")


def test_forbidden_and_accepted(f):
    """What FORMAT forbids and trialseal-verify lets pass."""
    f.said("a_notary_key_with_comment", None, 0, True, notary=f.home.notary.ssh() + " me")
    f.said("a_notary_key_that_is_none", None, 0, True, notary="ssh-rsa AAAA")
    vkey = f.home.log.vkey("other.example/DEMO-101")
    f.entry("a_log_key_of_another_name", None, 0,
            lambda e: e["predicate"].update(log=vkey) or subject(v.sha256_hex(vkey.encode()))(e), True)
    for scope in ("since=03", "since=3 dataset=AE", "all none", "dataset=A.E", "since=0"):
        f.appended("an_issued_bundle_of_scope_" + re.sub(r"\W", "_", scope), issued(scope=scope), waived=True)
    for dataset in ("AUX", "a/prn", "AE/r0001", "AE/R0001", "ae/X"):
        bag = f.bag()
        entry = bag.entry(16)
        entry["predicate"].update(dataset=dataset, revision=1, previous=None)
        bag.entry_put(16, entry)
        f.changes.waived("a_dataset_" + dataset.replace("/", "_"), f.signed(bag))


def test_texts(f):
    f.text("a_text_with_a_member_more", 3, lambda t: t.update(x=1))
    f.text("a_text_with_a_member_less", 3, lambda t: t.pop("writer"))
    f.text("a_text_of_another_kind", 3, lambda t: t.update(_type=v.DETACHED_TYPE + "refusal/v1"))
    f.text("a_text_of_another_version", 3, lambda t: t.update(_type=v.DETACHED_TYPE + "revision/v2"))
    f.text("a_text_without_salt", 1, lambda t: t.pop("_salt"))
    f.text("a_text_with_a_short_salt", 1, lambda t: t.update(_salt="00"))
    f.text("a_text_with_a_line_end", 13, lambda t: forge.canonical(t) + b"\n")
    f.text("a_text_that_is_not_canonical", 13, written(b",", b", "))
    f.text("a_text_that_is_an_array", 13, lambda t: b"[]")
    f.text("a_null_where_there_is_none", 1, lambda t: t.update(home=None))
    f.text("a_number_for_a_text", 18, lambda t: t.update(reason=5))
    f.text("a_column_with_a_member_more", 3, lambda t: t["columns"][0].update(x=1))
    f.text("a_column_with_a_length_below_zero", 3, lambda t: t["columns"][0].update(length=-1))
    f.text("a_file_with_an_upper_case_hash", 2, lambda t: t["files"][0].update(sha256="A" * 64))
    f.text("an_outcome_without_entry", 2, lambda t: t["files"][0]["datasets"][0].pop("entry"))
    f.text("an_issue_without_place", 13, lambda t: t["issues"][0].pop("place"))
    bag = f.bag()
    text = bag.below("data/objects/")[0]
    bag.drop(text)
    f.changes.one("a_text_that_is_missing", f.signed(bag), issue="bundle-missing")
    bag = f.bag()
    bag.files["data/objects/" + "0" * 64] = b"{}"
    f.changes.one("a_text_that_nobody_names", f.signed(bag), issue="bundle-unlisted")
    f.member("a_text_that_is_another", "object-malformed", text, lambda content: content.replace(b'":"', b'":"x', 1))


def test_payload(f):
    lb1, lb2 = "data/datasets/LB/r0001/lb.csv", "data/datasets/LB/r0002/lb.csv"
    whole = forge.Bag(v.read_file(f.home.before))
    for name, scope in (("data_that_was_withdrawn", "all"), ("data_that_is_not_in_scope", "dataset")):
        bag = f.bag(scope)
        bag.files[lb1], bag.packed[lb1] = whole.files[lb1], whole.packed[lb1]
        f.changes.one(name, f.signed(bag, ledger=False), issue="bundle-scope")
    for path in ("LB/r0002/other.csv", "LB/r0009/lb.csv", "LB/r00002/lb.csv", "LB/x", "ZZ/r0001/lb.csv", "x"):
        bag = f.bag("both")
        bag.files["data/datasets/" + path] = b"x"
        f.changes.one("data_that_nobody_names_" + re.sub(r"\W", "_", path), f.signed(bag, ledger=False),
                      issue="payload-unnamed")
    bag = f.bag("both")
    bag.drop(lb2)
    f.changes.one("data_that_is_missing", f.signed(bag, ledger=False), issue="payload-missing")
    bag = f.bag("both")
    bag.put(lb2, b"x")
    f.changes.one("data_that_is_other_data", f.signed(bag, ledger=False), issue="payload-altered")
    bag = f.bag()
    bag.packed["data/checkpoint"] = forge.deflate(bag.files["data/checkpoint"])
    f.changes.one("a_checkpoint_that_is_deflated", f.signed(bag, ledger=False), issue="bundle-layout")
    bag = f.bag("both")
    path = next(iter(bag.packed))
    bag.packed[path] = forge.deflate(bag.files[path], 1)
    bag.list_members()
    bag.sign(f.home.notary)
    f.changes.one("data_that_is_deflated_otherwise", bag.write(), issue="bundle-reencoded")


def test_deflate(f):
    """7.5: streams that any inflate takes, signed as they are."""
    path = "data/datasets/LB/r0002/lb.csv"

    def packed(name, change, level=9, issue="bundle-archive", expected=1):
        bag = f.bag("both")
        bag.packed[path] = change(forge.deflate(bag.files[path], level))
        f.changes.one("a_deflate_stream_" + name, f.signed(bag, ledger=False), issue=issue, expected=expected)

    packed("of_stored_blocks", lambda stream: stream, 0, expected=0)
    packed("with_a_bit_set_before_a_stored_block", lambda stream: bytes([stream[0] ^ 0x80]) + stream[1:], 0)
    packed("with_its_last_bit_turned", lambda stream: stream[:-1] + bytes([stream[-1] ^ 0x80]))
    packed("with_a_byte_more", lambda stream: stream + b"\0")
    packed("without_its_end", lambda stream: stream[:-1])
    packed("of_something_longer", lambda stream: forge.deflate(b"x" * 100000))


def test_tag_files(f):
    def tag(name, old, new, issue="bundle-tag-file"):
        bag = f.bag("dataset")
        bag.files["bag-info.txt"] = replace(old, new)(bag.files["bag-info.txt"])
        bag.list_members()
        bag.sign(f.home.notary)
        f.changes.one("bag_info_with_" + name, bag.write(), issue=issue)

    tag("another_date", b"Date: 2026", b"Date: 2025")
    tag("another_origin", b"DEMO-101", b"DEMO-102")
    tag("another_number_of_files", b"\nTrialseal-Bundle", b"0\nTrialseal-Bundle")
    tag("another_version", b"Version: 1", b"Version: 2")
    tag("another_head_time", b"00:00Z", b"00:01Z")
    tag("another_size", b"Size: 19", b"Size: 20")
    tag("carriage_returns", b"\n", b"\r\n")
    tag("a_line_more", b"Bagging", b"Contact-Name: x\nBagging")
    tag("no_scope", b": dataset=DM", b": some")
    tag("two_blanks_in_its_scope", b"=DM", b"=DM  since=4")
    tag("an_index_of_0", b"=DM", b"=DM since=0")
    tag("a_leading_zero", b"=DM", b"=DM since=04")
    tag("a_smaller_scope", b"=DM", b"=DM since=5", "bundle-scope")
    tag("a_larger_scope", b"dataset=DM", b"all", "payload-missing")

    def listed(name, path, change, issue):
        bag = f.bag("dataset")
        bag.files[path] = change(bag.files[path])
        if path == "manifest-sha256.txt":
            bag.files["tagmanifest-sha256.txt"] = forge.list_write(
                (v.sha256_hex(bag.files[tag_file]), tag_file) for tag_file in v.TAG_FILES)
        bag.sign(f.home.notary)
        f.changes.one(f"a_list_{name}_{path.split('-')[0]}", bag.write(), issue=issue)

    for path in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        listed("without_last_line_end", path, lambda text: text[:-1], "bundle-tag-file")
        listed("with_upper_case", path, lambda text: text[:64].upper() + text[64:], "bundle-tag-file")
        listed("with_a_star", path, replace(b"  ", b" *"), "bundle-tag-file")
        listed("with_another_hash", path, lambda text: b"0" * 64 + text[64:], "bundle-altered")
        listed("without_first_line", path, lambda text: text.split(b"\n", 1)[1], "bundle-unlisted")
        listed("with_a_line_more", path, lambda text: text + b"0" * 64 + b"  zzz\n", "bundle-missing")
        listed("with_a_line_twice", path, lambda text: text + text.splitlines(True)[-1], "bundle-missing")
        listed("turned_round", path, lambda text: b"".join(text.splitlines(True)[::-1]), "bundle-unlisted")
    for folder in ("x", "DEMO-101-19", "DEMO-102-000000000019", "DEMO-101-000000000020", "a/b"):
        bag = f.bag()
        bag.folder = folder
        f.changes.one("the_folder_" + re.sub(r"\W", "_", folder), bag.write(), issue="bundle-layout")


def test_signatures(f):
    def signed(name, issue, path, sign):
        bag = f.bag()
        bag.files[path] = sign(bag.files[path[:-4]])
        if path.startswith("data/"):
            bag.retag()
            bag.list_members()
            bag.sign(f.home.notary)
        f.changes.one(f"a_signature_{name}", bag.write(), issue=issue)

    tag, checkpoint = "tagmanifest-sha256.txt.sig", "data/checkpoint.sig"
    notary, log, bad = f.home.notary, f.home.log, "bundle-signature"
    signed("by_the_log_key", "bundle-key", tag, lambda data: log.sshsig(v.BUNDLE_NAMESPACE, data))
    signed("by_a_stranger", "bundle-key", tag, lambda data: STRANGER.sshsig(v.BUNDLE_NAMESPACE, data))
    signed("for_checkpoints", bad, tag, lambda data: notary.sshsig(v.CHECKPOINT_NAMESPACE, data))
    signed("for_files", bad, tag, lambda data: notary.sshsig("file", data))
    signed("of_other_data", bad, tag, lambda data: notary.sshsig(v.BUNDLE_NAMESPACE, data + b"\n"))
    right = lambda data: notary.sshsig(v.BUNDLE_NAMESPACE, data)  # noqa: E731
    blob = lambda data: base64.b64decode(b"".join(right(data).split(b"\n")[1:-2]))  # noqa: E731
    signed("without_last_line_end", bad, tag, lambda data: right(data)[:-1])
    signed("with_a_line_more", bad, tag, lambda data: right(data) + b"\n")
    signed("in_lines_of_76", bad, tag, lambda data: b"-----BEGIN SSH SIGNATURE-----\n"
           + base64.encodebytes(blob(data)) + b"-----END SSH SIGNATURE-----\n")
    signed("with_a_byte_more", bad, tag, lambda data: v.sshsig_armour(blob(data) + b"\0"))
    signed("of_version_2", bad, tag, lambda data: v.sshsig_armour(replace(b"G\0\0\0\1", b"G\0\0\0\2")(blob(data))))
    signed("with_a_large_S", bad, tag, lambda data: v.sshsig_armour(
        blob(data)[:-32] + (int.from_bytes(blob(data)[-32:], "little") + v.L).to_bytes(32, "little")))
    signed("over_SHA_256", bad, tag, lambda data: sshsig_over_sha256(notary, data))
    signed("with_an_R_of_small_order", bad, tag, lambda data: sshsig_of_small_order(notary, data))
    bad = "checkpoint-signature"
    signed("of_the_checkpoint_by_the_notary", bad, checkpoint, lambda data: notary.sshsig(
        v.CHECKPOINT_NAMESPACE, data.split(b"\n\n")[0] + b"\n"))
    signed("of_the_whole_note", bad, checkpoint, lambda data: log.sshsig(v.CHECKPOINT_NAMESPACE, data))
    signed("of_the_checkpoint_for_bundles", bad, checkpoint, lambda data: log.sshsig(
        v.BUNDLE_NAMESPACE, data.split(b"\n\n")[0] + b"\n"))


def sshsig_over_sha256(key, data):
    """As ssh-keygen -O hashalg=sha256 makes it."""
    def swap(blob, digest):
        return blob.replace(v.ssh_string(b"sha512"), v.ssh_string(b"sha256"))[:-68 if digest else None]
    message = swap(v.sshsig_message(v.BUNDLE_NAMESPACE, data), True) + v.ssh_string(v.sha256(data))
    return v.sshsig_armour(swap(v.sshsig_blob(key.public, v.BUNDLE_NAMESPACE, key.sign(message)), False))


def sshsig_of_small_order(key, data):
    """R is the neutral element: the equation of RFC 8032 holds, though nobody chose a nonce."""
    neutral = (1).to_bytes(32, "little")
    message = v.sshsig_message(v.BUNDLE_NAMESPACE, data)
    response = forge.secret_scalar(key.seed) * forge.hash_number(neutral, key.public, message) % v.L
    return v.sshsig_armour(v.sshsig_blob(key.public, v.BUNDLE_NAMESPACE, neutral + response.to_bytes(32, "little")))


def test_checkpoints(f):
    log, bad = f.home.log, "checkpoint-malformed"

    def noted(name, issue, change=lambda text: text, line=None, note=lambda whole: whole, expected=1):
        """The same checkpoint everywhere, and signed as it is."""
        bag = f.bag()
        old = bag.files["data/checkpoint"]
        text = change(old.split(b"\n\n")[0] + b"\n")
        new = note(text + b"\n" + (line(text) if line else log.signature_line(ORIGIN, text)))
        bag.files["data/checkpoint.sig"] = log.sshsig(v.CHECKPOINT_NAMESPACE, text)
        for path in ["data/checkpoint"] + bag.below("data/proofs/"):
            bag.files[path] = bag.files[path].replace(old, new)
        name = "a_checkpoint_" + name
        f.changes.one(name, f.signed(bag, ledger=False), issue=issue, expected=expected)

    root = f.bag().files["data/checkpoint"].split(b"\n")[2]
    noted("of_another_size", "ledger-root", replace(b"\n19\n", b"\n18\n"))
    noted("of_another_root", "ledger-root", replace(root, base64.b64encode(b"\0" * 32)))
    noted("of_another_origin", "entry-chain", replace(b"101", b"102"))
    noted("of_another_ledger", "checkpoint-origin", replace(b"101", b"102"),
          lambda text: log.signature_line("demo.example/DEMO-102", text))
    noted("with_a_leading_zero", bad, replace(b"\n19\n", b"\n019\n"))
    noted("of_size_0", bad, replace(b"\n19\n", b"\n0\n"))
    noted("of_2_to_the_63_entries", bad, replace(b"\n19\n", b"\n9223372036854775808\n"))
    noted("with_a_short_root", bad, replace(root, base64.b64encode(b"\0" * 31)))
    noted("with_an_extension_line", bad, lambda text: text + b"x\n")
    noted("with_carriage_returns", bad, lambda text: text.replace(b"\n", b"\r\n"))
    noted("without_signature", bad, line=lambda text: b"")
    noted("without_last_line_end", bad, note=lambda note: note[:-1])
    noted("signed_by_a_stranger", "checkpoint-signature", line=lambda text: STRANGER.signature_line(ORIGIN, text))
    noted("with_a_bad_line_of_the_log", "checkpoint-signature", line=lambda text: (
        log.signature_line(ORIGIN, text) + log.signature_line(ORIGIN, b"x")))
    noted("with_strangers_lines", None, expected=0, line=lambda text: (
        log.signature_line(ORIGIN, text) + STRANGER.signature_line("a.example/b", text)
        + STRANGER.signature_line("a.example/c", text, 5)))
    noted("with_a_strangers_line_first", bad, line=lambda text: (
        STRANGER.signature_line("a.example/b", text) + log.signature_line(ORIGIN, text)))
    noted("of_65_lines", bad, line=lambda text: log.signature_line(ORIGIN, text) * 65)
    for what, line in (("a_tab", "a\tb AAAAAAAAAAAA"), ("a_plus", "a+b AAAAAAAAAAAA"), ("no_signature", "a AAAAAA=="),
                       ("a_wide_blank", "a\u00a0b AAAAAAAAAAAA"), ("padding_bits", "a AAAAAAAAAAB=")):
        noted("and_a_line_with_" + what, bad, note=lambda note, line=line: note + f"\u2014 {line}\n".encode())


def test_proofs(f):
    path = "data/proofs/000000000003.tlog-proof"
    lines = f.bag().files[path].split(b"\n")
    malformed, wrong = "proof-malformed", "proof-wrong"

    def proof(name, issue, change):
        f.member("a_proof_" + name, issue, path, change)

    proof("of_another_entry", wrong, replace(b"index 3", b"index 4"))
    proof("beyond_the_tree", wrong, replace(b"index 3", b"index 19"))
    proof("with_a_leading_zero", malformed, replace(b"index 3", b"index 03"))
    proof("of_another_version", malformed, replace(b"@v1", b"@v2"))
    proof("with_an_extra_line", malformed, replace(b"index 3", b"extra AAAA\nindex 3"))
    proof("without_index", malformed, replace(b"index 3\n", b""))
    proof("with_a_hash_less", wrong, replace(lines[2] + b"\n", b""))
    proof("with_a_hash_more", wrong, replace(lines[2] + b"\n", lines[2] + b"\n" + lines[2] + b"\n"))
    proof("with_hashes_swapped", wrong, replace(lines[2] + b"\n" + lines[3], lines[3] + b"\n" + lines[2]))
    proof("with_a_short_hash", malformed, replace(lines[2], base64.b64encode(b"\0" * 31)))
    proof("with_64_hashes", malformed, replace(lines[2] + b"\n", (lines[2] + b"\n") * 64))
    proof("with_carriage_returns", malformed, lambda text: text.replace(b"\n", b"\r\n"))
    proof("without_checkpoint", malformed, lambda text: text[:text.index(b"\n\n") + 2])
    proof("with_another_checkpoint", wrong, lambda text: text + STRANGER.signature_line("a.example/b", b"x"))
    bag = f.bag()
    bag.drop(path)
    f.changes.one("a_proof_that_is_missing", f.signed(bag, ledger=False), issue="bundle-layout")
    bag = f.bag()
    bag.files["data/proofs/000000000002.tlog-proof"] = bag.files[path]
    f.changes.one("a_proof_of_a_transfer", f.signed(bag, ledger=False), issue="bundle-layout")


def test_trust(f):
    trusting = f.trusting
    trusting("everything_without_policy", None, policy=lambda text: None, expected=2)
    trusting("everything_without_signers", None, signers=lambda text: None, expected=2)
    trusting("a_policy_without_quorum", None, replace("quorum none\n", ""), expected=2)
    trusting("a_policy_with_an_unknown_line", None, lambda text: text + "x\n", expected=2)
    trusting("a_signer_with_an_unknown_option", None, signers=replace("namespaces", "colours"), expected=2)
    trusting("a_bundle_of_a_ledger_that_is_not_trusted", "checkpoint-origin",
             lambda text: f"log {STRANGER.vkey('a.example/b')}\nquorum none\n")
    trusting("a_bundle_of_another_log_key", "checkpoint-signature",
             lambda text: f"log {STRANGER.vkey(ORIGIN)}\nquorum none\n")
    trusting("a_notary_that_is_not_trusted", "bundle-key", signers=lambda text: text.split("\n", 1)[1])
    trusting("a_log_key_that_is_not_trusted", "checkpoint-signature", signers=lambda text: text.split("\n", 1)[0])
    trusting("a_notary_for_other_things", "bundle-key", signers=replace("trialseal-bundle", "trialseal-b,file"))
    trusting("a_notary_for_all_but_bundles", "bundle-key", signers=replace("trialseal-bundle", "*,!trialseal-b*"))
    trusting("a_notary_key_not_yet_valid", "bundle-key",
             signers=replace('bundle"', 'bundle",valid-after="20260116090001Z"'))
    trusting("a_notary_key_no_longer_valid", "bundle-key",
             signers=replace('bundle"', 'bundle",valid-before="20260116085959Z"'))
    trusting("a_key_valid_in_that_second", None, expected=0, signers=replace(
        'bundle"', 'bundle",valid-after="20260116085959Z",valid-before="20260116090000Z"'))
    trusting("a_bundle_without_seal", "trust-seal", more=["tsa.pem"])
    f.changes.one("a_bundle_without_trust_folder", f.data, trust="", issue="trust-none")


def test_witnesses(f):
    names = ["a.example/1", "b.example/2", "c.example/3"]
    lines = "".join(f"witness w{n} {key.vkey(name, v.WITNESS_KEY)}\n"
                    for n, (key, name) in enumerate(zip(WITNESSES, names)))
    text = f.bag().files["data/checkpoint"].split(b"\n\n")[0] + b"\n"

    def cosigned(*numbers, what=text, stamp=1768554000):
        more = b"".join(WITNESSES[n].signature_line(names[n], what, stamp) for n in numbers)
        return f.signed(f.bag(), more=more)

    def policy(end):
        return lambda right: right.replace("quorum none\n", lines + end)

    two = policy("group two 2 w0 w1 w2\nquorum two\n")
    nested = policy("group any any w0 w1\ngroup all all any w2\nquorum all\n")
    bad = "checkpoint-quorum"
    f.trusting("a_checkpoint_that_nobody_cosigned", bad, policy("quorum w0\n"))
    f.trusting("a_checkpoint_that_another_cosigned", bad, policy("quorum w0\n"), data=cosigned(1))
    f.trusting("one_cosignature_of_two", bad, two, data=cosigned(1))
    f.trusting("one_cosignature_twice", bad, two, data=cosigned(1, 1))
    f.trusting("two_cosignatures_of_two", None, two, data=cosigned(0, 2), expected=0)
    f.trusting("half_of_a_group_of_groups", bad, nested, data=cosigned(0, 1))
    f.trusting("a_group_of_groups", None, nested, data=cosigned(1, 2), expected=0)
    f.trusting("a_bad_cosignature_that_nobody_needs", bad, policy("quorum none\n"), data=cosigned(0, what=b"x"))
    f.trusting("a_cosignature_of_2_to_the_63_seconds", bad, policy("quorum w0\n"), data=cosigned(0, stamp=2**63))


def test_earlier(f):
    """Chapter 9.1, with what the log key signed twice."""
    def earlier(name, issue, old, new=f.data, expected=1):
        path = os.path.join(f.home.folder, "earlier.zip")
        with open(path, "wb") as file:
            file.write(old)
        f.changes.one(name, new, previous=path, issue=issue, expected=expected)

    before = v.read_file(f.home.before)

    def other_history(data):
        bag = forge.Bag(data)
        entry = bag.entry(0)
        entry["predicate"]["salt"] = "0" * 64
        bag.entry_put(0, entry)
        return f.signed(bag)

    earlier("another_history_before", "ledger-fork", other_history(before))
    earlier("another_history_of_that_size", "ledger-fork", other_history(f.data))
    earlier("another_history_behind", "ledger-fork", other_history(f.data), before)
    earlier("an_earlier_bundle_that_is_none", "bundle-archive", before[:-1])
    bag = forge.Bag(before)
    bag.sign_ledger(STRANGER)
    earlier("an_earlier_bundle_of_another_key", "checkpoint-signature", bag.write())
    bag = forge.Bag(before)
    for path in bag.names():
        if path != "data/checkpoint":
            bag.drop(path)
    earlier("an_earlier_checkpoint_alone", None, bag.write(), expected=0)


def sealed(f, **bend):
    """A ledger of 19 entries with a seal of the first 18; no authority signed it, which nobody here checks."""
    bag, token = f.bag(), bend.get("token", b"a token")
    leaves = [v.sha256(b"\0" + entry) for entry in bag.entries()][:bend.get("leaves", 18)]
    root = base64.b64encode(v.tree_root(leaves)).decode()
    text = f"{bend.get('origin', ORIGIN)}\n{bend.get('size', 18)}\n{root}\n".encode()
    note = text + b"\n" + bend.get("log", f.home.log).signature_line(ORIGIN, text)
    bag.files["data/checkpoints/000000000018"] = note
    bag.files["data/seals/000000000019.tsr"] = token
    append(bag, *seal(checkpoint=v.sha256_hex(note), token=v.sha256_hex(token)))
    return bag


def test_ledger_seals(f):
    checkpoint, token = "data/checkpoints/000000000018", "data/seals/000000000019.tsr"

    def one(name, issue, change=lambda bag: None, expected=1, **bend):
        bag = sealed(f, **bend)
        change(bag)
        f.changes.one(name, f.signed(bag), issue=issue, expected=expected)

    one("a_sealed_ledger", None, expected=0)
    one("a_seal_of_a_checkpoint_of_another_ledger", "seal-wrong", origin="demo.example/DEMO-102")
    one("a_seal_of_a_checkpoint_of_another_size", "seal-wrong", size=17)
    one("a_seal_of_a_checkpoint_of_another_history", "seal-wrong", leaves=17)
    one("a_seal_of_a_checkpoint_of_another_key", "seal-wrong", log=STRANGER)
    one("a_seal_of_a_token_of_64_KiB_and_a_byte", "seal-malformed", token=bytes(65537))
    one("another_token_than_its_entry_names", "seal-wrong", lambda bag: bag.put(token, b"another"))
    one("another_checkpoint_than_its_entry_names", "seal-wrong", lambda bag: bag.put(checkpoint, b"another"))
    one("a_seal_without_its_token", "bundle-missing", lambda bag: bag.drop(token))
    one("a_seal_without_its_checkpoint", "bundle-missing", lambda bag: bag.drop(checkpoint))
    one("a_token_of_no_seal", "bundle-unlisted", lambda bag: bag.put("data/seals/000000000018.tsr", b"x"))
    one("a_checkpoint_of_no_seal", "bundle-unlisted", lambda bag: bag.put("data/checkpoints/000000000017", b"x"))
    one("a_checkpoint_that_is_named_badly", "bundle-unlisted", lambda bag: bag.put("data/checkpoints/18", b"x"))


def seal_list(bag, number, digest=hashlib.sha256, full=False, drop=None):
    own = [path for path in bag.below("seals/") if path < f"seals/{number:03d}" or path.endswith(f"{number:03d}-sha512.txt")]
    paths = [path for path in bag.names() if not path.startswith("seals/")] if full else own + bag.below("tagmanifest-")
    return forge.list_write((digest(bag.files[path]).hexdigest(), path) for path in paths if path != drop)


def pem(label):
    return f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n".encode()


def stamp(bag, number, digest=hashlib.sha256, full=False):
    if full:
        bag.files[f"seals/{number:03d}-sha512.txt"] = seal_list(bag, number, hashlib.sha512, True)
    bag.files[f"seals/{number:03d}.txt"] = seal_list(bag, number, digest)
    bag.files[f"seals/{number:03d}.tsr"] = b"a token"


def test_seals(f):
    """6.5, all but what only an authority could have made."""
    def one(name, issue, *changes, expected=1):
        bag = f.bag()
        for change in changes:
            change(bag)
        f.changes.one(name, bag.write(), issue=issue, expected=expected)

    def first(bag):
        stamp(bag, 1)

    def put(path, content=b"x"):
        return lambda bag: bag.put(path, content)

    def last(path):
        return lambda bag: bag.put(path, bag.files[path][:-1])

    def renewed(bag):
        stamp(bag, 2, hashlib.sha512, True)

    one("a_sealed_bundle", None, first, expected=0)
    one("a_sealed_bundle_with_CRL", None, first, put("seals/001-crl.pem", pem("X509 CRL")), expected=0)
    one("a_sealed_bundle_with_CRLs", None, first, put("seals/001-crl.pem", b"of today\n" + pem("X509 CRL") * 2), expected=0)
    one("a_renewed_seal", None, first, lambda bag: stamp(bag, 2), expected=0)
    one("a_renewed_seal_with_another_hash", None, first, renewed, lambda bag: stamp(bag, 3, hashlib.sha512), expected=0)
    one("a_first_seal_with_another_hash", None, lambda bag: stamp(bag, 1, hashlib.sha512, True), expected=0)
    bad = "seal-malformed"
    one("a_root_among_CRLs", bad, first, put("seals/001-crl.pem", pem("X509 CRL") + pem("CERTIFICATE")))
    one("a_root_in_the_line_of_a_CRL", bad, first, put("seals/001-crl.pem", pem("X509 CRL")[:-1] + pem("CERTIFICATE")))
    one("a_root_as_CRL", bad, first, put("seals/001-crl.pem", pem("TRUSTED CERTIFICATE")))
    one("a_list_of_CRLs_without_one", bad, first, put("seals/001-crl.pem"))
    one("a_seal_number_left_out", bad, lambda bag: stamp(bag, 2))
    one("a_seal_number_in_four_digits", bad, first, put("seals/0002.tsr"))
    one("a_seal_without_list", bad, put("seals/001.tsr"))
    one("a_seal_without_answer", bad, first, lambda bag: bag.drop("seals/001.tsr"))
    one("a_seal_with_something_else", bad, first, put("seals/001-chain.pem"))
    one("a_seal_number_0", bad, put("seals/000.tsr"), put("seals/000.txt"))
    one("something_else_among_seals", bad, first, put("seals/readme.txt"))
    one("an_empty_seal_list", bad, first, put("seals/001.txt", b""))
    one("a_seal_list_cut_off", bad, first, last("seals/001.txt"))
    one("a_seal_list_of_SHA_1", bad, first, lambda bag: bag.put("seals/001.txt", seal_list(bag, 1, hashlib.sha1)))
    one("another_hash_without_list_of_all", bad, first, lambda bag: stamp(bag, 2, hashlib.sha512))
    one("a_list_of_all_without_another_hash", bad, lambda bag: stamp(bag, 1, hashlib.sha256, True))
    one("a_second_list_of_all", bad, first, renewed, lambda bag: stamp(bag, 3, hashlib.sha512, True))
    bad = "seal-wrong"
    one("a_weaker_hash_later", bad, lambda bag: stamp(bag, 1, hashlib.sha512, True), lambda bag: stamp(bag, 2))
    one("a_seal_list_of_another_bundle", bad, first, lambda bag: bag.put("seals/001.txt", bag.files["seals/001.txt"].translate(
        bytes.maketrans(b"01", b"10"))))
    one("a_seal_list_without_the_signature", bad, first, lambda bag: bag.put("seals/001.txt", seal_list(
        bag, 1, drop="tagmanifest-sha256.txt.sig")))
    one("a_renewed_seal_without_the_first", bad, first, lambda bag: stamp(bag, 2), lambda bag: bag.put(
        "seals/002.txt", seal_list(bag, 2, drop="seals/001.tsr")))
    one("a_first_seal_exchanged_later", bad, first, lambda bag: stamp(bag, 2), put("seals/001.tsr"))
    one("a_list_of_all_without_one", bad, lambda bag: stamp(bag, 1, hashlib.sha512, True), lambda bag: bag.put(
        "seals/001-sha512.txt", seal_list(bag, 1, hashlib.sha512, True, drop="data/VERIFY.txt")))
    one("a_list_of_all_with_SHA_256", None, lambda bag: stamp(bag, 1, hashlib.sha512, True), lambda bag: bag.put(
        "seals/001-sha512.txt", seal_list(bag, 1, hashlib.sha256, True)))


def test(f):
    for check in (test_entry_form, test_entry_rules, test_erasure_rules, test_erased, test_forbidden_and_accepted, test_texts, test_payload, test_deflate,
                  test_tag_files, test_signatures, test_checkpoints, test_ledger_seals, test_seals, test_proofs, test_trust, test_witnesses,
                  test_earlier):
        check(f)
