#include "bundle/layout.h"

#include <string.h>

#include "base/time.h"

enum { FILE_NAME_LONGEST = 200 };

void layout_index(struct buf *b, uint64_t v, unsigned digits)
{
    uint64_t limit = 10;
    for (unsigned d = digits; d > 1; d--, limit *= 10)
        ;
    for (limit /= 10; limit > 1 && v < limit; limit /= 10)
        buf_byte(b, '0');
    buf_u64(b, v);
}

void layout_folder(struct buf *b, struct span study, uint64_t size)
{
    buf_add(b, study);
    buf_byte(b, '-');
    layout_index(b, size, BUNDLE_INDEX_DIGITS);
}

void layout_entry(struct buf *b, uint64_t index)
{
    buf_str(b, BUNDLE_ENTRIES);
    layout_index(b, index, BUNDLE_INDEX_DIGITS);
    buf_str(b, ".json");
}

void layout_proof(struct buf *b, uint64_t index)
{
    buf_str(b, BUNDLE_PROOFS);
    layout_index(b, index, BUNDLE_INDEX_DIGITS);
    buf_str(b, ".tlog-proof");
}

void layout_object(struct buf *b, struct hash h)
{
    buf_str(b, BUNDLE_OBJECTS);
    buf_hex(b, hash_span(&h));
}

void layout_checkpoint(struct buf *b, uint64_t size)
{
    buf_str(b, BUNDLE_CHECKPOINTS);
    layout_index(b, size, BUNDLE_INDEX_DIGITS);
}

void layout_token(struct buf *b, uint64_t index)
{
    buf_str(b, BUNDLE_TOKENS);
    layout_index(b, index, BUNDLE_INDEX_DIGITS);
    buf_str(b, ".tsr");
}

void layout_seal(struct buf *b, unsigned number, const char *rest)
{
    buf_str(b, BUNDLE_SEALS);
    layout_index(b, number, BUNDLE_SEAL_DIGITS);
    buf_str(b, rest);
}

void layout_revision(struct buf *b, struct span dataset, uint64_t revision)
{
    buf_str(b, BUNDLE_DATASETS);
    buf_add(b, dataset);
    buf_str(b, "/r");
    layout_index(b, revision, 4);
    buf_byte(b, '/');
}

/* --- section 6.4 --- */

static bool stem_is(struct span stem, const char *device)
{
    if (stem.n != strlen(device))
        return false;
    for (size_t i = 0; i < stem.n; i++)
        if ((stem.p[i] | 0x20) != (uint8_t)device[i])
            return false;
    return true;
}

/* A name that DOS takes for a device, with or without extension. */
static bool is_device(struct span name)
{
    struct span stem = span_of(name.p, span_find(name, 0, '.'));
    if (stem_is(stem, "con") || stem_is(stem, "prn") || stem_is(stem, "aux") ||
        stem_is(stem, "nul"))
        return true;
    if (stem.n != 4 || stem.p[3] < '0' || stem.p[3] > '9')
        return false;
    struct span port = span_of(stem.p, 3);
    return stem_is(port, "com") || stem_is(port, "lpt");
}

static bool must_escape(struct span name, size_t i, bool device)
{
    uint8_t c = name.p[i];
    if (!span_alnum(span_of(&c, 1), "._-"))
        return true;
    if (c == '.')
        return i == 0 || i + 1 == name.n;
    if (c == '_')
        return i + 1 < name.n && name.p[i + 1] == '-';
    return device && i == 0;
}

void layout_file_name(struct buf *b, struct span original)
{
    size_t start = b->n;
    bool device = is_device(original);
    for (size_t i = 0; i < original.n; i++) {
        if (must_escape(original, i, device)) {
            buf_str(b, "_-");
            buf_hex(b, span_of(original.p + i, 1));
        } else {
            buf_byte(b, original.p[i]);
        }
    }
    if (b->n - start > FILE_NAME_LONGEST) {
        struct hash h = sha256_of(original);
        b->n = start;
        buf_str(b, "_--"); /* no short name is mapped to this beginning */
        buf_hex(b, hash_span(&h));
    }
}

void layout_manifest_line(struct buf *b, struct hash h, struct span path)
{
    buf_hex(b, hash_span(&h));
    buf_str(b, "  ");
    buf_add(b, path);
    buf_byte(b, '\n');
}

/* --- section 6.1 --- */

void bag_info_write(struct buf *b, const struct bag_info *i)
{
    char time[TIME_TEXT + 1];
    time_write(i->head_time, time);
    buf_str(b, "Bagging-Date: ");
    buf_add(b, span_of(time, DATE_TEXT));
    buf_str(b, "\nExternal-Identifier: ");
    buf_add(b, i->origin);
    buf_str(b, "\nPayload-Oxum: ");
    buf_u64(b, i->payload_bytes);
    buf_byte(b, '.');
    buf_u64(b, i->payload_files);
    buf_str(b, "\nTrialseal-Bundle-Version: ");
    buf_u64(b, BUNDLE_VERSION);
    buf_str(b, "\nTrialseal-Head-Time: ");
    buf_str(b, time);
    buf_str(b, "\nTrialseal-Scope: ");
    scope_write(b, &i->scope);
    buf_str(b, "\nTrialseal-Size: ");
    buf_u64(b, i->size);
    buf_byte(b, '\n');
}

bool bag_info_scope(struct span text, struct scope *out)
{
    struct span line;
    while (span_line(&text, &line))
        if (span_take(&line, SPAN("Trialseal-Scope: ")))
            return scope_parse(line, out);
    return false;
}

struct span bagit_text(void)
{
    return SPAN("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
}
