#include "tests/ledger/entry_make.h"

#include <string.h>

#include "format/note.h"
#include "format/ssh_key.h"

static struct arena kept; /* never freed, so no leak */

struct hash hash_fill(uint8_t c)
{
    struct hash h;
    memset(h.b, c, sizeof h.b);
    return h;
}

static struct public_key public_of(uint8_t seed)
{
    struct secret_key k;
    struct hash bytes = hash_fill(seed);
    secret_key_from_seed(bytes.b, &k);
    return k.public;
}

struct span log_key_make(struct arena *a, struct span origin, uint8_t seed)
{
    struct buf b = {0};
    struct public_key k = public_of(seed);
    note_key_write(&b, origin, NOTE_ED25519, &k);
    struct span s = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return s;
}

struct span ssh_key_make(struct arena *a, uint8_t seed)
{
    struct buf b = {0};
    struct public_key k = public_of(seed);
    ssh_key_write(&b, &k);
    struct span s = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return s;
}

static void make_study(struct entry *x)
{
    x->study.origin = SPAN("example.org/trials/S1");
    x->study.study = SPAN("S1");
    x->study.log = log_key_make(&kept, x->study.origin, 1);
    x->study.notary = ssh_key_make(&kept, 2);
    x->study.test = true;
    x->subject = sha256_of(x->study.log);
}

static void make_system(struct entry *x)
{
    x->system.clock = CLOCK_SET;
    x->system.event = EVENT_START;
    x->system.details = x->subject;
    x->system.version = SPAN("0.1.0-rc1+b2~3");
}

static void make_transfer(struct entry *x)
{
    x->transfer.cutoff = SPAN("2026-02-28");
    x->transfer.details = hash_fill(0xd0);
    x->transfer.kind = TRANSFER_PRODUCTION;
    x->transfer.scope = SCOPE_CUMULATIVE;
    x->transfer.new = 3;
    x->transfer.unchanged = 4;
    x->transfer.held = 2;
    x->transfer.received = 9;
    x->transfer.revisions = 5;
}

static void make_revision(struct entry *x)
{
    x->revision.columns = 11;
    x->revision.dataset = SPAN("SDTM/LB");
    x->revision.details = hash_fill(0xd1);
    x->revision.format = FORMAT_XPT;
    x->revision.member = 1;
    x->revision.members = 12;
    x->revision.previous = 13;
    x->revision.records = 14;
    x->revision.revision = 15;
    x->revision.size = 16;
    x->revision.transfer = 17;
    x->revision.data = (struct revision_data){
        .form = 1,
        .content = hash_fill(0xe0),
        .order = hash_fill(0xe1),
        .strict = hash_fill(0xe2),
        .strict_order = hash_fill(0xe3),
        .metadata = hash_fill(0xe4),
        .schema = hash_fill(0xe5),
        .key = KEY_STUDY,
        .duplicates = 27,
        .root = hash_fill(0xe6),
        .secret = hash_fill(0xe7),
    };
    x->revision.against = (struct revision_change){
        .change = CHANGE_DATA, .added = 28, .changed = 29, .removed = 30, .reverted = 31};
}

static void make_refusal(struct entry *x)
{
    x->refusal.details = hash_fill(0xd2);
    x->refusal.issue = SPAN("format-malformed");
    x->refusal.issues = 18;
    x->refusal.of = REFUSED_FILE;
    x->refusal.size = 19;
    x->refusal.transfer = 20;
}

struct entry entry_make(enum entry_kind k)
{
    struct entry x = {
        .kind = k, .at = 1768270332, .salt = hash_fill(0x5a), .subject = hash_fill(0xb0)};
    if (k == ENTRY_STUDY)
        make_study(&x);
    if (k == ENTRY_SYSTEM)
        make_system(&x);
    if (k == ENTRY_TRANSFER)
        make_transfer(&x);
    if (k == ENTRY_REVISION)
        make_revision(&x);
    if (k == ENTRY_REFUSAL)
        make_refusal(&x);
    if (k == ENTRY_WITHDRAWAL) {
        x.withdrawal.details = hash_fill(0xd3);
        x.withdrawal.revision = 21;
    }
    if (k == ENTRY_ISSUED) {
        x.issued.bytes = 22;
        x.issued.scope = SPAN("dataset=SDTM/LB since=23");
        x.issued.size = 24;
    }
    if (k == ENTRY_ERASURE) {
        x.erasure.details = hash_fill(0xd5);
        x.erasure.entry = 26;
        x.erasure.of = ERASED_TEXT;
    }
    if (k == ENTRY_SEAL) {
        x.seal.checkpoint = hash_fill(0xd4);
        x.seal.size = 25;
        x.seal.time = 1768270300;
    }
    return x;
}

struct span entry_bytes(struct arena *a, const struct entry *x)
{
    struct buf b = {0};
    entry_write(&b, x);
    struct span s = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return s;
}
