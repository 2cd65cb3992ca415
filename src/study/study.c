#include "study/study.h"

#include <string.h>

#include "bundle/layout.h"
#include "bundle/trust.h"
#include "format/json_write.h"
#include "format/note.h"
#include "format/ssh_key.h"
#include "ledger/detached.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/keys.h"
#include "store/objects.h"
#include "study/restored.h"

/* --- configuration --- */

struct configuration {
    struct span home, study;
    struct home_schemas schemas;
};

static bool read_configuration(const struct home *h, struct span study, struct arena *a,
                               struct configuration *out, struct err *e)
{
    struct buf path = {0};
    buf_add(&path, study);
    buf_str(&path, "/study.conf");
    buf_byte(&path, '\0');
    bool good = file_read_all(h->root, HOME_CONF, CONF_MAX, a, &out->home, e) &&
                file_read_all(h->studies, (const char *)path.p, CONF_MAX, a, &out->study, e) &&
                home_study_schemas(h, study, a, &out->schemas, e);
    buf_close(&path);
    if (good && (!span_utf8(out->home) || !span_utf8(out->study)))
        return err_set(e, ERR_FORMAT, "trialseal.conf or study.conf is not UTF-8");
    return good;
}

static void write_schemas(struct json_out *o, const struct home_schemas *s)
{
    json_out_array(o, "schemas");
    for (size_t i = 0; i < s->count; i++) {
        json_out_object(o, NULL);
        json_out_string(o, "name", span_str(s->schema[i].name));
        json_out_string(o, "text", s->schema[i].text);
        json_out_object_end(o);
    }
    json_out_array_end(o);
}

/* The detached text, salted for the entry of that index. */
static bool write_configuration(const struct home *h, struct span study, uint64_t index,
                                struct buf *text, struct err *e)
{
    struct arena a = {0};
    struct configuration c;
    struct json_out o = {.b = text};
    struct hash salt = {{0}};
    bool good = home_random(h, study, index, "configuration", salt.b, e) &&
                read_configuration(h, study, &a, &c, e);
    if (good) {
        detached_begin(&o, ENTRY_SYSTEM, salt);
        json_out_string(&o, "home", c.home);
        write_schemas(&o, &c.schemas);
        json_out_string(&o, "study", c.study);
        json_out_object_end(&o);
    }
    arena_close(&a);
    if (good && text->n > DETACHED_MAX)
        return err_set(e, ERR_LIMIT, "the configuration of %.*s has more than %d bytes",
                       SPAN_ARGS(study), DETACHED_MAX);
    return good;
}

static bool add_system(struct home *h, struct append *a, enum system_event event,
                       struct span configuration, struct err *e)
{
    struct entry x = {.kind = ENTRY_SYSTEM};
    if (!objects_put_one(h, configuration, &x.subject, e))
        return false;
    x.system.clock = h->conf.test ? CLOCK_SET : CLOCK_SYSTEM;
    x.system.event = event;
    x.system.details = x.subject;
    x.system.version = SPAN(TRIALSEAL_VERSION);
    return append_add(a, &x, e);
}

/* The last system entry and the configuration that it names. */
static bool last_system(struct home *h, struct catalog *c, struct span study, struct append *a,
                        struct arena *arena, struct entry *x, struct span *configuration,
                        struct err *e)
{
    struct catalog_entry last;
    struct span bytes;
    bool found;
    if (!catalog_last_of_kind(c, study, span_str(entry_kind_name(ENTRY_SYSTEM)), arena, &last,
                              &found, e))
        return false;
    if (!found)
        return err_set(e, ERR_INTEGRITY, "the ledger has no system entry");
    return log_entry(append_log(a), last.index, append_signed(a), arena, &bytes, e) &&
           entry_parse(arena, bytes, x, e) &&
           objects_read_all(h, x->system.details, DETACHED_MAX, arena, configuration, e);
}

bool study_note_system(struct home *h, struct catalog *c, struct span study, struct append *a,
                       struct err *e)
{
    struct arena arena = {0};
    struct buf now = {0};
    struct span then;
    struct entry x;
    bool restored;
    bool good = restored_due(h, study, append_size(a), &restored, e) &&
                write_configuration(h, study, append_size(a), &now, e) &&
                last_system(h, c, study, a, &arena, &x, &then, e);
    if (good && restored)
        good = add_system(h, a, EVENT_RESTORE, buf_span(&now), e);
    else if (good && !span_eq(x.system.version, SPAN(TRIALSEAL_VERSION)))
        good = add_system(h, a, EVENT_VERSION, buf_span(&now), e);
    else if (good && !detached_same(buf_span(&now), then))
        good = add_system(h, a, EVENT_CONFIGURATION, buf_span(&now), e);
    buf_close(&now);
    arena_close(&arena);
    return good;
}

/* --- a new study --- */

static bool public_keys(const struct home *h, struct span study, struct arena *a,
                        struct public_key *log, struct public_key *notary, struct err *e)
{
    return keys_public(h, keys_log(a, study), log, e) && keys_public(h, KEYS_NOTARY, notary, e);
}

static bool add_study_entry(struct home *h, struct span study, struct append *a, struct err *e)
{
    struct arena arena = {0};
    struct buf vkey = {0}, notary = {0};
    struct public_key log_key, notary_key;
    struct entry x = {.kind = ENTRY_STUDY};
    x.study.origin = home_study_origin(h, &arena, study);
    bool good = public_keys(h, study, &arena, &log_key, &notary_key, e);
    if (good) {
        note_key_write(&vkey, x.study.origin, NOTE_ED25519, &log_key);
        ssh_key_write(&notary, &notary_key);
        x.subject = sha256_of(buf_span(&vkey));
        x.study.log = buf_span(&vkey);
        x.study.notary = buf_span(&notary);
        x.study.study = study;
        x.study.test = h->conf.test;
        good = append_add(a, &x, e);
    }
    buf_close(&vkey);
    buf_close(&notary);
    arena_close(&arena);
    return good;
}

static bool begin_ledger(struct home *h, struct span study, struct append *a, struct err *e)
{
    struct buf configuration = {0};
    bool good = add_study_entry(h, study, a, e) &&
                write_configuration(h, study, append_size(a), &configuration, e) &&
                add_system(h, a, EVENT_START, buf_span(&configuration), e) && append_commit(a, e);
    buf_close(&configuration);
    return good;
}

static bool add_to_catalog(struct home *h, struct catalog *c, struct span study, struct err *e)
{
    struct arena a = {0};
    struct catalog_signed last;
    bool found;
    bool good = catalog_last_signed(c, study, &a, &last, &found, e);
    if (good && !found)
        good = catalog_begin(c, e) &&
               catalog_add_study(c, study, home_study_origin(h, &a, study), e) &&
               catalog_commit(c, e);
    arena_close(&a);
    return good;
}

bool study_add(struct home *h, struct catalog *c, struct span study, int64_t now, struct err *e)
{
    struct append *a = NULL;
    if (!study_name_check(study)) {
        err_set(e, ERR_USAGE, "\"%.*s\" cannot be a study's name", SPAN_ARGS(study));
        return err_hint(e, "letters, digits, '_' and '-', at most %d of them", STUDY_NAME_MAX);
    }
    /* Opening comes first: it publishes what a killed `study add` had signed. */
    bool good = home_study_make(h, study, e) && add_to_catalog(h, c, study, e) &&
                append_open(h, c, study, now, &a, e) &&
                (append_signed(a) == 0 || err_set(e, ERR_USAGE, "the study is there already")) &&
                begin_ledger(h, study, a, e);
    append_close(a);
    catalog_rollback(c);
    return good;
}

/* --- trust folder --- */

static void add_signer(struct buf *b, struct span principal, const char *space,
                       const struct public_key *k)
{
    buf_add(b, principal);
    buf_str(b, " namespaces=\"");
    buf_str(b, space);
    buf_str(b, "\" ");
    ssh_key_write(b, k);
    buf_byte(b, '\n');
}

bool study_trust(struct home *h, struct span study, struct buf *policy, struct buf *signers,
                 struct err *e)
{
    struct arena a = {0};
    struct public_key log_key, notary_key;
    struct span origin = home_study_origin(h, &a, study);
    bool good = public_keys(h, study, &a, &log_key, &notary_key, e);
    if (good) {
        buf_str(policy, "log ");
        note_key_write(policy, origin, NOTE_ED25519, &log_key);
        buf_str(policy, "\nquorum none\n");
        add_signer(signers, h->conf.origin, BUNDLE_NAMESPACE, &notary_key);
        add_signer(signers, origin, CHECKPOINT_NAMESPACE, &log_key);
    }
    arena_close(&a);
    return good;
}

/* A tsa.pem that is not this home's would be part of the folder, and of no fingerprint we tell. */
static bool publish_tsa(int fd, const char *folder, struct span tsa, struct err *e)
{
    struct file_info info;
    if (tsa.p != NULL)
        return publish(fd, HOME_TSA, tsa, FILE_SHARED, e);
    if (!file_stat(fd, HOME_TSA, &info, e))
        return false;
    if (info.kind == FILE_ABSENT)
        return true;
    err_set(e, ERR_USAGE, "%s has a " HOME_TSA ", and this home has none", folder);
    return err_hint(e, "export into a new folder, or put " HOME_TSA " into the home");
}

static bool publish_trust(const char *folder, struct span policy, struct span signers,
                          struct span tsa, struct err *e)
{
    int fd = -1, from = -1;
    const char *below = folder + strspn(folder, "/");
    bool good = dir_open_path(below == folder ? "." : "/", &from, e) &&
                (below[0] == '\0' || dir_make_path(from, below, DIR_SHARED, e)) &&
                dir_open_path(folder, &fd, e) && publish_tsa(fd, folder, tsa, e) &&
                publish(fd, "allowed_signers", signers, FILE_SHARED, e) &&
                publish(fd, "policy", policy, FILE_SHARED, e);
    dir_close(fd);
    dir_close(from);
    return good;
}

bool study_trust_export(struct home *h, struct span study, const char *folder,
                        struct hash *fingerprint, struct err *e)
{
    struct arena a = {0};
    struct conf_study conf;
    struct buf policy = {0}, signers = {0};
    struct trust t;
    struct span tsa;
    bool good = home_study_conf(h, study, &a, &conf, e) &&
                study_trust(h, study, &policy, &signers, e) && home_tsa(h, &a, &tsa, e) &&
                trust_parse(&a, buf_span(&policy), buf_span(&signers), tsa, &t, e) &&
                publish_trust(folder, buf_span(&policy), buf_span(&signers), tsa, e);
    if (good)
        *fingerprint = t.fingerprint;
    buf_close(&policy);
    buf_close(&signers);
    arena_close(&a);
    return good;
}
