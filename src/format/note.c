#include "format/note.h"

#include <assert.h>
#include <string.h>

#include "crypto/sha256.h"
#include "format/base64.h"

enum { KEY_ID_SIZE = 4, KEY_ID_DIGITS = 8, TIME_SIZE = 8 };
enum { NOTE_ECDSA = 0x02 }; /* never verified; its key id is special */

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a blank begin a signature line */

/* --- names and texts --- */

/* White_Space of Unicode beyond ASCII. */
static const char *const unicode_spaces[] = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

static bool starts_with_unicode_space(struct span s)
{
    for (size_t i = 0; i < sizeof unicode_spaces / sizeof unicode_spaces[0]; i++)
        if (span_starts(s, span_str(unicode_spaces[i])))
            return true;
    return false;
}

bool note_name_check(struct span name)
{
    if (name.n == 0 || name.n > NOTE_NAME_MAX || !span_utf8(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        if (c <= ' ' || c == '+' || (c >= 0x80 && starts_with_unicode_space(span_skip(name, i))))
            return false;
    }
    return true;
}

bool note_text_check(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' && text.p[i] != '\n')
            return false;
    return span_utf8(text);
}

/* --- keys --- */

/* ECDSA keys are named by their SPKI alone, all others by name, LF, algorithm and key. */
static void hash_key_id(struct span name, struct span raw, uint8_t id[KEY_ID_SIZE])
{
    struct sha256 s;
    sha256_begin(&s);
    if (raw.p[0] == NOTE_ECDSA) {
        sha256_feed(&s, span_skip(raw, 1));
    } else {
        sha256_feed(&s, name);
        sha256_feed(&s, SPAN("\n"));
        sha256_feed(&s, raw);
    }
    struct hash h = sha256_end(&s);
    memcpy(id, h.b, KEY_ID_SIZE);
}

static void make_raw(uint8_t algorithm, const struct public_key *k, uint8_t raw[1 + SIGN_PUBLIC])
{
    raw[0] = algorithm;
    memcpy(raw + 1, k->b, SIGN_PUBLIC);
}

void note_key_id(struct span name, uint8_t algorithm, const struct public_key *k,
                 uint8_t id[KEY_ID_SIZE])
{
    uint8_t raw[1 + SIGN_PUBLIC];
    make_raw(algorithm, k, raw);
    hash_key_id(name, span_of(raw, sizeof raw), id);
}

void note_key_write(struct buf *b, struct span name, uint8_t algorithm, const struct public_key *k)
{
    uint8_t raw[1 + SIGN_PUBLIC], id[KEY_ID_SIZE];
    assert(note_name_check(name));
    make_raw(algorithm, k, raw);
    hash_key_id(name, span_of(raw, sizeof raw), id);
    buf_add(b, name);
    buf_byte(b, '+');
    buf_hex(b, span_of(id, sizeof id));
    buf_byte(b, '+');
    base64_write(b, span_of(raw, sizeof raw));
}

/* Algorithms that note_verify knows; both use an Ed25519 key. */
static bool can_verify(uint8_t algorithm)
{
    return algorithm == NOTE_ED25519 || algorithm == NOTE_COSIGNATURE;
}

/* Splits at the first two '+': base64 may hold more of them. */
static bool split_key(struct span vkey, struct span *name, struct span *id, struct span *raw)
{
    size_t first = span_find(vkey, 0, '+');
    size_t second = span_find(vkey, first + 1, '+');
    if (second == vkey.n)
        return false;
    *name = span_of(vkey.p, first);
    *id = span_of(vkey.p + first + 1, second - first - 1);
    *raw = span_skip(vkey, second + 1);
    return true;
}

bool note_key_parse(struct arena *a, struct span vkey, struct note_key *out, struct err *e)
{
    struct span name, digits, text;
    uint8_t hashed[KEY_ID_SIZE];
    struct note_key k = {0};
    if (!split_key(vkey, &name, &digits, &text))
        return err_set(e, ERR_FORMAT, "a verifier key is name+id+key, with two '+'");
    if (!note_name_check(name))
        return err_set(e, ERR_FORMAT, "the verifier key's name is not allowed");
    if (!span_hex(digits, k.id, KEY_ID_SIZE))
        return err_set(e, ERR_FORMAT, "verifier key %.*s: the id is not 8 hex digits",
                       SPAN_ARGS(name));
    if (!base64_parse(a, text, &k.raw) || k.raw.n < 2)
        return err_set(e, ERR_FORMAT, "verifier key %.*s: not canonical base64", SPAN_ARGS(name));
    hash_key_id(name, k.raw, hashed);
    if (memcmp(hashed, k.id, KEY_ID_SIZE) != 0)
        return err_set(e, ERR_FORMAT, "verifier key %.*s: the id is not the key's",
                       SPAN_ARGS(name));
    k.algorithm = k.raw.p[0];
    if (can_verify(k.algorithm)) {
        if (k.raw.n != 1 + SIGN_PUBLIC)
            return err_set(e, ERR_FORMAT, "verifier key %.*s: an Ed25519 key has %d bytes, not %zu",
                           SPAN_ARGS(name), SIGN_PUBLIC, k.raw.n - 1);
        memcpy(k.key.b, k.raw.p + 1, SIGN_PUBLIC);
    }
    k.name = arena_copy(a, name);
    *out = k;
    return true;
}

/* --- parsing --- */

static size_t count_lines(struct span s)
{
    size_t n = 0;
    for (size_t at = span_find(s, 0, '\n'); at < s.n; at = span_find(s, at + 1, '\n'))
        n++;
    return n;
}

/* The text ends where the last two LF in a row begin. */
static bool split_note(struct span bytes, struct span *text, struct span *signatures)
{
    for (size_t at = bytes.n; at >= 2; at--) {
        if (bytes.p[at - 1] == '\n' && bytes.p[at - 2] == '\n') {
            *text = span_of(bytes.p, at - 1);
            *signatures = span_skip(bytes, at);
            return true;
        }
    }
    return false;
}

static bool parse_signature(struct arena *a, struct span line, struct note_signature *out,
                            struct err *e)
{
    if (!span_take(&line, span_str(dash)))
        return err_set(e, ERR_FORMAT, "a signature line begins with an em dash and a blank");
    size_t blank = span_find(line, 0, ' ');
    out->name = span_of(line.p, blank);
    if (blank == line.n || !note_name_check(out->name))
        return err_set(e, ERR_FORMAT, "the key name is missing or not allowed");
    if (!base64_parse(a, span_skip(line, blank + 1), &out->blob))
        return err_set(e, ERR_FORMAT, "the signature is not canonical base64");
    if (out->blob.n <= KEY_ID_SIZE)
        return err_set(e, ERR_FORMAT, "the signature has no bytes behind the key id");
    memcpy(out->id, out->blob.p, KEY_ID_SIZE);
    out->blob = span_skip(out->blob, KEY_ID_SIZE);
    return true;
}

static bool parse_signatures(struct arena *a, struct span lines, size_t line_number,
                             struct note *out, struct err *e)
{
    struct span line;
    out->count = count_lines(lines);
    if (out->count == 0 || lines.p[lines.n - 1] != '\n')
        return err_set(e, ERR_FORMAT, "the note does not end with a signature line");
    if (out->count > NOTE_SIGNATURES_MAX)
        return err_set(e, ERR_LIMIT, "the note has more than %d signatures", NOTE_SIGNATURES_MAX);
    out->signature = arena_array(a, out->count, sizeof *out->signature);
    for (size_t i = 0; span_line(&lines, &line); i++)
        if (!parse_signature(a, line, &out->signature[i], e))
            return err_at(e, "line %zu", line_number + i);
    return true;
}

bool note_parse(struct arena *a, struct span bytes, struct note *out, struct err *e)
{
    struct note n = {0};
    struct span signatures;
    if (bytes.n > NOTE_MAX)
        return err_set(e, ERR_LIMIT, "the note is larger than %d bytes", NOTE_MAX);
    if (!note_text_check(bytes))
        return err_set(e, ERR_FORMAT, "the note is not UTF-8 without control bytes");
    if (!split_note(bytes, &n.text, &signatures))
        return err_set(e, ERR_FORMAT, "no empty line parts text and signatures");
    if (!parse_signatures(a, signatures, count_lines(n.text) + 2, &n, e))
        return false;
    *out = n;
    return true;
}

/* --- signing and verifying --- */

/* What a cosignature/v1 signs (tlog-cosignature, "Ed25519 signatures"). */
static void write_cosigned(struct buf *b, uint64_t time, struct span text)
{
    buf_str(b, "cosignature/v1\ntime ");
    buf_u64(b, time);
    buf_byte(b, '\n');
    buf_add(b, text);
}

static bool verify_plain(struct span text, const struct public_key *k, struct span blob)
{
    struct signature s;
    if (blob.n != sizeof s.b)
        return false;
    memcpy(s.b, blob.p, sizeof s.b);
    return sign_verify(k, text, &s);
}

static bool verify_cosignature(struct span text, const struct public_key *k, struct span blob,
                               uint64_t *time)
{
    if (blob.n != TIME_SIZE + SIGN_SIGNATURE)
        return false;
    uint64_t at = 0;
    for (size_t i = 0; i < TIME_SIZE; i++)
        at = at << 8 | blob.p[i];
    if (at > INT64_MAX)
        return false;
    struct buf message = {0};
    write_cosigned(&message, at, text);
    bool good = verify_plain(buf_span(&message), k, span_skip(blob, TIME_SIZE));
    buf_close(&message);
    *time = at;
    return good;
}

enum note_verdict note_verify(const struct note *n, const struct note_key *k, uint64_t *time)
{
    enum note_verdict verdict = NOTE_ABSENT;
    uint64_t first = 0;
    if (!can_verify(k->algorithm))
        return NOTE_ABSENT;
    for (size_t i = 0; i < n->count; i++) {
        const struct note_signature *s = &n->signature[i];
        uint64_t at = 0;
        if (!span_eq(s->name, k->name) || memcmp(s->id, k->id, KEY_ID_SIZE) != 0)
            continue;
        if (!(k->algorithm == NOTE_ED25519 ? verify_plain(n->text, &k->key, s->blob)
                                           : verify_cosignature(n->text, &k->key, s->blob, &at)))
            return NOTE_BAD;
        if (verdict == NOTE_ABSENT)
            first = at;
        verdict = NOTE_GOOD;
    }
    if (verdict == NOTE_GOOD && time != NULL)
        *time = first;
    return verdict;
}

static void write_line(struct buf *b, struct span name, struct span blob)
{
    buf_str(b, dash);
    buf_add(b, name);
    buf_byte(b, ' ');
    base64_write(b, blob);
    buf_byte(b, '\n');
}

void note_write(struct buf *b, struct span text, struct span name, const struct secret_key *k)
{
    uint8_t blob[KEY_ID_SIZE + SIGN_SIGNATURE];
    assert(note_name_check(name) && span_ends(text, SPAN("\n")));
    struct signature s = sign_message(k, text);
    note_key_id(name, NOTE_ED25519, &k->public, blob);
    memcpy(blob + KEY_ID_SIZE, s.b, sizeof s.b);
    buf_add(b, text);
    buf_byte(b, '\n');
    write_line(b, name, span_of(blob, sizeof blob));
}

void note_write_cosignature(struct buf *b, struct span text, struct span name,
                            const struct secret_key *k, uint64_t time)
{
    uint8_t id[KEY_ID_SIZE];
    struct buf message = {0}, blob = {0};
    assert(note_name_check(name) && time <= INT64_MAX);
    write_cosigned(&message, time, text);
    struct signature s = sign_message(k, buf_span(&message));
    note_key_id(name, NOTE_COSIGNATURE, &k->public, id);
    buf_add(&blob, span_of(id, sizeof id));
    buf_be64(&blob, time);
    buf_add(&blob, span_of(s.b, sizeof s.b));
    write_line(b, name, buf_span(&blob));
    buf_close(&message);
    buf_close(&blob);
}
