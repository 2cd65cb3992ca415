#!/bin/sh
''':' # A shell reads on here; to Python, all up to the next three quotes is one string.
command -v python3 >/dev/null && exec python3 "$0"
echo "skip test_json_oracle: no python3"
exit 0
'''
"""Python's json module as oracle for our parser and canonical writer, on generated texts.

What that module takes and we do not (repeated names, lone surrogates, NaN, a byte
order mark, depth) is refused here by a few lines of its own.
"""
import json
import os
import random
import subprocess

TEXTS = 6000
DEPTH_MAX = 32
TREE_MAX = 64 * 1024
INTEGER_MAX = 2**53 - 1
JSON_CAT = os.path.join(os.environ.get("O", "out"), "tests/bin/json_cat")


class Refused(Exception):
    pass


class Lexeme(str):
    """A number as the text has it."""


def members(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise Refused("repeated name")
    return dict(pairs)


def no_constant(name):
    raise Refused(name)


def check_value(value, depth=0):
    if isinstance(value, (dict, list)):
        if depth == DEPTH_MAX:
            raise Refused("depth")
        for child in value.values() if isinstance(value, dict) else value:
            check_value(child, depth + 1)
    for text in value if isinstance(value, dict) else [value]:
        if isinstance(text, str):
            text.encode("utf-8")  # fails on a lone surrogate


def oracle_parse(data):
    if len(data) > TREE_MAX:
        raise Refused("size")
    value = json.loads(data.decode("utf-8"), object_pairs_hook=members, parse_int=Lexeme,
                       parse_float=Lexeme, parse_constant=no_constant)
    check_value(value)
    return value


class NoCanonicalForm(Exception):
    pass


def oracle_write(value):
    if isinstance(value, Lexeme):
        if not value.lstrip("-").isdigit() or value == "-0" or abs(int(value)) > INTEGER_MAX:
            raise NoCanonicalForm
        return value
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(oracle_write(n) + ":" + oracle_write(value[n]) for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(oracle_write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def oracle(data):
    try:
        value = oracle_parse(data)
    except (Refused, ValueError, RecursionError):
        return "refused"
    try:
        return "canonical " + oracle_write(value).encode("utf-8").hex()
    except NoCanonicalForm:
        return "accepted"


# --- texts -----------------------------------------------------------------------------------

random.seed(8785)
pick = random.choice
CODE_POINTS = [0, 8, 9, 10, 12, 13, 0x1F, 0x20, 0x22, 0x2F, 0x5C, 0x7F, 0x80, 0xF6, 0x7FF, 0x800,
               0x20AC, 0xD7FF, 0xE000, 0xFB33, 0xFEFF, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF]
NUMBERS = ["0", "-0", "1", "-1", "7", "10", "1.0", "0.5", "1e2", "1E+2", "-1.5e-3", "9007199254740991",
           "9007199254740992", "-9007199254740991", "-9007199254740992", "123456789012345678901"]
BAD_NUMBERS = ["01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "--1", "NaN", "-Infinity", "1_0"]
BAD_STRINGS = ['"\\ud800"', '"\\udc00x"', '"\\ud800\\u0041"', '"\\x41"', '"\\u12g4"', '"a\tb"', "'a'",
               '"\\']


def blank():
    return pick(["", "", "", " ", "\n", "\r\n", "\t", "  "])


def character():
    c = random.randrange(0x20, 0x7F) if random.random() < 0.6 else pick(CODE_POINTS)
    raw = chr(c)
    units = raw.encode("utf-16-be")
    escaped = "".join(pick(["\\u%04x", "\\u%04X"]) % int.from_bytes(units[i:i + 2], "big")
                      for i in range(0, len(units), 2))
    if c < 0x20 or raw in '"\\' or random.random() < 0.2:
        return escaped if random.random() < 0.6 else json.dumps(raw)[1:-1]
    return raw


def string():
    if random.random() < 0.003:
        return pick(BAD_STRINGS)
    return '"' + "".join(character() for _ in range(random.randrange(pick([2, 4, 30])))) + '"'


def scalar():
    kind = random.random()
    if kind < 0.5:
        return string()
    if kind < 0.8:
        return pick(BAD_NUMBERS) if random.random() < 0.01 else pick(NUMBERS[:-3])
    return pick(["true", "false", "null"] + NUMBERS[-3:])


def value(depth):
    kind = random.random()
    if depth == 0 or kind < 0.3:
        return scalar()
    children = range(random.randrange(6))
    if kind < 0.6:
        inner = [blank() + value(depth - 1) + blank() for _ in children]
        return "[" + ",".join(inner) + "]" if inner else "[" + blank() + "]"
    inner = [blank() + string() + blank() + ":" + blank() + value(depth - 1) + blank() for _ in children]
    return "{" + ",".join(inner) + "}" if inner else "{" + blank() + "}"


def damaged(data):
    """One byte changed, dropped, doubled or cut off behind; or two parts exchanged."""
    if not data:
        return data
    i = random.randrange(len(data))
    byte = bytes([pick(b'{}[]:,"\\ \n0-+.eEtfnu/\x00\x1f\x7f\x80\xc0\xc3\xe2\xed\xf0\xf5\xff')])
    return pick([data[:i] + byte + data[i + 1:], data[:i] + data[i + 1:], data[:i] + byte + data[i:],
                 data[:i], data[i:] + data[:i]])


def generated():
    for i in range(TEXTS):
        data = (blank() + value(random.randrange(6)) + blank()).encode("utf-8")
        yield damaged(data) if i % 2 else data
    for depth in (1, 31, 32, 33, 34, 5000):
        yield b"[" * depth + b"]" * depth
        yield b'{"a":' * depth + b"1" + b"}" * depth
    for data in (b"\xef\xbb\xbf{}", b"", b"1 2", b"\xff\xfe1\0", b'{"a":1,"\\u0061":2}'):
        yield data
    yield b'"' + b"x" * (TREE_MAX - 2) + b'"'
    yield b'"' + b"x" * (TREE_MAX - 1) + b'"'
    many = ['"%s":%d' % ("".join(map(chr, random.sample(CODE_POINTS[14:], 2))), i) for i in range(3)]
    yield ("{" + ",".join(many) + "}").encode("utf-8")


def asked(texts):
    lines = "".join(data.hex() + "\n" for data in texts)
    done = subprocess.run([JSON_CAT], input=lines, capture_output=True, text=True, check=True)
    return [line if line[:8] != "refused " else "refused" for line in done.stdout.splitlines()]


def report(name, wrong):
    print("ok " + name if not wrong else "not ok %s: %d of them, first %r" % (name, len(wrong), wrong[0]))


def main():
    texts = list(generated())
    wants, gots = [oracle(data) for data in texts], asked(texts)
    every = list(zip(texts, wants, gots))
    report("test_json_oracle__answers_every_text", [] if len(gots) == len(texts) else [len(gots)])
    report("test_json_oracle__refuses_what_the_oracle_refuses",
           [t for t in every if t[1] == "refused" and t[2] != "refused"])
    report("test_json_oracle__accepts_what_the_oracle_accepts",
           [t for t in every if t[1] != "refused" and t[2] == "refused"])
    report("test_json_oracle__writes_what_the_oracle_writes",
           [t for t in every if "refused" not in t[1:] and t[1] != t[2]])
    kinds = {kind: sum(want.startswith(kind) for want in wants)
             for kind in ("refused", "accepted", "canonical")}
    report("test_json_oracle__saw_many_texts_of_each_kind",
           [kinds] if min(kinds.values()) < TEXTS // 20 else [])


main()
