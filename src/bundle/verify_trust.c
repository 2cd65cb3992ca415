/* Signatures; FORMAT chapter 9, checks 6, 7, 8 and 11. */
#include <string.h>

#include "bundle/verifier.h"

/* The log key that entry 0 names: what an untrusted bundle is consistent with. */
bool verifier_own_log_key(const struct verifier *v, struct note_key *out)
{
    const struct entry *study = history_study(v->history);
    return study != NULL && note_key_parse(v->a, study->study.log, out, NULL);
}

void verifier_check_checkpoint(struct verifier *v)
{
    struct err e = {0};
    if (!note_parse(v->a, v->note_bytes, &v->note, &e) ||
        !checkpoint_parse(v->note.text, &v->verdict->checkpoint, &e)) {
        issues_add(v->issues, ISSUE_CHECKPOINT_MALFORMED, "data/checkpoint", "%s", e.text);
        return;
    }
    if (v->verdict->checkpoint.extensions.n > 0)
        issues_add(v->issues, ISSUE_CHECKPOINT_MALFORMED, "data/checkpoint",
                   "it has extension lines");
    v->note_parsed = true;
}

/* FORMAT chapter 2: Ed25519 with SHA-512. */
static bool sshsig_good(const struct sshsig *s, const char *space, struct span message)
{
    return !s->sha256 && sshsig_verify(s, span_str(space), message);
}

/*
 * One of the trusted log keys of that origin has signed; *key is the one. A bad
 * signature by any of them refuses the note.
 */
static bool log_signature(const struct policy *policy, const struct note *n, struct span origin,
                          const char *place, struct issues *issues, struct public_key *key)
{
    bool good = false;
    const struct note_key *k = policy_log(policy, origin, 0);
    if (k == NULL) {
        issues_add(issues, ISSUE_CHECKPOINT_ORIGIN, place, "no \"log\" line for %.*s in policy",
                   SPAN_ARGS(origin));
        return false;
    }
    for (size_t i = 0; (k = policy_log(policy, origin, i)) != NULL; i++) {
        enum note_verdict verdict = note_verify(n, k, NULL);
        if (verdict == NOTE_BAD) {
            issues_add(issues, ISSUE_CHECKPOINT_SIGNATURE, place, "the log's signature is wrong");
            return false;
        }
        if (verdict == NOTE_GOOD) {
            *key = k->key;
            good = true;
        }
    }
    if (!good)
        issues_add(issues, ISSUE_CHECKPOINT_SIGNATURE, place, "no signature by a trusted log key");
    return good;
}

static bool check_log(struct verifier *v)
{
    struct note_key own;
    if (v->options->trust != NULL)
        return log_signature(v->options->trust->policy, &v->note, v->verdict->checkpoint.origin,
                             "data/checkpoint", v->issues, &v->log_key);
    if (verifier_own_log_key(v, &own) && note_verify(&v->note, &own, NULL) == NOTE_GOOD) {
        v->log_key = own.key;
        return true;
    }
    issues_add(v->issues, ISSUE_CHECKPOINT_SIGNATURE, "data/checkpoint",
               "not signed by the log key that entry 0 names");
    return false;
}

/* FORMAT chapter 2: the log signs first, witnesses after it. */
static void check_first_line(struct verifier *v)
{
    uint8_t id[4];
    struct span origin = v->verdict->checkpoint.origin;
    const struct note_signature *first = &v->note.signature[0];
    note_key_id(origin, NOTE_ED25519, &v->log_key, id);
    if (!span_eq(first->name, origin) || memcmp(first->id, id, sizeof id) != 0)
        issues_add(v->issues, ISSUE_CHECKPOINT_MALFORMED, "data/checkpoint",
                   "the first signature line is not the log's");
}

static void check_quorum(struct verifier *v)
{
    struct err e = {0};
    const struct policy *policy = v->options->trust->policy;
    v->verdict->cosigned_needed = policy_witnesses_needed(policy);
    if (!policy_quorum(policy, &v->note, &v->verdict->cosigned, &e))
        issues_add(v->issues, ISSUE_CHECKPOINT_QUORUM, "data/checkpoint", "%s", e.text);
}

/* The key that signed is the one that entry 0 names, name and all. */
static void check_own_log_key(struct verifier *v)
{
    struct note_key own;
    if (!verifier_own_log_key(v, &own) || !public_key_eq(&own.key, &v->log_key) ||
        !span_eq(own.name, v->verdict->checkpoint.origin))
        issues_add(v->issues, ISSUE_CHECKPOINT_ORIGIN, "data/checkpoint",
                   "entry 0 names another log key than the one that signed");
}

static void check_checkpoint_sig(struct verifier *v)
{
    struct sshsig s;
    struct err e = {0};
    const char *place = "data/checkpoint.sig";
    if (!sshsig_parse(v->a, v->checkpoint_sig, &s, &e)) {
        issues_add(v->issues, ISSUE_CHECKPOINT_SIGNATURE, place, "%s", e.text);
        return;
    }
    if (!public_key_eq(&s.key, &v->log_key) || !sshsig_good(&s, CHECKPOINT_NAMESPACE, v->note.text))
        issues_add(v->issues, ISSUE_CHECKPOINT_SIGNATURE, place,
                   "it is not the log key's signature over the checkpoint");
    const struct trust *t = v->options->trust;
    if (t != NULL && ssh_signers_find(&t->signers, &s.key, SPAN(CHECKPOINT_NAMESPACE),
                                      v->verdict->head_time) == NULL)
        issues_add(v->issues, ISSUE_CHECKPOINT_SIGNATURE, place,
                   "allowed_signers does not allow this key for " CHECKPOINT_NAMESPACE
                   " at the time of the last entry");
}

static bool notary_allowed(struct verifier *v, const struct public_key *key)
{
    const struct trust *t = v->options->trust;
    if (t == NULL) {
        const struct entry *study = history_study(v->history);
        struct public_key own;
        if (study != NULL && ssh_key_parse(study->study.notary, &own, NULL) &&
            public_key_eq(&own, key))
            return true;
        issues_add(v->issues, ISSUE_BUNDLE_KEY, "tagmanifest-sha256.txt.sig",
                   "not the notary key that entry 0 names");
        return false;
    }
    const struct ssh_signer *s =
        ssh_signers_find(&t->signers, key, SPAN(BUNDLE_NAMESPACE), v->verdict->head_time);
    if (s != NULL) {
        v->verdict->notary_name = s->principals;
        return true;
    }
    issues_add(v->issues, ISSUE_BUNDLE_KEY, "tagmanifest-sha256.txt.sig",
               "allowed_signers does not allow this key for " BUNDLE_NAMESPACE
               " at the time of the last entry");
    return false;
}

static void check_notary(struct verifier *v)
{
    struct sshsig s;
    struct err e = {0};
    const char *place = "tagmanifest-sha256.txt.sig";
    if (!sshsig_parse(v->a, v->tag_manifest_sig, &s, &e)) {
        issues_add(v->issues, ISSUE_BUNDLE_SIGNATURE, place, "%s", e.text);
        return;
    }
    v->verdict->notary = s.key;
    bool verifies = sshsig_good(&s, BUNDLE_NAMESPACE, v->tag_manifest);
    if (!verifies)
        issues_add(v->issues, ISSUE_BUNDLE_SIGNATURE, place,
                   "it is not a signature of this bundle for " BUNDLE_NAMESPACE);
    v->verdict->notary_good = notary_allowed(v, &s.key) && verifies;
}

void verifier_check_signatures(struct verifier *v)
{
    check_notary(v);
    if (!v->note_parsed)
        return;
    v->verdict->log_good = check_log(v);
    if (v->verdict->log_good) {
        check_first_line(v);
        check_own_log_key(v);
        check_checkpoint_sig(v);
    }
    if (v->options->trust != NULL)
        check_quorum(v);
}

bool bundle_checkpoint(struct source in, const struct trust *trust, const char *place,
                       struct arena *a, struct issues *issues, struct checkpoint *out,
                       struct public_key *key, struct err *e)
{
    struct zip_reader *zip = NULL;
    struct verifier v = {.issues = issues};
    struct span bytes = {0}, name = {0};
    struct note n;
    bool good = zip_open(in, &zip, e);
    *key = (struct public_key){0};
    for (size_t i = 0; good && i < zip_count(zip) && bytes.p == NULL; i++) {
        struct zip_member m;
        zip_stat(zip, i, &m);
        name = span_skip(m.name, span_find(m.name, 0, '/'));
        if (span_eq(name, SPAN("/data/checkpoint")))
            good = zip_read_all(zip, i, CHECKPOINT_MAX, a, &bytes, e);
    }
    zip_shut(zip);
    if (!good)
        return verifier_note(&v, ISSUE_BUNDLE_ARCHIVE, place, e);
    if (!note_parse(a, bytes, &n, e) || !checkpoint_parse(n.text, out, e))
        return verifier_note(&v, ISSUE_CHECKPOINT_MALFORMED, place, e);
    if (trust != NULL)
        log_signature(trust->policy, &n, out->origin, place, issues, key);
    return true;
}
