#include "job/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "bundle/trust.h"
#include "bundle/verify.h"
#include "format/note.h"
#include "job/evidence_write.h"
#include "job/reseal.h"
#include "ledger/detached.h"
#include "os/dir.h"
#include "store/keys.h"
#include "store/objects.h"
#include "study/study.h"

/* --- what the ledger says --- */

/* Entries below the trailing `issued` ones. */
static bool find_size(struct bundling *b, struct err *e)
{
    b->size = append_signed(b->append);
    while (b->size > 0) {
        struct arena a = {0};
        struct catalog_entry x;
        bool found;
        bool good = catalog_entry_at(b->catalog, b->study, b->size - 1, &a, &x, &found, e);
        bool issued = good && found && span_eq(x.kind, span_str(entry_kind_name(ENTRY_ISSUED)));
        arena_close(&a);
        if (!good || !found)
            return good ? err_set(e, ERR_INTEGRITY, "the catalog lacks entry %llu",
                                  (unsigned long long)b->size - 1)
                        : false;
        if (!issued)
            break;
        b->size--;
    }
    return true;
}

static void add_object(struct bundling *b, struct hash h)
{
    b->object = mem_room(b->object, b->objects, &b->object_cap, sizeof *b->object);
    b->object[b->objects++] = h;
}

static bool read_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct bundling *b = ctx;
    struct arena a = {0};
    struct entry x;
    struct hash details;
    enum issue_id issue;
    bool good = entry_parse(&a, bytes, &x, e) && history_add(b->history, &x, &issue, e);
    if (good && entry_details(&x, &details))
        add_object(b, details);
    b->entry_bytes += bytes.n;
    arena_close(&a);
    return good || err_at(e, "entry %llu", (unsigned long long)index);
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_SIZE);
}

/* Each once. */
static void sort_objects(struct bundling *b)
{
    size_t n = 0;
    if (b->objects > 0)
        qsort(b->object, b->objects, sizeof *b->object, compare_hashes);
    for (size_t i = 0; i < b->objects; i++)
        if ((n == 0 || !hash_eq(b->object[n - 1], b->object[i])) &&
            !history_is_erased(b->history, b->object[i]))
            b->object[n++] = b->object[i];
    b->objects = n;
}

static bool read_ledger(struct bundling *b, struct err *e)
{
    enum issue_id issue;
    b->history = history_open(SPAN(""));
    if (!log_each_entry(append_log(b->append), 0, b->size, read_entry, b, e) ||
        !history_end(b->history, &issue, e)) {
        e->kind = e->kind == ERR_FORMAT || e->kind == ERR_STATE ? ERR_INTEGRITY : e->kind;
        return false;
    }
    sort_objects(b);
    return append_checkpoint_at(b->append, b->size, &b->note, e);
}

static bool check_notary(struct bundling *b, struct err *e)
{
    const struct entry *study = history_study(b->history);
    return study == NULL || keys_check_notary(b->home, study->study.notary, e);
}

/* --- what the bundle will carry --- */

static bool payload_path(struct bundling *b, const struct history_revision *r, struct span *out,
                         struct err *e)
{
    struct catalog_revision row;
    bool found;
    struct buf path = {0};
    if (!catalog_revision_at(b->catalog, b->study, r->entry, b->a, &row, &found, e))
        return false;
    if (!found)
        return err_set(e, ERR_INTEGRITY, "the catalog lacks revision %llu of %.*s",
                       (unsigned long long)r->revision, SPAN_ARGS(r->dataset));
    layout_revision(&path, r->dataset, r->revision);
    buf_add(&path, row.file);
    *out = arena_copy(b->a, buf_span(&path));
    buf_close(&path);
    return true;
}

static int compare_payloads(const void *a, const void *b)
{
    return span_cmp(((const struct payload *)a)->path, ((const struct payload *)b)->path);
}

static bool choose_payload(struct bundling *b, struct err *e)
{
    size_t revisions = history_revisions(b->history);
    b->payload = arena_array(b->a, revisions, sizeof *b->payload);
    for (size_t i = 0; i < revisions; i++) {
        const struct history_revision *r = history_revision(b->history, i);
        if (r->withdrawn || !scope_contains(b->scope, r->dataset, r->entry) ||
            history_is_erased(b->history, r->subject))
            continue;
        struct payload *p = &b->payload[b->payloads++];
        p->hash = r->subject;
        if (!objects_deflate(b->home, r->subject, e) || !payload_path(b, r, &p->path, e))
            return false;
    }
    if (b->payloads > 0)
        qsort(b->payload, b->payloads, sizeof *b->payload, compare_payloads);
    return true;
}

/* --- sizes, which bag-info.txt states before anything is written --- */

static bool count_object(struct bundling *b, struct hash h, struct err *e)
{
    struct object *o;
    if (!objects_open(b->home, h, &o, e))
        return false;
    b->info.payload_bytes += object_size(o);
    b->info.payload_files++;
    object_close(o);
    return true;
}

static bool sum_seals(struct bundling *b, struct err *e)
{
    for (size_t i = 0; i < history_seals(b->history); i++) {
        const struct history_seal *s = history_seal(b->history, i);
        if (!count_object(b, s->token, e) ||
            (evidence_shows_checkpoint(b, i) && !count_object(b, s->checkpoint, e)))
            return false;
    }
    return true;
}

static bool sum_payload(struct bundling *b, uint64_t *deflated_lines, struct err *e)
{
    for (size_t i = 0; i < b->payloads; i++) {
        struct object *o;
        if (!objects_open(b->home, b->payload[i].hash, &o, e))
            return false;
        b->info.payload_bytes += object_size(o);
        if (object_method(o) == ZIP_DEFLATED)
            *deflated_lines += 64 + 2 + b->payload[i].path.n + 1;
        object_close(o);
    }
    for (size_t i = 0; i < b->objects; i++)
        if (!count_object(b, b->object[i], e))
            return false;
    return true;
}

static bool sum_proofs(struct bundling *b, struct err *e)
{
    struct buf proof = {0};
    bool good = true;
    for (size_t i = 0; good && i < history_revisions(b->history); i++) {
        good = evidence_proof(b, i, &proof, e);
        b->info.payload_bytes += proof.n;
    }
    buf_close(&proof);
    return good;
}

static bool fill_info(struct bundling *b, struct err *e)
{
    enum { FIXED_FILES = 4 }; /* VERIFY.txt, checkpoint, checkpoint.sig, deflated-sha256.txt */
    const struct entry *study = history_study(b->history);
    uint64_t deflated = 0;
    struct buf verify = {0};
    b->info.origin = study->study.origin;
    b->info.head_time = history_time(b->history);
    b->info.size = b->size;
    b->info.scope = *b->scope;
    if (!sum_payload(b, &deflated, e) || !sum_proofs(b, e) || !sum_seals(b, e))
        return false;
    verify_text_write(&verify, &b->info);
    b->info.payload_bytes += b->entry_bytes + verify.n + b->note.n + b->checkpoint_sig.n + deflated;
    b->info.payload_files += FIXED_FILES + b->payloads + b->size + history_revisions(b->history);
    buf_close(&verify);
    return true;
}

/* --- verifying our own work --- */

/* The first that is bad; a test home, say, is no reason. */
static bool report_issue(const struct issues *issues, struct err *e)
{
    const struct issue *i = issues->sample;
    while (issue_severity(i->id) < SEVERITY_BAD)
        i++;
    err_set(e, ERR_INTEGRITY, "the bundle would not verify: %s %s: %s", issue_name(i->id), i->place,
            i->detail);
    return err_hint(e, "run trialseal check: something in this home was altered");
}

static bool verify_own(struct bundling *b, struct temp *t, struct err *e)
{
    struct buf policy = {0}, signers = {0};
    struct trust trust;
    struct issues issues = {0};
    struct verdict verdict;
    struct verify_options o = {.trust = &trust};
    t->file.size = b->written;
    bool good =
        study_trust(b->home, b->study, &policy, &signers, e) &&
        trust_parse(b->a, buf_span(&policy), buf_span(&signers), (struct span){0}, &trust, e) &&
        bundle_verify(file_source(&t->file), &o, b->a, &issues, &verdict, e);
    if (good && issues_count(&issues, SEVERITY_BAD) > 0)
        good = report_issue(&issues, e);
    issues_close(&issues);
    buf_close(&policy);
    buf_close(&signers);
    return good;
}

/* --- issued --- */

struct issued_before {
    struct hash hash;
    uint64_t entry;
};

static bool match_issued(void *ctx, const struct catalog_issued *x, struct err *e)
{
    struct issued_before *before = ctx;
    (void)e;
    if (before->entry == ENTRY_NONE && hash_eq(x->sha256, before->hash))
        before->entry = x->index;
    return true;
}

static bool record_issued(struct bundling *b, struct evidence *out, struct err *e)
{
    struct issued_before before = {out->hash, ENTRY_NONE};
    struct buf scope = {0};
    if (!catalog_each_issued(b->catalog, b->study, match_issued, &before, e))
        return false;
    out->issued = before.entry;
    if (before.entry != ENTRY_NONE)
        return true;
    scope_write(&scope, b->scope);
    struct entry x = {.kind = ENTRY_ISSUED, .subject = out->hash};
    x.issued.bytes = b->written;
    x.issued.scope = buf_span(&scope);
    x.issued.size = b->size;
    out->issued = append_size(b->append);
    bool good = append_add(b->append, &x, e) && append_commit(b->append, e);
    buf_close(&scope);
    return good;
}

/* --- all --- */

static bool sign_checkpoint(struct bundling *b, struct err *e)
{
    struct note n;
    return note_parse(b->a, buf_span(&b->note), &n, e) &&
           evidence_sign(b, keys_log(b->a, b->study), SPAN(CHECKPOINT_NAMESPACE), n.text,
                         &b->checkpoint_sig, e);
}

static void name_folder(struct bundling *b)
{
    struct buf name = {0};
    layout_folder(&name, b->study, b->size);
    buf_byte(&name, '/');
    b->folder = arena_copy(b->a, buf_span(&name));
    buf_close(&name);
}

/* "<study>-000000000042.zip", or with the scope in between. */
static const char *default_name(struct bundling *b)
{
    struct buf name = {0};
    layout_folder(&name, b->study, b->size);
    if (b->scope->none)
        buf_str(&name, "-no-data");
    if (b->scope->dataset.n > 0) {
        buf_byte(&name, '-');
        for (size_t i = 0; i < b->scope->dataset.n; i++)
            buf_byte(&name, b->scope->dataset.p[i] == '/' ? '-' : b->scope->dataset.p[i]);
    }
    if (b->scope->since > 0) {
        buf_str(&name, "-since-");
        buf_u64(&name, b->scope->since);
    }
    buf_str(&name, ".zip");
    const char *text = arena_str(b->a, buf_span(&name));
    buf_close(&name);
    return text;
}

struct target {
    int folder;
    const char *name, *path;
};

static bool open_outbox(struct bundling *b, struct target *t, struct err *e)
{
    struct buf full = {0};
    t->name = default_name(b);
    buf_str(&full, b->home->path);
    buf_str(&full, "/outbox/");
    buf_add(&full, b->study);
    buf_byte(&full, '/');
    buf_str(&full, t->name);
    t->path = arena_str(b->a, buf_span(&full));
    buf_close(&full);
    return dir_open(b->home->outbox, arena_str(b->a, b->study), &t->folder, e);
}

static bool open_path(struct bundling *b, const char *path, struct target *t, struct err *e)
{
    char *folder = arena_str(b->a, span_str(path));
    char *slash = strrchr(folder, '/');
    t->path = path;
    t->name = slash == NULL ? path : arena_str(b->a, span_str(slash + 1));
    if (slash != NULL)
        *slash = '\0';
    return dir_open_path(slash == NULL ? "." : slash == folder ? "/" : folder, &t->folder, e);
}

/*
 * Where it goes: the path that was given, or the outbox. Whatever may be wrong with it must show
 * before the ledger says that the bundle was issued.
 */
static bool open_target(struct bundling *b, const char *path, struct target *t, struct err *e)
{
    struct file_info info;
    *t = (struct target){.folder = -1};
    if (!(path == NULL ? open_outbox(b, t, e) : open_path(b, path, t, e)))
        return false;
    if (t->name[0] == '\0')
        return err_set(e, ERR_USAGE, "%s is a folder; give a file name", t->path);
    if (!file_stat(t->folder, t->name, &info, e))
        return false;
    return info.kind == FILE_ABSENT || info.kind == FILE_REGULAR ||
           err_set(e, ERR_USAGE, "%s is there already, and is not a file", t->path);
}

static bool produce(struct bundling *b, const struct target *t, struct evidence *out, struct err *e)
{
    struct temp temp;
    if (!temp_open(t->folder, FILE_PRIVATE, &temp, e))
        return false;
    bool good = evidence_write(b, &temp, e);
    if (good) {
        *out = (struct evidence){b->size, sha256_end(&b->sha), b->written, b->payloads, 0, t->path,
                                 false};
        good = verify_own(b, &temp, e) && record_issued(b, out, e);
        out->sealed = good && reseal_is_sealed(t->folder, t->name, out->hash);
        good = good && (out->sealed || temp_publish(&temp, t->folder, t->name, e));
    }
    temp_drop(&temp);
    return good;
}

static void bundling_close(struct bundling *b)
{
    zip_close(b->zip);
    history_close(b->history);
    append_close(b->append);
    mem_free(b->object);
    buf_close(&b->note);
    buf_close(&b->checkpoint_sig);
    buf_close(&b->out);
    buf_close(&b->manifest);
    buf_close(&b->tag_manifest);
    buf_close(&b->deflated);
}

bool evidence_bundle(struct home *h, struct catalog *c, struct span study,
                     const struct scope *scope, const char *path, int64_t now, struct arena *a,
                     struct evidence *out, struct err *e)
{
    struct bundling b = {.home = h, .catalog = c, .study = study, .a = a, .scope = scope};
    struct target t = {.folder = -1};
    bool good = append_open(h, c, study, now, &b.append, e) &&
                study_note_system(h, c, study, b.append, e) && append_commit(b.append, e) &&
                find_size(&b, e) && read_ledger(&b, e) && check_notary(&b, e) &&
                choose_payload(&b, e) && sign_checkpoint(&b, e) && fill_info(&b, e);
    if (good) {
        name_folder(&b);
        good = open_target(&b, path, &t, e) && produce(&b, &t, out, e);
    }
    dir_close(t.folder);
    bundling_close(&b);
    return good;
}
