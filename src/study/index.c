/*
 * What the catalog says about an entry: derived from the entry and its detached text,
 * nothing else.
 */
#include "study/index.h"
#include "bundle/layout.h"
#include "ledger/detached.h"
#include "store/objects.h"

/* Two strings of the entry's detached text; empty where they are null or absent. */
static bool details_strings(struct home *h, struct hash details, const char *name,
                            struct span *value, const char *other, struct span *other_value,
                            struct arena *a, struct err *e)
{
    struct span text;
    return objects_read_all(h, details, DETACHED_MAX, a, &text, e) &&
           detached_string(a, text, name, value, e) &&
           detached_string(a, text, other, other_value, e);
}

/* A text that was erased says nothing any more, also where nobody has destroyed it yet. */
static bool is_erased(struct catalog *c, struct span study, struct hash details, bool *out,
                      struct err *e)
{
    struct catalog_erased ignored;
    return catalog_erased(c, study, details, &ignored, out, e);
}

static int64_t number_or_none(uint64_t v)
{
    return v == ENTRY_NONE ? CATALOG_NONE : (int64_t)v;
}

static bool index_revision(struct home *h, struct catalog *c, struct span study, uint64_t index,
                           const struct entry *x, struct arena *a, struct err *e)
{
    struct span file, member = SPAN("");
    struct buf name = {0};
    bool erased;
    if (!is_erased(c, study, x->revision.details, &erased, e) ||
        (!erased &&
         !details_strings(h, x->revision.details, "file", &file, "member", &member, a, e)))
        return false;
    if (erased)
        buf_str(&name, LAYOUT_ERASED_NAME);
    else
        layout_file_name(&name, file);
    struct catalog_revision r = {
        .dataset = x->revision.dataset,
        .number = x->revision.revision,
        .index = index,
        .transfer = x->revision.transfer,
        .sha256 = x->subject,
        .size = x->revision.size,
        .format = span_str(data_format_name((enum data_format)x->revision.format)),
        .records = number_or_none(x->revision.records),
        .columns = number_or_none(x->revision.columns),
        .member = member,
        .file = buf_span(&name),
        .withdrawn = CATALOG_NONE,
        .data = x->revision.data,
        .against = x->revision.against,
    };
    bool good = catalog_add_revision(c, study, &r, e);
    buf_close(&name);
    return good;
}

struct hash transfer_identity(struct span id, struct span name, struct hash manifest)
{
    struct buf b = {0};
    buf_str(&b, id.n > 0 ? "id\n" : "name\n");
    buf_add(&b, id.n > 0 ? id : name);
    buf_byte(&b, '\n');
    if (id.n == 0)
        buf_hex(&b, hash_span(&manifest));
    struct hash identity = sha256_of(buf_span(&b));
    buf_close(&b);
    return identity;
}

static bool index_transfer(struct home *h, struct catalog *c, struct span study, uint64_t index,
                           const struct entry *x, struct arena *a, struct err *e)
{
    struct span name, id = SPAN("");
    bool erased;
    if (!is_erased(c, study, x->transfer.details, &erased, e) ||
        (!erased && !details_strings(h, x->transfer.details, "name", &name, "id", &id, a, e)))
        return false;
    struct catalog_transfer t = {
        .index = index,
        .identity = erased ? x->transfer.details : transfer_identity(id, name, x->subject),
        .explicit_id = id.n > 0,
        .id = id.n > 0 ? sha256_of(id) : (struct hash){{0}},
        .details = x->transfer.details,
        .manifest = x->subject,
    };
    return catalog_add_transfer(c, study, &t, e);
}

static bool index_issued(struct catalog *c, struct span study, uint64_t index,
                         const struct entry *x, struct err *e)
{
    struct catalog_issued i = {index, x->subject, x->issued.size, x->issued.scope};
    return catalog_add_issued(c, study, &i, e);
}

bool index_erasure(struct catalog *c, struct span study, uint64_t index, const struct entry *x,
                   struct err *e)
{
    struct catalog_erased row = {index, x->subject, x->erasure.of == ERASED_TEXT};
    return catalog_erase(c, study, &row, SPAN(LAYOUT_ERASED_NAME), e);
}

static bool index_by_kind(struct home *h, struct catalog *c, struct span study, uint64_t index,
                          const struct entry *x, struct arena *a, struct err *e)
{
    switch (x->kind) {
    case ENTRY_TRANSFER:
        return index_transfer(h, c, study, index, x, a, e);
    case ENTRY_REVISION:
        return index_revision(h, c, study, index, x, a, e);
    case ENTRY_WITHDRAWAL:
        return catalog_withdraw(c, study, x->withdrawal.revision, index, e);
    case ENTRY_ISSUED:
        return index_issued(c, study, index, x, e);
    case ENTRY_ERASURE:
        return index_erasure(c, study, index, x, e);
    default:
        return true;
    }
}

static bool index_seal(struct catalog *c, struct span study, uint64_t index, const struct entry *x,
                       struct err *e)
{
    struct catalog_ref checkpoint = {index, x->seal.checkpoint, SPAN("checkpoint")};
    struct catalog_ref token = {index, x->subject, SPAN("token")};
    return catalog_add_ref(c, study, &checkpoint, e) && catalog_add_ref(c, study, &token, e);
}

/* The objects that must be there for this entry. */
static bool index_objects(struct catalog *c, struct span study, uint64_t index,
                          const struct entry *x, struct err *e)
{
    struct catalog_ref details = {.index = index, .role = SPAN("details")};
    struct catalog_ref data = {.index = index, .role = SPAN("data")};
    bool kept = entry_file(x, &data.sha256);
    if (x->kind == ENTRY_SEAL)
        return index_seal(c, study, index, x, e);
    return (!entry_details(x, &details.sha256) || catalog_add_ref(c, study, &details, e)) &&
           (!kept || catalog_add_ref(c, study, &data, e));
}

bool index_entry(struct home *h, struct catalog *c, struct span study, uint64_t index,
                 const struct entry *x, struct hash leaf, struct err *e)
{
    struct arena a = {0};
    struct catalog_entry row = {index, span_str(entry_kind_name(x->kind)), x->at, x->subject, leaf};
    bool good = catalog_add_entry(c, study, &row, e) &&
                index_by_kind(h, c, study, index, x, &a, e) && index_objects(c, study, index, x, e);
    arena_close(&a);
    return good;
}
