#include "tests/bundle/bundle_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bundle/layout.h"
#include "format/json_write.h"
#include "format/note.h"
#include "format/ssh_key.h"
#include "format/sshsig.h"
#include "format/zip.h"
#include "ledger/detached.h"
#include "ledger/proof.h"

#define NOTARY_OPTIONS "namespaces=\"trialseal-bundle\""
#define LOG_OPTIONS    "namespaces=\"trialseal-checkpoint\""

static void must(bool done)
{
    if (!done)
        host_fatal("bundle_make");
}

/* The buffer's bytes, in the arena; the buffer is closed. */
static struct span keep(struct made *m, struct buf *b)
{
    struct span s = arena_copy(&m->arena, buf_span(b));
    buf_close(b);
    return s;
}

struct span made_print(struct made *m, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    must(n >= 0);
    struct span s = arena_copy(&m->arena, span_of(text, (size_t)n));
    free(text);
    return s;
}

struct secret_key made_key(uint8_t seed)
{
    uint8_t bytes[SIGN_SEED];
    struct secret_key k;
    memset(bytes, seed, sizeof bytes);
    secret_key_from_seed(bytes, &k);
    return k;
}

/* --- entries --- */

uint64_t made_entry(struct made *m, struct entry x)
{
    must(m->entries < MADE_ENTRIES);
    x.at = m->now++;
    memset(x.salt.b, (int)m->entries + 1, sizeof x.salt.b);
    m->entry[m->entries] = x;
    return m->entries++;
}

static void begin_text(struct made *m, struct json_out *o, enum entry_kind of)
{
    struct hash salt;
    memset(salt.b, 0x80 + (int)m->texts, sizeof salt.b);
    detached_begin(o, of, salt);
}

static struct hash end_text(struct made *m, struct json_out *o)
{
    json_out_object_end(o);
    struct made_text *t = &m->text[m->texts++];
    t->bytes = keep(m, o->b);
    t->name = sha256_of(t->bytes);
    return t->name;
}

static struct hash transfer_text(struct made *m)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    begin_text(m, &o, ENTRY_TRANSFER);
    json_out_array(&o, "files");
    json_out_array_end(&o);
    json_out_null(&o, "id");
    json_out_string(&o, "name", SPAN("night"));
    json_out_null(&o, "reason");
    json_out_null(&o, "statement");
    return end_text(m, &o);
}

static struct hash revision_text(struct made *m, struct span file)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    begin_text(m, &o, ENTRY_REVISION);
    json_out_array(&o, "columns");
    json_out_array_end(&o);
    json_out_string(&o, "file", file);
    json_out_array(&o, "issues");
    json_out_array_end(&o);
    json_out_string(&o, "label", SPAN(""));
    json_out_null(&o, "member");
    json_out_null(&o, "reason");
    json_out_string(&o, "writer", SPAN(""));
    return end_text(m, &o);
}

static struct hash refusal_text(struct made *m)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    begin_text(m, &o, ENTRY_REFUSAL);
    json_out_null(&o, "file");
    json_out_array(&o, "issues");
    json_out_array_end(&o);
    return end_text(m, &o);
}

static struct hash reason_text(struct made *m, enum entry_kind of)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    begin_text(m, &o, of);
    json_out_string(&o, "reason", SPAN("sent by mistake"));
    return end_text(m, &o);
}

static uint64_t add_study(struct made *m)
{
    struct buf log = {0}, notary = {0};
    struct entry x = {.kind = ENTRY_STUDY};
    note_key_write(&log, m->origin, NOTE_ED25519, &m->log.public);
    ssh_key_write(&notary, &m->notary.public);
    x.study.log = keep(m, &log);
    x.study.notary = keep(m, &notary);
    x.study.origin = m->origin;
    x.study.study = m->study;
    x.subject = sha256_of(x.study.log);
    return made_entry(m, x);
}

static uint64_t add_system(struct made *m, enum system_event event)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    struct entry x = {.kind = ENTRY_SYSTEM};
    begin_text(m, &o, ENTRY_SYSTEM);
    json_out_string(&o, "home", SPAN("[home]\n"));
    json_out_array(&o, "schemas");
    json_out_array_end(&o);
    json_out_string(&o, "study", SPAN(""));
    x.subject = x.system.details = end_text(m, &o);
    x.system.event = event;
    x.system.version = SPAN("0.1.0");
    return made_entry(m, x);
}

uint64_t made_transfer(struct made *m, uint64_t new, uint64_t held, uint64_t revisions)
{
    struct entry x = {.kind = ENTRY_TRANSFER, .subject = sha256_of(SPAN("manifest"))};
    x.transfer.details = transfer_text(m);
    x.transfer.new = new;
    x.transfer.held = held;
    x.transfer.received = new + held;
    x.transfer.revisions = revisions;
    return made_entry(m, x);
}

static void number_revision(const struct made *m, struct entry *x)
{
    x->revision.previous = ENTRY_NONE;
    x->revision.revision = 1;
    for (uint64_t i = 0; i < m->entries; i++) {
        const struct entry *before = &m->entry[i];
        if (before->kind != ENTRY_REVISION ||
            !span_eq(before->revision.dataset, x->revision.dataset))
            continue;
        x->revision.revision++;
        if (before->revision.format == x->revision.format)
            x->revision.previous = i;
    }
}

uint64_t made_revision(struct made *m, uint64_t transfer, const char *dataset,
                       enum data_format format, struct span file, struct span bytes, bool deflate)
{
    struct entry x = {.kind = ENTRY_REVISION, .subject = sha256_of(bytes)};
    x.revision.columns = x.revision.records = ENTRY_NONE;
    x.revision.dataset = span_str(dataset);
    x.revision.details = revision_text(m, file);
    x.revision.format = format;
    x.revision.members = 1;
    x.revision.size = bytes.n;
    x.revision.transfer = transfer;
    x.revision.data = revision_data_none;
    x.revision.against = revision_change_none;
    number_revision(m, &x);
    m->payload[m->payloads++] = (struct made_payload){m->entries, file, bytes, deflate};
    return made_entry(m, x);
}

static uint64_t add_refusal(struct made *m, uint64_t transfer)
{
    struct entry x = {.kind = ENTRY_REFUSAL, .subject = sha256_of(SPAN("refused"))};
    x.refusal.details = refusal_text(m);
    x.refusal.issue = SPAN("file-empty");
    x.refusal.issues = 1;
    x.refusal.of = transfer == ENTRY_NONE ? REFUSED_TRANSFER : REFUSED_FILE;
    x.refusal.size = ENTRY_NONE;
    x.refusal.transfer = transfer;
    return made_entry(m, x);
}

static uint64_t add_withdrawal(struct made *m, uint64_t revision)
{
    struct entry x = {.kind = ENTRY_WITHDRAWAL, .subject = m->entry[revision].subject};
    x.withdrawal.details = reason_text(m, ENTRY_WITHDRAWAL);
    x.withdrawal.revision = revision;
    return made_entry(m, x);
}

uint64_t made_erasure(struct made *m, uint64_t entry, enum erasure_of of)
{
    struct entry x = {.kind = ENTRY_ERASURE};
    must(of == ERASED_FILE ? entry_file(&m->entry[entry], &x.subject)
                           : entry_details(&m->entry[entry], &x.subject));
    x.erasure.details = reason_text(m, ENTRY_ERASURE);
    x.erasure.entry = entry;
    x.erasure.of = of;
    return made_entry(m, x);
}

static bool is_erased(const struct made *m, struct hash object)
{
    for (size_t i = 0; i < m->entries; i++)
        if (m->entry[i].kind == ENTRY_ERASURE && hash_eq(m->entry[i].subject, object))
            return true;
    return false;
}

/* About `size` bytes of rows; the seed makes them others. */
static struct span rows(struct made *m, unsigned seed, size_t size)
{
    struct buf b = {0};
    buf_str(&b, "USUBJID,LBTESTCD,LBSTRESN\n");
    for (uint64_t i = 0; b.n < size; i++) {
        buf_str(&b, "S1-");
        buf_u64(&b, 1000 + i / 4);
        buf_str(&b, i % 2 == 0 ? ",ALT," : ",AST,");
        buf_u64(&b, (i * i * 7919 + seed) % 997);
        buf_byte(&b, '\n');
    }
    return keep(m, &b);
}

void made_begin(struct made *m)
{
    *m = (struct made){0};
    m->log = made_key(1);
    m->notary = made_key(2);
    m->study = SPAN("S1");
    m->origin = SPAN("example.org/trials/S1");
    m->now = 1768270332;
}

static void begin_ledger(struct made *m)
{
    made_begin(m);
    add_study(m);
    add_system(m, EVENT_START);
}

void made_small(struct made *m)
{
    begin_ledger(m);
    made_revision(m, made_transfer(m, 1, 0, 1), "LB", FORMAT_CSV, SPAN("lb.csv"), rows(m, 1, 200),
                  true);
}

void made_sample(struct made *m)
{
    begin_ledger(m);
    struct span ae = SPAN("HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!! not really");
    uint64_t first = made_transfer(m, 3, 1, 4);
    made_revision(m, first, "LB", FORMAT_CSV, SPAN("lb.csv"), rows(m, 1, 900), true);
    made_revision(m, first, "DM", FORMAT_CSV, SPAN("dm \xc3\xbc.csv"), rows(m, 2, 300), false);
    uint64_t raw = made_revision(m, first, "AE/RAW", FORMAT_XPT, SPAN("con.xpt"), ae, false);
    uint64_t supp = made_revision(m, first, "AE/SUPP", FORMAT_XPT, SPAN("con.xpt"), ae, false);
    m->entry[raw].revision.members = m->entry[supp].revision.members = 2;
    m->entry[supp].revision.member = 1;
    add_refusal(m, first);
    uint64_t second = made_transfer(m, 2, 0, 2);
    made_revision(m, second, "LB", FORMAT_CSV, SPAN("lb.csv"), rows(m, 3, 900), true);
    made_revision(m, second, "LB", FORMAT_XPT, SPAN("lb.xpt"), ae, false);
    add_withdrawal(m, 4);
    add_refusal(m, ENTRY_NONE);
    struct entry issued = {.kind = ENTRY_ISSUED, .subject = sha256_of(SPAN("bundle"))};
    issued.issued.bytes = 4321;
    issued.issued.scope = SPAN("dataset=LB since=3");
    issued.issued.size = 8;
    made_entry(m, issued);
    add_system(m, EVENT_VERSION);
}

void made_large(struct made *m, unsigned transfers, size_t bytes)
{
    begin_ledger(m);
    for (unsigned i = 0; i < transfers; i++)
        made_revision(m, made_transfer(m, 1, 0, 1), i % 3 == 0 ? "LB" : "VS", FORMAT_CSV,
                      made_print(m, "night-%u.csv", i), rows(m, i, bytes), i % 2 == 0);
}

/* --- tree, written as RFC 6962 section 2.1 defines it --- */

static size_t split(size_t n)
{
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

static struct hash root_of(const struct hash *leaf, size_t n)
{
    if (n == 0)
        return tree_empty();
    if (n == 1)
        return leaf[0];
    size_t k = split(n);
    return tree_node(root_of(leaf, k), root_of(leaf + k, n - k));
}

static void path_of(const struct hash *leaf, size_t n, size_t i, struct tree_proof *out)
{
    if (n == 1)
        return;
    size_t k = split(n);
    if (i < k) {
        path_of(leaf, k, i, out);
        out->hash[out->count++] = root_of(leaf + k, n - k);
    } else {
        path_of(leaf + k, n - k, i - k, out);
        out->hash[out->count++] = root_of(leaf, k);
    }
}

static const struct hash *leaves_of(struct made *m)
{
    struct hash *leaf = arena_array(&m->arena, m->entries + 1, sizeof *leaf);
    for (size_t i = 0; i < m->entries; i++)
        leaf[i] = tree_leaf(m->bytes[i]);
    return leaf;
}

static void step_tree(struct made *m)
{
    for (size_t i = 0; i < m->entries; i++) {
        struct buf b = {0};
        if (m->bytes[i].p != NULL)
            continue;
        entry_write(&b, &m->entry[i]);
        m->bytes[i] = keep(m, &b);
    }
    m->checkpoint = (struct checkpoint){
        .origin = m->origin, .size = m->entries, .root = root_of(leaves_of(m), m->entries)};
}

/* What is sealed must not change any more: the entries get their bytes here. */
uint64_t made_seal(struct made *m, uint64_t size, struct span token)
{
    struct buf text = {0}, note = {0};
    struct entry x = {.kind = ENTRY_SEAL, .subject = sha256_of(token)};
    step_tree(m);
    struct checkpoint c = {
        .origin = m->origin, .size = size, .root = root_of(leaves_of(m), (size_t)size)};
    checkpoint_write(&text, &c);
    note_write(&note, buf_span(&text), m->origin, &m->log);
    struct made_member *checkpoint = &m->sealed[m->sealeds++], *answer = &m->sealed[m->sealeds++];
    checkpoint->path = made_print(m, "data/checkpoints/%012llu%c", (unsigned long long)size, 0);
    checkpoint->bytes = keep(m, &note);
    answer->path = made_print(m, "data/seals/%012llu.tsr%c", (unsigned long long)m->entries, 0);
    answer->bytes = token;
    x.seal.checkpoint = sha256_of(checkpoint->bytes);
    x.seal.size = size;
    x.seal.time = m->now;
    buf_close(&text);
    return made_entry(m, x);
}

static void step_checkpoint(struct made *m)
{
    struct buf text = {0}, note = {0}, sig = {0};
    checkpoint_write(&text, &m->checkpoint);
    note_write(&note, buf_span(&text), m->checkpoint.origin, &m->log);
    sshsig_write(&sig, &m->log, SPAN(CHECKPOINT_NAMESPACE), buf_span(&text));
    m->note = keep(m, &note);
    m->checkpoint_sig = keep(m, &sig);
    buf_close(&text);
}

/* --- members --- */

static int by_path(const void *a, const void *b)
{
    return span_cmp(((const struct made_member *)a)->path, ((const struct made_member *)b)->path);
}

static void add_member(struct made *m, struct made_member x)
{
    must(m->members < MADE_MEMBERS);
    m->member[m->members++] = x;
    qsort(m->member, m->members, sizeof *m->member, by_path);
}

struct made_member *made_find(struct made *m, const char *path)
{
    for (size_t i = 0; i < m->members; i++)
        if (span_starts(m->member[i].path, span_str(path)))
            return &m->member[i];
    return NULL;
}

void made_put(struct made *m, const char *path, struct span bytes)
{
    struct made_member *x = made_find(m, path);
    if (x != NULL && span_eq(x->path, span_str(path)))
        x->bytes = bytes;
    else
        add_member(
            m, (struct made_member){.path = arena_copy(&m->arena, span_str(path)), .bytes = bytes});
}

void made_drop(struct made *m, const char *path)
{
    struct made_member *x = made_find(m, path);
    must(x != NULL);
    size_t i = (size_t)(x - m->member);
    memmove(x, x + 1, (--m->members - i) * sizeof *x);
}

static void add_payload(struct made *m, const struct made_payload *p)
{
    const struct entry *x = &m->entry[p->entry];
    struct buf path = {0};
    for (size_t i = 0; i < m->entries; i++)
        if (m->entry[i].kind == ENTRY_WITHDRAWAL && m->entry[i].withdrawal.revision == p->entry)
            return;
    if (!scope_contains(&m->scope, x->revision.dataset, p->entry) || is_erased(m, x->subject))
        return;
    layout_revision(&path, x->revision.dataset, x->revision.revision);
    if (is_erased(m, x->revision.details))
        buf_str(&path, LAYOUT_ERASED_NAME);
    else
        layout_file_name(&path, p->file);
    add_member(
        m, (struct made_member){.path = keep(m, &path), .bytes = p->bytes, .deflate = p->deflate});
}

static void add_proof(struct made *m, const struct hash *leaf, uint64_t index)
{
    struct proof p = {.index = index, .checkpoint = m->note};
    struct buf path = {0}, text = {0};
    path_of(leaf, m->entries, index, &p.path);
    proof_write(&text, &p);
    layout_proof(&path, index);
    add_member(m, (struct made_member){.path = keep(m, &path), .bytes = keep(m, &text)});
}

static void add_entries(struct made *m)
{
    const struct hash *leaf = leaves_of(m);
    for (uint64_t i = 0; i < m->entries; i++) {
        struct buf path = {0};
        layout_entry(&path, i);
        add_member(m, (struct made_member){.path = keep(m, &path), .bytes = m->bytes[i]});
        if (m->entry[i].kind == ENTRY_REVISION)
            add_proof(m, leaf, i);
    }
}

static int64_t head_time(const struct made *m)
{
    return m->entries == 0 ? 0 : m->entry[m->entries - 1].at;
}

static void step_members(struct made *m)
{
    struct bag_info info = {m->origin, head_time(m), m->entries, 0, 0, m->scope};
    struct buf verify = {0}, folder = {0};
    layout_folder(&folder, m->study, m->entries);
    buf_byte(&folder, '/');
    m->folder = keep(m, &folder);
    verify_text_write(&verify, &info);
    made_put(m, "data/VERIFY.txt", keep(m, &verify));
    made_put(m, "data/checkpoint", m->note);
    made_put(m, "data/checkpoint.sig", m->checkpoint_sig);
    for (size_t i = 0; i < m->payloads; i++)
        add_payload(m, &m->payload[i]);
    add_entries(m);
    for (size_t i = 0; i < m->sealeds; i++)
        made_put(m, (const char *)m->sealed[i].path.p, m->sealed[i].bytes);
    for (size_t i = 0; i < m->texts; i++) {
        struct buf path = {0};
        if (is_erased(m, m->text[i].name))
            continue;
        layout_object(&path, m->text[i].name);
        add_member(m, (struct made_member){.path = keep(m, &path), .bytes = m->text[i].bytes});
    }
}

struct span made_deflate(struct made *m, struct span bytes, int level)
{
    z_stream z = {0};
    must(deflateInit2(&z, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, bytes.n);
    uint8_t *p = arena_new(&m->arena, room);
    z.next_in = (Bytef *)(uintptr_t)bytes.p;
    z.avail_in = (uInt)bytes.n;
    z.next_out = p;
    z.avail_out = (uInt)room;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return span_of(p, z.total_out);
}

static void step_deflated(struct made *m)
{
    struct buf lines = {0};
    for (size_t i = 0; i < m->members; i++) {
        struct made_member *x = &m->member[i];
        if (!x->deflate)
            continue;
        if (x->stored.p == NULL)
            x->stored = made_deflate(m, x->bytes, 6);
        layout_manifest_line(&lines, sha256_of(x->stored), x->path);
    }
    made_put(m, "data/deflated-sha256.txt", keep(m, &lines));
}

static void step_tags(struct made *m)
{
    struct bag_info info = {m->origin, head_time(m), m->entries, 0, 0, m->scope};
    struct buf text = {0};
    for (size_t i = 0; i < m->members; i++)
        if (span_starts(m->member[i].path, SPAN("data/"))) {
            info.payload_bytes += m->member[i].bytes.n;
            info.payload_files++;
        }
    bag_info_write(&text, &info);
    made_put(m, "bag-info.txt", keep(m, &text));
    made_put(m, "bagit.txt", bagit_text());
}

static struct span list(struct made *m, bool data)
{
    struct buf lines = {0};
    for (size_t i = 0; i < m->members; i++)
        if (span_starts(m->member[i].path, SPAN("data/")) == data)
            layout_manifest_line(&lines, sha256_of(m->member[i].bytes), m->member[i].path);
    return keep(m, &lines);
}

static void step_manifest(struct made *m)
{
    made_put(m, "manifest-sha256.txt", list(m, true));
}

static void step_tag_manifest(struct made *m)
{
    made_put(m, "tagmanifest-sha256.txt", list(m, false));
}

static void step_signature(struct made *m)
{
    struct buf sig = {0};
    sshsig_write(&sig, &m->notary, SPAN(BUNDLE_NAMESPACE),
                 made_find(m, "tagmanifest-sha256.txt")->bytes);
    made_put(m, "tagmanifest-sha256.txt.sig", keep(m, &sig));
}

static void zip_one(struct made *m, struct zip_writer *w, const struct made_member *x)
{
    struct buf name = {0};
    struct err e = {0};
    buf_add(&name, m->folder);
    buf_add(&name, x->path);
    bool deflated = x->stored.p != NULL;
    const struct zip_member z = {
        .name = buf_span(&name),
        .method = deflated ? ZIP_DEFLATED : ZIP_STORED,
        .crc32 = (uint32_t)crc32_z(0, x->bytes.p, x->bytes.n),
        .size = x->bytes.n,
        .stored = deflated ? x->stored.n : x->bytes.n,
    };
    if (!zip_add(w, &z, &e) || !zip_feed(w, deflated ? x->stored : x->bytes, &e))
        host_fatal(e.text);
    buf_close(&name);
}

static void step_zip(struct made *m)
{
    struct buf out = {0};
    struct zip_writer *w = zip_create(sink_to(&out));
    struct err e = {0};
    for (size_t i = 0; i < m->members; i++)
        zip_one(m, w, &m->member[i]);
    if (!zip_finish(w, &e))
        host_fatal(e.text);
    zip_close(w);
    m->zip = keep(m, &out);
}

/* --- all --- */

void made_to(struct made *m, enum made_step step)
{
    static void (*const steps[STEPS])(struct made * m) = {
        [STEP_TREE] = step_tree,
        [STEP_CHECKPOINT] = step_checkpoint,
        [STEP_MEMBERS] = step_members,
        [STEP_DEFLATED] = step_deflated,
        [STEP_TAGS] = step_tags,
        [STEP_MANIFEST] = step_manifest,
        [STEP_TAG_MANIFEST] = step_tag_manifest,
        [STEP_SIGNATURE] = step_signature,
        [STEP_ZIP] = step_zip,
    };
    for (; m->next < step; m->next++)
        steps[m->next](m);
}

struct span made_zip(struct made *m)
{
    made_to(m, STEPS);
    return m->zip;
}

void made_close(struct made *m)
{
    arena_close(&m->arena);
}

/* --- trust --- */

struct span made_policy(struct made *m, const char *more)
{
    struct buf b = {0};
    buf_str(&b, "log ");
    note_key_write(&b, m->origin, NOTE_ED25519, &m->log.public);
    buf_byte(&b, '\n');
    buf_str(&b, more);
    return keep(m, &b);
}

static void add_signer(struct buf *b, const char *who, const char *options,
                       const struct public_key *k)
{
    buf_str(b, who);
    buf_byte(b, ' ');
    buf_str(b, options);
    buf_str(b, options[0] != '\0' ? " " : "");
    ssh_key_write(b, k);
    buf_byte(b, '\n');
}

struct span made_signers(struct made *m, const char *notary_options, const char *log_options)
{
    struct buf b = {0};
    add_signer(&b, "notary@example.org", notary_options, &m->notary.public);
    add_signer(&b, "log@example.org", log_options, &m->log.public);
    return keep(m, &b);
}

struct trust made_trust(struct made *m)
{
    struct trust t;
    struct err e = {0};
    if (!trust_parse(&m->arena, made_policy(m, "quorum none\n"),
                     made_signers(m, NOTARY_OPTIONS, LOG_OPTIONS), span_of(NULL, 0), &t, &e))
        host_fatal(e.text);
    return t;
}
