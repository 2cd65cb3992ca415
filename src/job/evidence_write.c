/* Writes the members of a bundle, in order, each once; FORMAT chapter 6. */
#include "job/evidence_write.h"

#include "format/sshsig.h"
#include "ledger/detached.h"
#include "store/keys.h"
#include "store/objects.h"
#include "study/receipt.h"

enum { OUTPUT_BUFFER = 256 * 1024 };

bool evidence_proof(struct bundling *b, size_t revision, struct buf *out, struct err *e)
{
    buf_clear(out);
    return receipt_proof(append_log(b->append), history_revision(b->history, revision)->entry,
                         b->size, buf_span(&b->note), out, e);
}

bool evidence_shows_checkpoint(const struct bundling *b, size_t seal)
{
    return seal == 0 ||
           history_seal(b->history, seal)->size != history_seal(b->history, seal - 1)->size;
}

static bool flush(struct bundling *b, struct err *e)
{
    bool good = b->file.write(b->file.ctx, buf_span(&b->out), e);
    buf_clear(&b->out);
    return good;
}

static bool write_out(void *ctx, struct span s, struct err *e)
{
    struct bundling *b = ctx;
    sha256_feed(&b->sha, s);
    b->written += s.n;
    buf_add(&b->out, s);
    return b->out.n < OUTPUT_BUFFER || flush(b, e);
}

static struct span member_name(struct bundling *b, struct buf *name, struct span path)
{
    buf_clear(name);
    buf_add(name, b->folder);
    buf_add(name, path);
    return buf_span(name);
}

/* A whole member, listed in `list` (which may be NULL). */
static bool add_bytes(struct bundling *b, struct span path, struct span bytes, struct buf *list,
                      struct err *e)
{
    struct buf name = {0};
    bool good = zip_add_bytes(b->zip, member_name(b, &name, path), bytes, e);
    buf_close(&name);
    if (list != NULL)
        layout_manifest_line(list, sha256_of(bytes), path);
    return good;
}

/* A member's bytes as they lie in the ZIP, and their own hash. */
struct stored {
    struct zip_writer *zip;
    struct sha256 sha;
};

static bool feed_stored(void *ctx, struct span s, struct err *e)
{
    struct stored *t = ctx;
    sha256_feed(&t->sha, s);
    return zip_feed(t->zip, s, e);
}

static bool add_payload(struct bundling *b, const struct payload *p, struct err *e)
{
    struct object *o;
    struct buf name = {0};
    struct stored stored = {.zip = b->zip};
    if (!objects_open(b->home, p->hash, &o, e))
        return false;
    struct zip_member m = {.name = member_name(b, &name, p->path),
                           .method = object_method(o),
                           .size = object_size(o),
                           .stored = object_stored(o).size};
    sha256_begin(&stored.sha);
    bool good = object_crc32(o, &m.crc32, e) && zip_add(b->zip, &m, e) &&
                source_copy(object_stored(o), (struct sink){feed_stored, &stored}, e);
    if (good && m.method == ZIP_DEFLATED)
        layout_manifest_line(&b->deflated, sha256_end(&stored.sha), p->path);
    layout_manifest_line(&b->manifest, p->hash, p->path);
    object_close(o);
    buf_close(&name);
    return good;
}

static bool write_entry(void *ctx, uint64_t index, struct span bytes, struct err *e)
{
    struct bundling *b = ctx;
    struct buf path = {0};
    layout_entry(&path, index);
    bool good = add_bytes(b, buf_span(&path), bytes, &b->manifest, e);
    buf_close(&path);
    return good;
}

/* An object of the home, whole. */
static bool add_object(struct bundling *b, struct hash h, struct span path, size_t max,
                       struct err *e)
{
    struct arena a = {0};
    struct span bytes;
    bool good = objects_read_all(b->home, h, max, &a, &bytes, e) &&
                add_bytes(b, path, bytes, &b->manifest, e);
    arena_close(&a);
    return good;
}

static bool write_objects(struct bundling *b, struct err *e)
{
    bool good = true;
    for (size_t i = 0; good && i < b->objects; i++) {
        struct buf path = {0};
        layout_object(&path, b->object[i]);
        good = add_object(b, b->object[i], buf_span(&path), DETACHED_MAX, e);
        buf_close(&path);
    }
    return good;
}

static bool write_proofs(struct bundling *b, struct err *e)
{
    struct buf proof = {0}, path = {0};
    bool good = true;
    for (size_t i = 0; good && i < history_revisions(b->history); i++) {
        buf_clear(&path);
        layout_proof(&path, history_revision(b->history, i)->entry);
        good = evidence_proof(b, i, &proof, e) &&
               add_bytes(b, buf_span(&path), buf_span(&proof), &b->manifest, e);
    }
    buf_close(&path);
    buf_close(&proof);
    return good;
}

static bool write_checkpoints(struct bundling *b, struct err *e)
{
    struct buf path = {0};
    bool good = true;
    for (size_t i = 0; good && i < history_seals(b->history); i++) {
        const struct history_seal *s = history_seal(b->history, i);
        if (!evidence_shows_checkpoint(b, i))
            continue;
        buf_clear(&path);
        layout_checkpoint(&path, s->size);
        good = add_object(b, s->checkpoint, buf_span(&path), CHECKPOINT_MAX, e);
    }
    buf_close(&path);
    return good;
}

static bool write_tokens(struct bundling *b, struct err *e)
{
    struct buf path = {0};
    bool good = true;
    for (size_t i = 0; good && i < history_seals(b->history); i++) {
        const struct history_seal *s = history_seal(b->history, i);
        buf_clear(&path);
        layout_token(&path, s->entry);
        good = add_object(b, s->token, buf_span(&path), BUNDLE_TOKEN_MAX, e);
    }
    buf_close(&path);
    return good;
}

static bool write_data(struct bundling *b, struct err *e)
{
    struct buf verify = {0};
    verify_text_write(&verify, &b->info);
    bool good =
        add_bytes(b, SPAN("data/VERIFY.txt"), buf_span(&verify), &b->manifest, e) &&
        add_bytes(b, SPAN("data/checkpoint"), buf_span(&b->note), &b->manifest, e) &&
        add_bytes(b, SPAN("data/checkpoint.sig"), buf_span(&b->checkpoint_sig), &b->manifest, e) &&
        write_checkpoints(b, e);
    buf_close(&verify);
    for (size_t i = 0; good && i < b->payloads; i++)
        good = add_payload(b, &b->payload[i], e);
    return good &&
           add_bytes(b, SPAN("data/deflated-sha256.txt"), buf_span(&b->deflated), &b->manifest,
                     e) &&
           log_each_entry(append_log(b->append), 0, b->size, write_entry, b, e) &&
           write_objects(b, e) && write_proofs(b, e) && write_tokens(b, e);
}

bool evidence_sign(struct bundling *b, const char *key, struct span space, struct span message,
                   struct buf *out, struct err *e)
{
    struct secret_key k;
    if (!keys_load(b->home, key, &k, e))
        return false;
    sshsig_write(out, &k, space, message);
    secret_key_wipe(&k);
    return true;
}

static bool write_signature(struct bundling *b, struct err *e)
{
    struct buf sig = {0};
    bool good = evidence_sign(b, KEYS_NOTARY, SPAN(BUNDLE_NAMESPACE), buf_span(&b->tag_manifest),
                              &sig, e) &&
                add_bytes(b, SPAN("tagmanifest-sha256.txt.sig"), buf_span(&sig), NULL, e);
    buf_close(&sig);
    return good;
}

static bool write_members(struct bundling *b, struct err *e)
{
    struct buf info = {0};
    bag_info_write(&info, &b->info);
    bool good =
        add_bytes(b, SPAN("bag-info.txt"), buf_span(&info), &b->tag_manifest, e) &&
        add_bytes(b, SPAN("bagit.txt"), bagit_text(), &b->tag_manifest, e) && write_data(b, e) &&
        add_bytes(b, SPAN("manifest-sha256.txt"), buf_span(&b->manifest), &b->tag_manifest, e) &&
        add_bytes(b, SPAN("tagmanifest-sha256.txt"), buf_span(&b->tag_manifest), NULL, e) &&
        write_signature(b, e);
    buf_close(&info);
    return good;
}

bool evidence_write(struct bundling *b, struct temp *t, struct err *e)
{
    b->file = file_sink(&t->file);
    b->zip = zip_create((struct sink){write_out, b});
    sha256_begin(&b->sha);
    return write_members(b, e) && zip_finish(b->zip, e) && flush(b, e);
}
