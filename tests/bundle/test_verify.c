#include <stdio.h>

#include "bundle/layout.h"
#include "format/ssh_wire.h"
#include "format/sshsig.h"
#include "ledger/tree.h"
#include "tests/bundle/bundle_make.h"
#include "tests/test.h"

/* --- verifying, and comparing the bad issues with those that must come --- */

static struct made m; /* one at a time */

struct seen {
    struct issues issues;
    struct verdict verdict;
};

static void look(struct span zip, const struct trust *trust, const struct known_state *known,
                 struct seen *out)
{
    struct err e = {0};
    const struct verify_options o = {.trust = trust, .known = known};
    *out = (struct seen){0};
    bool done = bundle_verify(source_of(&zip), &o, &m.arena, &out->issues, &out->verdict, &e);
    CU_ASSERT(done && e.kind == ERR_NONE);
}

static bool listed(enum issue_id id, const enum issue_id *ids)
{
    while (*ids != ISSUE_COUNT && *ids != id)
        ids++;
    return *ids == id && id != ISSUE_COUNT;
}

/* The ids of the bad issues are exactly these. */
static void compare(const struct seen *s, const enum issue_id *ids, const char *file, unsigned line)
{
    bool same = true;
    for (enum issue_id id = 0; id < ISSUE_COUNT; id++)
        if (issue_severity(id) == SEVERITY_BAD && (s->issues.count[id] > 0) != listed(id, ids))
            same = false;
    for (size_t i = 0; !same && i < s->issues.samples; i++)
        printf("    %s %s: %s\n", issue_name(s->issues.sample[i].id), s->issues.sample[i].place,
               s->issues.sample[i].detail);
    CU_assertImplementation(same, line, "the issues are these", file, "", CU_FALSE);
}

static void gives(const struct trust *trust, const struct known_state *known,
                  const enum issue_id *ids, const char *file, unsigned line)
{
    struct seen s;
    struct trust own = made_trust(&m);
    look(made_zip(&m), trust == NULL ? &own : trust, known, &s);
    compare(&s, ids, file, line);
    bool green = s.verdict.notary_good && s.verdict.log_good && s.verdict.root_good;
    CU_assertImplementation(ids[0] != ISSUE_COUNT || green, line, "green", file, "", CU_FALSE);
    issues_close(&s.issues);
    made_close(&m);
}

#define LIST(...) ((const enum issue_id[]){__VA_ARGS__})

/* What was made gives exactly these bad issues, with the trust folder that fits it. */
#define GIVES(...) gives(NULL, NULL, LIST(__VA_ARGS__, ISSUE_COUNT), __FILE__, __LINE__)
#define GREEN()    gives(NULL, NULL, LIST(ISSUE_COUNT), __FILE__, __LINE__)
#define GIVES_WITH(trust, known, ...)                                                              \
    gives(trust, known, LIST(__VA_ARGS__, ISSUE_COUNT), __FILE__, __LINE__)

static void sample_to(enum made_step step)
{
    made_sample(&m);
    made_to(&m, step);
}

static struct trust trust_of(struct span policy, struct span signers)
{
    struct trust t;
    struct err e = {0};
    if (!trust_parse(&m.arena, policy, signers, span_of(NULL, 0), &t, &e))
        host_fatal(e.text);
    return t;
}

#define NOTARY_SPACE "namespaces=\"trialseal-bundle\""
#define LOG_SPACE    "namespaces=\"trialseal-checkpoint\""

static struct span usual_signers(void)
{
    return made_signers(&m, NOTARY_SPACE, LOG_SPACE);
}

/* The text with one part of it another; it has no NUL byte. */
static struct span replaced(struct span text, const char *from, const char *to)
{
    char *copy = arena_str(&m.arena, text), *at = strstr(copy, from);
    if (at == NULL)
        host_fatal(from);
    *at = '\0';
    return made_print(&m, "%s%s%s", copy, to, at + strlen(from));
}

static const char *path_of(const char *folder, const char *part)
{
    struct buf b = {0};
    buf_str(&b, folder);
    buf_str(&b, part);
    const char *path = arena_str(&m.arena, buf_span(&b));
    buf_close(&b);
    return path;
}

/* Of the i-th detached text. */
static const char *object_path(size_t i)
{
    struct buf b = {0};
    layout_object(&b, m.text[i].name);
    const char *path = arena_str(&m.arena, buf_span(&b));
    buf_close(&b);
    return path;
}

/* --- check 1: the archive --- */

static void test_verify__refuses_what_is_no_archive(void)
{
    static const char *const texts[] = {"", "PK", "not a bundle at all, but long enough for one"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct seen s;
        made_small(&m);
        struct trust t = made_trust(&m);
        look(span_str(texts[i]), &t, NULL, &s);
        compare(&s, LIST(ISSUE_BUNDLE_ARCHIVE, ISSUE_COUNT), __FILE__, __LINE__);
        issues_close(&s.issues);
        made_close(&m);
    }
}

static bool fails(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    const struct span *s = ctx;
    if (at < s->n / 2)
        return err_set(e, ERR_IO, "the disk says no");
    memcpy(p, s->p + at, n);
    return true;
}

static void test_verify__says_that_it_could_not_read(void)
{
    made_small(&m);
    struct span zip = made_zip(&m);
    struct trust t = made_trust(&m);
    struct verify_options o = {.trust = &t};
    struct issues issues = {0};
    struct verdict verdict;
    struct err e = {0};
    struct source broken = {fails, &zip, zip.n};
    CU_ASSERT(!bundle_verify(broken, &o, &m.arena, &issues, &verdict, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_IO);
    issues_close(&issues);
    made_close(&m);
}

/* --- check 2: the layout --- */

static void test_verify__refuses_a_bundle_without_one_of_its_members(void)
{
    static const char *const paths[] = {
        "bag-info.txt",
        "bagit.txt",
        "data/VERIFY.txt",
        "data/checkpoint.sig",
        "data/checkpoint",
        "data/deflated-sha256.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt.sig",
        "data/entries/000000000000.json",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        sample_to(STEP_ZIP);
        made_drop(&m, paths[i]);
        GIVES(ISSUE_BUNDLE_LAYOUT);
    }
    sample_to(STEP_ZIP);
    made_drop(&m, "tagmanifest-sha256.txt");
    GIVES(ISSUE_BUNDLE_LAYOUT);
}

static void test_verify__refuses_a_member_that_no_bundle_has(void)
{
    static const char *const paths[] = {
        "a",
        "bag-info.txt.bak",
        "data/A",
        "data/README",
        "data/seal",
        "fetch.txt",
        "readme.txt",
        "zzz",
        "data/entries/000000000015.json.bak",
        "data/entries/readme.txt",
        "data/zzz",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        sample_to(STEP_DEFLATED);
        made_put(&m, paths[i], SPAN("listed and signed"));
        GIVES(ISSUE_BUNDLE_LAYOUT);
    }
}

static void test_verify__refuses_entries_that_are_not_all_there(void)
{
    sample_to(STEP_DEFLATED);
    made_drop(&m, "data/entries/000000000007.json");
    GIVES(ISSUE_BUNDLE_LAYOUT);
    sample_to(STEP_DEFLATED); /* the last one: no gap, but not what was signed */
    made_drop(&m, "data/entries/000000000014.json");
    made_drop(&m, object_path(m.texts - 1));
    GIVES(ISSUE_LEDGER_ROOT, ISSUE_BUNDLE_TAG_FILE, ISSUE_BUNDLE_LAYOUT);
}

static void test_verify__refuses_a_folder_with_another_name(void)
{
    static const char *const folders[] = {"S1-000000000014/", "S2-000000000015/", "S1-15/",
                                          "s1-000000000015/", "S1/"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        sample_to(STEP_ZIP);
        m.folder = span_str(folders[i]);
        GIVES(ISSUE_BUNDLE_LAYOUT);
    }
}

static void test_verify__refuses_members_without_or_with_two_folders(void)
{
    sample_to(STEP_ZIP);
    m.folder = SPAN("");
    GIVES(ISSUE_BUNDLE_LAYOUT);
    sample_to(STEP_ZIP);
    m.folder = SPAN("outer/S1-000000000015/");
    GIVES(ISSUE_BUNDLE_LAYOUT);
}

static void test_verify__refuses_compressed_members_that_are_no_datasets(void)
{
    static const char *const paths[] = {"bag-info.txt",  "data/checkpoint", "data/entries/",
                                        "data/objects/", "data/proofs/",    "manifest-sha256.txt"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        sample_to(STEP_ZIP);
        struct made_member *x = made_find(&m, paths[i]);
        x->stored = made_deflate(&m, x->bytes, 9);
        GIVES(ISSUE_BUNDLE_LAYOUT);
    }
}

/* --- check 3: the tag files --- */

static void test_verify__refuses_another_bagit_txt(void)
{
    static const char *const texts[] = {
        "", "BagIt-Version: 1.0\n", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8",
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sample_to(STEP_MANIFEST);
        made_put(&m, "bagit.txt", span_str(texts[i]));
        GIVES(ISSUE_BUNDLE_TAG_FILE);
    }
}

/* bag-info.txt with `from` replaced by `to`. */
static void change_info(const char *from, const char *to)
{
    sample_to(STEP_MANIFEST);
    struct made_member *x = made_find(&m, "bag-info.txt");
    x->bytes = replaced(x->bytes, from, to);
}

static void test_verify__refuses_a_bag_info_that_lies(void)
{
    static const char *const lies[][2] = {
        {"Bagging-Date: 2026", "Bagging-Date: 2025"},
        {"Identifier: example.org", "Identifier: example.com"},
        {"Oxum: ", "Oxum: 1"},
        {"Bundle-Version: 1", "Bundle-Version: 2"},
        {"Head-Time: 2026", "Head-Time: 2027"},
        {"Trialseal-Size: 15", "Trialseal-Size: 16"},
        {"Trialseal-Size: 15\n", ""},
        {"Trialseal-Size: 15\n", "Trialseal-Size: 15\nContact-Name: me\n"},
        {"\n", "\r\n"},
        {"Scope: all", "Scope: everything"},
        {"Scope: all", "Scope:  all"},
        {"Scope: all", "Scope: since=0"},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        change_info(lies[i][0], lies[i][1]);
        GIVES(ISSUE_BUNDLE_TAG_FILE);
    }
}

/* --- checks 4 and 5: the lists --- */

static void test_verify__refuses_bytes_that_the_manifest_does_not_name(void)
{
    sample_to(STEP_ZIP);
    made_put(&m, "data/VERIFY.txt", SPAN("trust me\n"));
    GIVES(ISSUE_BUNDLE_ALTERED, ISSUE_BUNDLE_TAG_FILE); /* Payload-Oxum as well */
    sample_to(STEP_ZIP);
    struct made_member *x = made_find(&m, "data/VERIFY.txt");
    char *same_size = arena_str(&m.arena, x->bytes);
    same_size[0] = 'h';
    x->bytes = span_str(same_size);
    GIVES(ISSUE_BUNDLE_ALTERED);
}

static void test_verify__does_not_take_verify_txt_for_evidence(void)
{
    sample_to(STEP_DEFLATED);
    made_put(&m, "data/VERIFY.txt", SPAN("carried, not evidence\n"));
    GREEN();
}

/* A part of a list made another. */
static void change_list(const char *path, const char *from, const char *to)
{
    struct made_member *x = made_find(&m, path);
    x->bytes = replaced(x->bytes, from, to);
}

static void test_verify__refuses_a_manifest_that_differs(void)
{
    sample_to(STEP_MANIFEST);
    made_drop(&m, "data/VERIFY.txt");
    made_to(&m, STEP_TAG_MANIFEST);
    made_put(&m, "data/VERIFY.txt", SPAN("unlisted"));
    GIVES(ISSUE_BUNDLE_UNLISTED, ISSUE_BUNDLE_TAG_FILE);
    sample_to(STEP_MANIFEST);
    made_put(&m, "data/gone", SPAN("nothing"));
    made_to(&m, STEP_TAG_MANIFEST);
    made_drop(&m, "data/gone");
    GIVES(ISSUE_BUNDLE_MISSING);
    sample_to(STEP_TAG_MANIFEST);
    change_list("manifest-sha256.txt", "  data/VERIFY.txt", " *data/VERIFY.txt");
    GIVES(ISSUE_BUNDLE_TAG_FILE);
    sample_to(STEP_TAG_MANIFEST);
    change_list("manifest-sha256.txt", "  data/VERIFY.txt\n", "  data/VERIFY.txt\r\n");
    GIVES(ISSUE_BUNDLE_MISSING, ISSUE_BUNDLE_UNLISTED);
    sample_to(STEP_TAG_MANIFEST);
    change_list("manifest-sha256.txt", "  data/VERIFY.txt\n", "  data/VERIFY.txt\n\n");
    GIVES(ISSUE_BUNDLE_TAG_FILE);
    sample_to(STEP_TAG_MANIFEST);
    change_list("manifest-sha256.txt", ".tlog-proof\n", ".tlog-prooX\n");
    GIVES(ISSUE_BUNDLE_MISSING, ISSUE_BUNDLE_UNLISTED);
}

static void test_verify__refuses_a_manifest_in_another_order_or_with_lines_twice(void)
{
    sample_to(STEP_TAG_MANIFEST);
    struct made_member *x = made_find(&m, "manifest-sha256.txt");
    struct span rest = x->bytes, first;
    CU_ASSERT_FATAL(span_line(&rest, &first));
    struct span line = span_of(first.p, first.n + 1);
    x->bytes = made_print(&m, "%.*s%.*s", SPAN_ARGS(line), SPAN_ARGS(x->bytes));
    GIVES(ISSUE_BUNDLE_MISSING); /* the second line has no member left */
    sample_to(STEP_TAG_MANIFEST);
    x = made_find(&m, "manifest-sha256.txt");
    rest = x->bytes;
    CU_ASSERT_FATAL(span_line(&rest, &first));
    line = span_of(first.p, first.n + 1);
    x->bytes = made_print(&m, "%.*s%.*s", SPAN_ARGS(rest), SPAN_ARGS(line));
    GIVES(ISSUE_BUNDLE_MISSING, ISSUE_BUNDLE_UNLISTED);
}

static void test_verify__refuses_a_tag_manifest_that_differs(void)
{
    sample_to(STEP_SIGNATURE);
    change_list("tagmanifest-sha256.txt", "  bagit.txt\n", "  bagit.tx\n");
    GIVES(ISSUE_BUNDLE_MISSING, ISSUE_BUNDLE_UNLISTED);
    sample_to(STEP_SIGNATURE);
    made_put(&m, "tagmanifest-sha256.txt", SPAN(""));
    GIVES(ISSUE_BUNDLE_UNLISTED);
    sample_to(STEP_SIGNATURE);
    made_find(&m, "tagmanifest-sha256.txt")->bytes.n--;
    GIVES(ISSUE_BUNDLE_TAG_FILE, ISSUE_BUNDLE_UNLISTED);
}

static void test_verify__refuses_another_encoding_of_the_same_bytes(void)
{
    sample_to(STEP_TAGS);
    struct made_member *x = made_find(&m, "data/datasets/LB/r0001");
    x->stored = made_deflate(&m, x->bytes, 1); /* the notary signs the lists as they are */
    GIVES(ISSUE_BUNDLE_REENCODED);
    sample_to(STEP_TAGS);
    made_find(&m, "data/datasets/LB/r0001")->stored = span_of(NULL, 0); /* stored instead */
    GIVES(ISSUE_BUNDLE_REENCODED);
    sample_to(STEP_TAGS);
    x = made_find(&m, "data/datasets/LB/r0003");
    x->stored = made_deflate(&m, x->bytes, 6); /* deflated and not listed */
    GIVES(ISSUE_BUNDLE_REENCODED);
}

/* --- check 6: the notary --- */

static void test_verify__refuses_a_bundle_that_another_key_signed(void)
{
    made_sample(&m);
    struct trust t = made_trust(&m);
    made_to(&m, STEP_SIGNATURE);
    m.notary = made_key(9);
    GIVES_WITH(&t, NULL, ISSUE_BUNDLE_KEY);
}

static void test_verify__refuses_a_bundle_that_the_log_key_signed(void)
{
    made_sample(&m);
    struct trust t = made_trust(&m);
    made_to(&m, STEP_SIGNATURE);
    m.notary = m.log;
    GIVES_WITH(&t, NULL, ISSUE_BUNDLE_KEY);
}

static void sign_bundle(struct span space, struct span message)
{
    struct buf b = {0};
    sshsig_write(&b, &m.notary, space, message);
    made_put(&m, "tagmanifest-sha256.txt.sig", arena_copy(&m.arena, buf_span(&b)));
    buf_close(&b);
}

static void test_verify__refuses_a_signature_of_something_else(void)
{
    sample_to(STEP_ZIP);
    sign_bundle(SPAN("trialseal-checkpoint"), made_find(&m, "tagmanifest-sha256.txt")->bytes);
    GIVES(ISSUE_BUNDLE_SIGNATURE);
    sample_to(STEP_ZIP);
    sign_bundle(SPAN("file"), made_find(&m, "tagmanifest-sha256.txt")->bytes);
    GIVES(ISSUE_BUNDLE_SIGNATURE);
    sample_to(STEP_ZIP);
    sign_bundle(SPAN(BUNDLE_NAMESPACE), made_find(&m, "manifest-sha256.txt")->bytes);
    GIVES(ISSUE_BUNDLE_SIGNATURE);
    sample_to(STEP_ZIP);
    made_put(&m, "tagmanifest-sha256.txt.sig", SPAN(""));
    GIVES(ISSUE_BUNDLE_SIGNATURE);
    sample_to(STEP_ZIP);
    struct span sig = made_find(&m, "tagmanifest-sha256.txt.sig")->bytes;
    made_put(&m, "tagmanifest-sha256.txt.sig", made_print(&m, "%.*s\n", SPAN_ARGS(sig)));
    GIVES(ISSUE_BUNDLE_SIGNATURE);
}

static void add_middle(struct buf *b, struct span space)
{
    ssh_wire_string(b, space);
    ssh_wire_string(b, SPAN(""));
    ssh_wire_string(b, SPAN("sha256"));
}

/*
 * As sshsig_write does it, but with SHA-256 (PROTOCOL.sshsig): valid, and not what
 * FORMAT allows.
 */
static struct span sign_sha256(const struct secret_key *k, struct span space, struct span message)
{
    struct hash h = sha256_of(message);
    struct buf data = {0}, blob = {0}, text = {0}, inner = {0}, key = {0};
    buf_str(&data, "SSHSIG");
    add_middle(&data, space);
    ssh_wire_string(&data, hash_span(&h));
    ssh_wire_key(&key, &k->public);
    buf_str(&blob, "SSHSIG");
    buf_be32(&blob, 1);
    ssh_wire_string(&blob, buf_span(&key));
    add_middle(&blob, space);
    struct signature s = sign_message(k, buf_span(&data));
    ssh_wire_string(&inner, SPAN("ssh-ed25519"));
    ssh_wire_string(&inner, span_of(s.b, sizeof s.b));
    ssh_wire_string(&blob, buf_span(&inner));
    ssh_armour_write(&text, SPAN("SSH SIGNATURE"), buf_span(&blob));
    struct span sig = arena_copy(&m.arena, buf_span(&text));
    struct sshsig parsed;
    CU_ASSERT_FATAL(sshsig_parse(&m.arena, sig, &parsed, NULL));
    CU_ASSERT(sshsig_verify(&parsed, space, message));
    buf_close(&data), buf_close(&blob), buf_close(&text), buf_close(&inner), buf_close(&key);
    return sig;
}

static void test_verify__refuses_ssh_signatures_with_sha_256(void)
{
    sample_to(STEP_ZIP);
    made_put(&m, "tagmanifest-sha256.txt.sig",
             sign_sha256(&m.notary, SPAN(BUNDLE_NAMESPACE),
                         made_find(&m, "tagmanifest-sha256.txt")->bytes));
    GIVES(ISSUE_BUNDLE_SIGNATURE);
    struct note n;
    sample_to(STEP_MEMBERS);
    CU_ASSERT_FATAL(note_parse(&m.arena, m.note, &n, NULL));
    m.checkpoint_sig = sign_sha256(&m.log, SPAN(CHECKPOINT_NAMESPACE), n.text);
    GIVES(ISSUE_CHECKPOINT_SIGNATURE);
}

/* The head entry of the sample is of 2026-01-13T02:12:26Z. */
static void with_notary_options(const char *options, enum issue_id want)
{
    made_sample(&m);
    struct trust t =
        trust_of(made_policy(&m, "quorum none\n"), made_signers(&m, options, LOG_SPACE));
    GIVES_WITH(&t, NULL, want);
}

static void with_log_options(const char *options, enum issue_id want)
{
    made_sample(&m);
    struct trust t =
        trust_of(made_policy(&m, "quorum none\n"), made_signers(&m, NOTARY_SPACE, options));
    GIVES_WITH(&t, NULL, want);
}

static void test_verify__asks_allowed_signers_for_namespace_and_time(void)
{
    static const struct {
        const char *more;
        bool good;
    } windows[] = {
        {"valid-before=\"20260113021225Z\"", false}, {"valid-before=\"20260113021226Z\"", true},
        {"valid-after=\"20260113021226Z\"", true},   {"valid-after=\"20260113021227Z\"", false},
        {"valid-before=\"20200101Z\"", false},       {"valid-after=\"20200101Z\"", true},
    };
    for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
        char options[128];
        snprintf(options, sizeof options, NOTARY_SPACE ",%s", windows[i].more);
        with_notary_options(options, windows[i].good ? ISSUE_COUNT : ISSUE_BUNDLE_KEY);
        snprintf(options, sizeof options, LOG_SPACE ",%s", windows[i].more);
        with_log_options(options, windows[i].good ? ISSUE_COUNT : ISSUE_CHECKPOINT_SIGNATURE);
    }
    with_notary_options(LOG_SPACE, ISSUE_BUNDLE_KEY);
    with_notary_options("cert-authority", ISSUE_BUNDLE_KEY);
    with_notary_options("", ISSUE_COUNT);
    with_log_options(NOTARY_SPACE, ISSUE_CHECKPOINT_SIGNATURE);
}

/* --- checks 7, 8 and 11: the checkpoint --- */

static void test_verify__refuses_what_is_no_checkpoint(void)
{
    static const char *const texts[] = {
        "", "example.org/trials/S1\n15\n",
        "example.org/trials/S1\n015\nAAAA\n\n\xe2\x80\x94 a AAAAAAAA\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sample_to(STEP_DEFLATED);
        made_put(&m, "data/checkpoint", span_str(texts[i]));
        GIVES(ISSUE_CHECKPOINT_MALFORMED, ISSUE_LEDGER_ROOT, ISSUE_PROOF_WRONG);
    }
}

static void test_verify__refuses_a_checkpoint_with_extension_lines(void)
{
    sample_to(STEP_CHECKPOINT);
    m.checkpoint.extensions = SPAN("more\n");
    GIVES(ISSUE_CHECKPOINT_MALFORMED);
}

static void test_verify__refuses_a_ledger_that_the_policy_does_not_know(void)
{
    made_sample(&m);
    m.origin = SPAN("example.org/other/S1");
    struct trust other = trust_of(made_policy(&m, "quorum none\n"), usual_signers());
    m.origin = SPAN("example.org/trials/S1");
    GIVES_WITH(&other, NULL, ISSUE_CHECKPOINT_ORIGIN);
}

static void test_verify__refuses_a_log_key_that_the_policy_does_not_know(void)
{
    made_sample(&m);
    struct secret_key log = m.log;
    m.log = made_key(9);
    struct trust t = trust_of(made_policy(&m, "quorum none\n"), usual_signers());
    m.log = log;
    GIVES_WITH(&t, NULL, ISSUE_CHECKPOINT_SIGNATURE);
}

static void test_verify__refuses_a_log_key_that_entry_0_does_not_name(void)
{
    sample_to(STEP_CHECKPOINT);
    m.log = made_key(9);
    GIVES(ISSUE_CHECKPOINT_ORIGIN);
}

static void test_verify__refuses_another_signature_over_the_checkpoint(void)
{
    struct buf b = {0};
    sample_to(STEP_CHECKPOINT);
    made_to(&m, STEP_MEMBERS);
    sshsig_write(&b, &m.notary, SPAN(CHECKPOINT_NAMESPACE), SPAN("text"));
    m.checkpoint_sig = arena_copy(&m.arena, buf_span(&b));
    GIVES(ISSUE_CHECKPOINT_SIGNATURE);
    sample_to(STEP_MEMBERS);
    buf_clear(&b);
    sshsig_write(&b, &m.log, SPAN(BUNDLE_NAMESPACE),
                 span_of(m.note.p, m.note.n - span_find(m.note, 0, 0xe2)));
    m.checkpoint_sig = arena_copy(&m.arena, buf_span(&b));
    GIVES(ISSUE_CHECKPOINT_SIGNATURE);
    sample_to(STEP_MEMBERS);
    m.checkpoint_sig = SPAN("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n");
    GIVES(ISSUE_CHECKPOINT_SIGNATURE);
    buf_close(&b);
}

/* The witnesses with seeds 21 and 22, one of which must have cosigned. */
static struct trust with_witnesses(const char *quorum)
{
    struct buf b = {0};
    for (uint8_t seed = 21; seed <= 22; seed++) {
        struct secret_key k = made_key(seed);
        buf_str(&b, seed == 21 ? "witness w1 " : "witness w2 ");
        note_key_write(&b, seed == 21 ? SPAN("w1.example") : SPAN("w2.example"), NOTE_COSIGNATURE,
                       &k.public);
        buf_byte(&b, '\n');
    }
    buf_str(&b, quorum);
    struct trust t = trust_of(made_policy(&m, arena_str(&m.arena, buf_span(&b))), usual_signers());
    buf_close(&b);
    return t;
}

static void cosign(uint8_t seed, const char *name, bool wrong)
{
    struct note n;
    struct buf b = {0};
    struct secret_key k = made_key(seed);
    CU_ASSERT_FATAL(note_parse(&m.arena, m.note, &n, NULL));
    buf_add(&b, m.note);
    note_write_cosignature(&b, wrong ? SPAN("other\n1\nAAAA\n") : n.text, span_str(name), &k,
                           1768270400);
    m.note = arena_copy(&m.arena, buf_span(&b));
    buf_close(&b);
}

static void test_verify__asks_for_the_quorum_of_witnesses(void)
{
    static const struct {
        const char *quorum;
        unsigned cosigners;
        enum issue_id want;
    } cases[] = {
        {"group g any w1 w2\nquorum g\n", 0, ISSUE_CHECKPOINT_QUORUM},
        {"group g any w1 w2\nquorum g\n", 1, ISSUE_COUNT},
        {"group g all w1 w2\nquorum g\n", 1, ISSUE_CHECKPOINT_QUORUM},
        {"group g all w1 w2\nquorum g\n", 2, ISSUE_COUNT},
        {"quorum w2\n", 1, ISSUE_CHECKPOINT_QUORUM},
        {"quorum w1\n", 1, ISSUE_COUNT},
        {"quorum none\n", 0, ISSUE_COUNT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sample_to(STEP_MEMBERS);
        struct trust t = with_witnesses(cases[i].quorum);
        if (cases[i].cosigners > 0)
            cosign(21, "w1.example", false);
        if (cases[i].cosigners > 1)
            cosign(22, "w2.example", false);
        GIVES_WITH(&t, NULL, cases[i].want);
    }
}

static void test_verify__refuses_a_cosignature_that_is_wrong(void)
{
    sample_to(STEP_MEMBERS);
    struct trust t = with_witnesses("group g any w1 w2\nquorum g\n");
    cosign(21, "w1.example", false);
    cosign(22, "w2.example", true);
    GIVES_WITH(&t, NULL, ISSUE_CHECKPOINT_QUORUM);
    sample_to(STEP_MEMBERS);
    t = with_witnesses("group g any w1 w2\nquorum g\n");
    cosign(23, "w1.example", false); /* a key that nobody named */
    GIVES_WITH(&t, NULL, ISSUE_CHECKPOINT_QUORUM);
}

static void test_verify__refuses_a_checkpoint_that_others_sign_before_the_log(void)
{
    sample_to(STEP_MEMBERS);
    struct trust t = with_witnesses("quorum w1\n");
    struct note n;
    CU_ASSERT_FATAL(note_parse(&m.arena, m.note, &n, NULL));
    struct span own = span_skip(m.note, n.text.n + 1);
    cosign(21, "w1.example", false);
    struct span cosigned = span_skip(m.note, n.text.n + 1 + own.n);
    m.note =
        made_print(&m, "%.*s\n%.*s%.*s", SPAN_ARGS(n.text), SPAN_ARGS(cosigned), SPAN_ARGS(own));
    GIVES_WITH(&t, NULL, ISSUE_CHECKPOINT_MALFORMED);
}

static void test_verify__refuses_a_study_whose_log_key_has_another_name(void)
{
    struct buf b = {0};
    made_sample(&m);
    note_key_write(&b, SPAN("example.org/trials/S2"), NOTE_ED25519, &m.log.public);
    m.entry[0].study.log = arena_copy(&m.arena, buf_span(&b));
    m.entry[0].subject = sha256_of(m.entry[0].study.log);
    buf_close(&b);
    GIVES(ISSUE_CHECKPOINT_ORIGIN);
}

/* --- checks 9 and 10: the ledger --- */

static void test_verify__refuses_a_ledger_without_entries(void)
{
    made_begin(&m);
    GIVES(ISSUE_LEDGER_EMPTY, ISSUE_BUNDLE_TAG_FILE, ISSUE_BUNDLE_LAYOUT, ISSUE_CHECKPOINT_ORIGIN);
}

static void test_verify__refuses_a_root_that_the_entries_do_not_give(void)
{
    sample_to(STEP_CHECKPOINT);
    m.checkpoint.root.b[0] ^= 1;
    GIVES(ISSUE_LEDGER_ROOT, ISSUE_PROOF_WRONG);
    sample_to(STEP_CHECKPOINT);
    m.checkpoint.size++; /* with paths that are as long */
    GIVES(ISSUE_LEDGER_ROOT);
}

static void test_verify__refuses_an_entry_that_was_changed_later(void)
{
    sample_to(STEP_MEMBERS);
    m.bytes[7] = m.bytes[12]; /* another refusal in place of the one that was signed */
    GIVES(ISSUE_LEDGER_ROOT, ISSUE_PROOF_WRONG, ISSUE_ENTRY_CHAIN, ISSUE_BUNDLE_UNLISTED);
}

static void test_verify__refuses_time_that_decreases(void)
{
    made_sample(&m);
    m.entry[9].at -= 2;
    GIVES(ISSUE_ENTRY_TIME);
}

static void test_verify__refuses_a_bundle_that_ends_with_the_record_of_one(void)
{
    made_sample(&m);
    made_entry(&m, m.entry[13]);
    GIVES(ISSUE_BUNDLE_LAYOUT);
}

static void test_verify__refuses_a_broken_chain(void)
{
    made_sample(&m);
    m.entry[10].revision.previous = 9;
    GIVES(ISSUE_ENTRY_CHAIN);
    made_sample(&m);
    m.entry[2].transfer.received++;
    GIVES(ISSUE_ENTRY_CHAIN);
    made_sample(&m);
    m.entry[13].issued.size = 14;
    GIVES(ISSUE_ENTRY_CHAIN);
    made_sample(&m); /* the last transfer lacks an entry */
    m.entry[8].transfer.revisions++;
    GIVES(ISSUE_ENTRY_CHAIN);
}

static void test_verify__refuses_an_origin_that_is_not_the_checkpoints(void)
{
    made_sample(&m);
    m.entry[0].study.origin = SPAN("example.org/other/S1");
    GIVES(ISSUE_ENTRY_CHAIN, ISSUE_BUNDLE_TAG_FILE);
}

/* Entry i is these bytes with `from` replaced. */
static void change_entry(size_t i, const char *from, const char *to)
{
    struct buf b = {0};
    made_sample(&m);
    entry_write(&b, &m.entry[i]);
    m.bytes[i] = replaced(buf_span(&b), from, to);
    buf_close(&b);
}

static void test_verify__refuses_an_entry_of_unknown_kind_or_version(void)
{
    change_entry(13, "entry/issued/v1", "entry/issued/v2");
    GIVES(ISSUE_ENTRY_UNKNOWN);
    change_entry(13, "entry/issued/v1", "entry/lock/v1");
    GIVES(ISSUE_ENTRY_UNKNOWN);
}

static void test_verify__refuses_an_entry_that_is_malformed(void)
{
    change_entry(13, "\"bytes\":4321", "\"bytes\": 4321");
    GIVES(ISSUE_ENTRY_MALFORMED);
    change_entry(13, "dataset=LB since=3", "dataset=LB since=03");
    GIVES(ISSUE_ENTRY_MALFORMED);
}

static void test_verify__names_what_is_too_large(void)
{
    static const struct {
        const char *path;
        size_t size;
        enum issue_id want;
    } cases[] = {
        {"data/entries/000000000013.json", 65536, ISSUE_ENTRY_MALFORMED},
        {"data/proofs/000000000003.tlog-proof", 128 * 1024 + 1, ISSUE_PROOF_MALFORMED},
        {"data/checkpoint.sig", 16 * 1024 + 1, ISSUE_CHECKPOINT_SIGNATURE},
        {"data/checkpoint", 64 * 1024 + 1, ISSUE_CHECKPOINT_MALFORMED},
        {"bagit.txt", 64 * 1024 + 1, ISSUE_BUNDLE_TAG_FILE},
        {"tagmanifest-sha256.txt", 64 * 1024 + 1, ISSUE_BUNDLE_TAG_FILE},
        {"tagmanifest-sha256.txt.sig", 16 * 1024 + 1, ISSUE_BUNDLE_SIGNATURE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen s;
        sample_to(STEP_ZIP);
        struct trust t = made_trust(&m);
        made_put(&m, cases[i].path, span_of(arena_new(&m.arena, cases[i].size), cases[i].size));
        look(made_zip(&m), &t, NULL, &s);
        CU_ASSERT(s.issues.count[cases[i].want] > 0);
        CU_ASSERT_EQUAL(s.issues.count[ISSUE_BUNDLE_ARCHIVE], 0);
        issues_close(&s.issues);
        made_close(&m);
    }
}

/* --- check 12: the bytes --- */

static void test_verify__refuses_a_dataset_that_is_absent_without_saying_so(void)
{
    sample_to(STEP_DEFLATED);
    made_drop(&m, "data/datasets/LB/r0003");
    GIVES(ISSUE_PAYLOAD_MISSING);
    made_sample(&m);
    m.scope.since = 9; /* carries less than it then says */
    made_to(&m, STEP_TAGS);
    m.scope.since = 0;
    GIVES(ISSUE_PAYLOAD_MISSING);
}

static void test_verify__refuses_data_beyond_the_scope_that_it_states(void)
{
    static const struct scope scopes[] = {
        {.none = true}, {.since = 9}, {.dataset = {(const uint8_t *)"LB", 2}}};
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        sample_to(STEP_TAGS);
        m.scope = scopes[i];
        GIVES(ISSUE_BUNDLE_SCOPE);
    }
}

static void test_verify__refuses_data_that_was_withdrawn(void)
{
    sample_to(STEP_DEFLATED);
    made_put(&m, "data/datasets/DM/r0001/dm_-20_-c3_-bc.csv", m.payload[1].bytes);
    GIVES(ISSUE_BUNDLE_SCOPE);
}

static void test_verify__refuses_data_that_was_erased(void)
{
    made_sample(&m);
    made_erasure(&m, 10, ERASED_FILE);
    made_to(&m, STEP_DEFLATED);
    made_put(&m, "data/datasets/LB/r0003/lb.xpt", m.payload[5].bytes);
    GIVES(ISSUE_BUNDLE_ERASED);
}

static void test_verify__refuses_a_text_that_was_erased(void)
{
    made_sample(&m);
    made_erasure(&m, 2, ERASED_TEXT);
    made_to(&m, STEP_DEFLATED);
    made_put(&m, object_path(1), m.text[1].bytes);
    GIVES(ISSUE_BUNDLE_ERASED);
}

static void test_verify__refuses_what_is_gone_beside_what_was_erased(void)
{
    made_sample(&m);
    made_erasure(&m, 10, ERASED_FILE);
    made_to(&m, STEP_DEFLATED);
    made_drop(&m, object_path(9)); /* of entry 10, and it was not erased */
    GIVES(ISSUE_BUNDLE_MISSING);
    made_sample(&m);
    made_erasure(&m, 10, ERASED_TEXT);
    made_to(&m, STEP_DEFLATED);
    made_drop(&m, "data/datasets/LB/r0003/_-erased");
    GIVES(ISSUE_PAYLOAD_MISSING);
}

static void test_verify__refuses_a_name_whose_text_was_erased(void)
{
    made_sample(&m);
    made_erasure(&m, 10, ERASED_TEXT);
    made_to(&m, STEP_DEFLATED);
    made_find(&m, "data/datasets/LB/r0003/_-erased")->path = SPAN("data/datasets/LB/r0003/lb.xpt");
    GIVES(ISSUE_PAYLOAD_MISSING, ISSUE_PAYLOAD_UNNAMED);
}

static void test_verify__accepts_what_was_erased_and_says_so(void)
{
    struct seen s;
    made_sample(&m);
    made_erasure(&m, 5, ERASED_FILE); /* 15: entries 5, 6 and 10 have the same bytes */
    made_erasure(&m, 9, ERASED_TEXT);
    made_erasure(&m, 11, ERASED_TEXT);
    struct trust t = made_trust(&m);
    look(made_zip(&m), &t, NULL, &s);
    compare(&s, LIST(ISSUE_COUNT), __FILE__, __LINE__);
    const struct verdict *v = &s.verdict;
    CU_ASSERT(v->erased == 3 && v->left_out == 1 && v->carried == 2);
    CU_ASSERT_EQUAL_FATAL(v->erasures, 3);
    CU_ASSERT(v->erasure[0].entry == 15 && v->erasure[0].of == ERASED_FILE);
    CU_ASSERT(v->erasure[2].entry == 17 && v->erasure[2].of == ERASED_TEXT);
    CU_ASSERT_PTR_NOT_NULL(made_find(&m, "data/datasets/LB/r0002/_-erased"));
    issues_close(&s.issues);
    made_close(&m);
}

static void test_verify__refuses_bytes_that_no_entry_names(void)
{
    static const char *const paths[] = {
        "data/datasets/LB/r0001/a.csv",  "data/datasets/LB/r0004/lb.csv",
        "data/datasets/VS/r0001/vs.csv", "data/datasets/LB/r0001/more.csv",

        "data/datasets/LB/r01/lb.csv",   "data/datasets/LB/lb.csv",
        "data/datasets/lb.csv",          "data/datasets/LB/r0001/sub/lb.csv",
        "data/datasets/AE/r0001/ae.csv",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        sample_to(STEP_DEFLATED);
        made_put(&m, paths[i], SPAN("smuggled"));
        GIVES(ISSUE_PAYLOAD_UNNAMED);
    }
}

static void test_verify__refuses_a_file_under_another_name(void)
{
    sample_to(STEP_DEFLATED);
    struct made_member *x = made_find(&m, "data/datasets/LB/r0003/lb.xpt");
    x->path = SPAN("data/datasets/LB/r0003/LB.xpt");
    GIVES(ISSUE_PAYLOAD_MISSING, ISSUE_PAYLOAD_UNNAMED);
}

/* One dataset's folder lies in the other's, and its file before the other's. */
static void test_verify__finds_files_whatever_datasets_are_called(void)
{
    made_small(&m);
    uint64_t transfer = made_transfer(&m, 3, 0, 3);
    made_revision(&m, transfer, "LB", FORMAT_CSV, SPAN("z.csv"), SPAN("x\n1\n"), false);
    made_revision(&m, transfer, "LB/A", FORMAT_CSV, SPAN("a.csv"), SPAN("x\n2\n"), false);
    made_revision(&m, transfer, "LB/r0002x", FORMAT_CSV, SPAN("a.csv"), SPAN("x\n3\n"), false);
    GREEN();
}

static void test_verify__refuses_other_bytes_than_the_entry_names(void)
{
    sample_to(STEP_DEFLATED);
    struct made_member *x = made_find(&m, "data/datasets/LB/r0001");
    char *text = arena_str(&m.arena, x->bytes);
    text[30] ^= 1;
    x->bytes = span_of(text, x->bytes.n);
    GIVES(ISSUE_PAYLOAD_ALTERED);
    made_sample(&m); /* right bytes, but the entry tells another size */
    m.entry[10].revision.size++;
    GIVES(ISSUE_PAYLOAD_ALTERED);
}

static void test_verify__refuses_two_revisions_swapped(void)
{
    sample_to(STEP_DEFLATED);
    struct made_member *x = made_find(&m, "data/datasets/LB/r0001");
    struct made_member *y = made_find(&m, "data/datasets/LB/r0002");
    struct span bytes = x->bytes;
    x->bytes = y->bytes;
    y->bytes = bytes;
    GIVES(ISSUE_PAYLOAD_ALTERED);
}

/* --- check 13: detached texts --- */

static void test_verify__refuses_a_detached_text_that_is_missing(void)
{
    /* In order of entries; where it is of a revision that is carried, its file has no name. */
    static const bool carried[13] = {[2] = true, [4] = true, [5] = true, [8] = true, [9] = true};
    for (size_t i = 0; i < 13; i++) {
        sample_to(STEP_DEFLATED);
        made_drop(&m, object_path(i));
        if (carried[i])
            GIVES(ISSUE_BUNDLE_MISSING, ISSUE_PAYLOAD_MISSING, ISSUE_PAYLOAD_UNNAMED);
        else
            GIVES(ISSUE_BUNDLE_MISSING);
    }
}

static void test_verify__refuses_a_detached_text_that_no_entry_names(void)
{
    sample_to(STEP_DEFLATED);
    m.text[MADE_ENTRIES - 1].name = sha256_of(SPAN("{}"));
    made_put(&m, object_path(MADE_ENTRIES - 1), SPAN("{}"));
    GIVES(ISSUE_BUNDLE_UNLISTED);
    sample_to(STEP_DEFLATED);
    made_put(&m, "data/objects/README", SPAN("{}"));
    GIVES(ISSUE_BUNDLE_UNLISTED);
    sample_to(STEP_DEFLATED);
    made_put(&m, path_of(object_path(0), "x"), SPAN("{}"));
    GIVES(ISSUE_BUNDLE_UNLISTED);
}

static void test_verify__refuses_a_detached_text_with_other_bytes(void)
{
    sample_to(STEP_DEFLATED);
    made_put(&m, object_path(0), m.text[1].bytes);
    GIVES(ISSUE_OBJECT_MALFORMED);
    sample_to(STEP_DEFLATED);
    made_put(&m, object_path(0), SPAN(""));
    GIVES(ISSUE_OBJECT_MALFORMED);
}

/* The text of the transfer, which the entry names as it then is. */
static void with_transfer_text(const char *from, const char *to)
{
    made_sample(&m);
    struct made_text *t = &m.text[1];
    t->bytes = replaced(t->bytes, from, to);
    t->name = m.entry[2].transfer.details = sha256_of(t->bytes);
}

static void test_verify__refuses_a_detached_text_of_another_form(void)
{
    with_transfer_text("\"id\":null", "\"id\": null");
    GIVES(ISSUE_OBJECT_MALFORMED);
    with_transfer_text("transfer/v1", "transfer/v2");
    GIVES(ISSUE_OBJECT_MALFORMED);
    with_transfer_text("\"name\":\"night\"", "\"name\":\"night\",\"note\":\"\"");
    GIVES(ISSUE_OBJECT_MALFORMED);
    with_transfer_text("\"id\":null,", "");
    GIVES(ISSUE_OBJECT_MALFORMED);
}

static void test_verify__refuses_one_detached_text_for_two_kinds(void)
{
    made_sample(&m);
    made_to(&m, STEP_TREE);
    m.entry[11].withdrawal.details = m.entry[2].transfer.details;
    made_to(&m, STEP_MEMBERS);
    m.texts = 11; /* 11 is not named any more; 12 is system's */
    GIVES(ISSUE_OBJECT_MALFORMED, ISSUE_BUNDLE_UNLISTED, ISSUE_BUNDLE_MISSING);
}

/* --- check 14: proofs --- */

static void test_verify__refuses_proofs_that_are_not_those_of_the_revisions(void)
{
    sample_to(STEP_DEFLATED);
    made_drop(&m, "data/proofs/000000000003.tlog-proof");
    GIVES(ISSUE_BUNDLE_LAYOUT);
    sample_to(STEP_DEFLATED);
    made_drop(&m, "data/proofs/000000000010.tlog-proof");
    GIVES(ISSUE_BUNDLE_LAYOUT);
    static const char *const more[] = {"000000000002.tlog-proof", "000000000007.tlog-proof",
                                       "000000000011.tlog-proof", "3.tlog-proof", "README"};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        sample_to(STEP_DEFLATED);
        made_put(&m, path_of("data/proofs/", more[i]), SPAN("proof"));
        GIVES(ISSUE_BUNDLE_LAYOUT);
    }
}

static const char proof_3[] = "data/proofs/000000000003.tlog-proof";

static void test_verify__refuses_the_proof_of_another_entry(void)
{
    sample_to(STEP_DEFLATED);
    made_put(&m, proof_3, made_find(&m, "data/proofs/000000000004")->bytes);
    GIVES(ISSUE_PROOF_WRONG);
}

static void test_verify__refuses_a_proof_that_does_not_lead_to_the_root(void)
{
    sample_to(STEP_DEFLATED);
    change_list(proof_3, "index 3\n", "index 4\n");
    GIVES(ISSUE_PROOF_WRONG);
    sample_to(STEP_DEFLATED);
    struct made_member *x = made_find(&m, proof_3);
    char *text = arena_str(&m.arena, x->bytes);
    char *hash = strstr(text, "index 3\n") + 8;
    hash[0] = hash[0] == 'A' ? 'B' : 'A';
    x->bytes = span_str(text);
    GIVES(ISSUE_PROOF_WRONG);
}

static void test_verify__refuses_a_proof_with_another_checkpoint(void)
{
    sample_to(STEP_MEMBERS);
    made_to(&m, STEP_DEFLATED);
    cosign(21, "w1.example", false); /* the same checkpoint, but not byte for byte */
    made_put(&m, "data/checkpoint", m.note);
    GIVES(ISSUE_PROOF_WRONG);
}

static void test_verify__refuses_a_proof_that_is_malformed(void)
{
    sample_to(STEP_DEFLATED);
    change_list(proof_3, "tlog-proof@v1", "tlog-proof@v2");
    GIVES(ISSUE_PROOF_MALFORMED);
    sample_to(STEP_DEFLATED);
    change_list(proof_3, "index 3\n", "extra QUJD\nindex 3\n");
    GIVES(ISSUE_PROOF_MALFORMED);
    sample_to(STEP_DEFLATED);
    change_list(proof_3, "index 3\n", "index 03\n");
    GIVES(ISSUE_PROOF_MALFORMED);
    sample_to(STEP_DEFLATED);
    made_put(&m, proof_3, SPAN(""));
    GIVES(ISSUE_PROOF_MALFORMED);
}

/* --- check 15: another signed state --- */

static struct known_state state_at(uint64_t size)
{
    struct tree t = {0};
    made_to(&m, STEP_CHECKPOINT);
    for (uint64_t i = 0; i < size; i++)
        tree_add(&t, tree_leaf(m.bytes[i]));
    return (struct known_state){size, tree_root(&t)};
}

static void test_verify__refuses_a_fork(void)
{
    for (uint64_t size = 1; size <= 15; size++) {
        made_sample(&m);
        struct known_state known = state_at(size);
        known.root.b[5] ^= 1;
        GIVES_WITH(NULL, &known, ISSUE_LEDGER_FORK);
    }
}

static void test_verify__accepts_every_earlier_state(void)
{
    for (uint64_t size = 1; size <= 15; size++) {
        struct seen s;
        made_sample(&m);
        struct known_state known = state_at(size);
        struct trust t = made_trust(&m);
        look(made_zip(&m), &t, &known, &s);
        compare(&s, LIST(ISSUE_COUNT), __FILE__, __LINE__);
        CU_ASSERT(s.verdict.compared && s.verdict.compared_size == size);
        issues_close(&s.issues);
        made_close(&m);
    }
}

/* --- trust --- */

static void test_verify__is_never_green_without_a_trust_folder(void)
{
    struct seen s;
    made_sample(&m);
    look(made_zip(&m), NULL, NULL, &s);
    compare(&s, LIST(ISSUE_TRUST_NONE, ISSUE_COUNT), __FILE__, __LINE__);
    issues_close(&s.issues);
    made_close(&m);
}

static void test_verify__without_trust_folder_asks_for_the_keys_of_entry_0(void)
{
    struct seen s;
    sample_to(STEP_SIGNATURE);
    m.notary = made_key(9);
    look(made_zip(&m), NULL, NULL, &s);
    compare(&s, LIST(ISSUE_TRUST_NONE, ISSUE_BUNDLE_KEY, ISSUE_COUNT), __FILE__, __LINE__);
    CU_ASSERT(!s.verdict.notary_good && s.verdict.log_good);
    issues_close(&s.issues);
    made_close(&m);
    sample_to(STEP_CHECKPOINT);
    m.log = made_key(9);
    look(made_zip(&m), NULL, NULL, &s);
    compare(&s, LIST(ISSUE_TRUST_NONE, ISSUE_CHECKPOINT_SIGNATURE, ISSUE_COUNT), __FILE__,
            __LINE__);
    CU_ASSERT(s.verdict.notary_good && !s.verdict.log_good);
    issues_close(&s.issues);
    made_close(&m);
}

static void test_verify__refuses_without_a_seal_where_one_is_expected(void)
{
    made_sample(&m);
    struct trust t = made_trust(&m);
    t.seal = true;
    GIVES_WITH(&t, NULL, ISSUE_TRUST_SEAL);
}

/* --- what is right --- */

static void test_verify__accepts_what_it_should(void)
{
    made_small(&m);
    GREEN();
    made_sample(&m);
    GREEN();
    made_large(&m, 60, 2000);
    GREEN();
}

static void test_verify__accepts_every_scope(void)
{
    static const char *const texts[] = {"none",
                                        "since=4",
                                        "since=9",
                                        "dataset=LB",
                                        "dataset=AE/RAW",
                                        "dataset=XX",
                                        "since=999999999999",
                                        "dataset=LB since=9"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        made_sample(&m);
        CU_ASSERT(scope_parse(span_str(texts[i]), &m.scope));
        GREEN();
    }
}

static void test_verify__tells_what_it_saw(void)
{
    struct seen s;
    made_sample(&m);
    m.entry[0].study.test = true;
    m.scope.dataset = SPAN("LB");
    struct trust t = made_trust(&m);
    look(made_zip(&m), &t, NULL, &s);
    compare(&s, LIST(ISSUE_COUNT), __FILE__, __LINE__);
    const struct verdict *v = &s.verdict;
    CU_ASSERT_EQUAL(s.issues.count[ISSUE_HOME_TEST], 1);
    CU_ASSERT(v->test && v->head_time == m.entry[14].at && v->checkpoint.size == 15);
    CU_ASSERT(v->datasets == 4 && v->revisions == 6 && v->transfers == 2);
    CU_ASSERT(v->refusals == 2 && v->withdrawals == 1);
    CU_ASSERT(v->carried == 3 && v->left_out == 3 && v->members == m.members);
    CU_ASSERT_EQUAL(v->carried_bytes,
                    m.payload[0].bytes.n + m.payload[4].bytes.n + m.payload[5].bytes.n);
    CU_ASSERT(public_key_eq(&v->notary, &m.notary.public));
    ASSERT_SPAN(v->notary_name, SPAN("notary@example.org"));
    ASSERT_SPAN(v->scope.dataset, SPAN("LB"));
    issues_close(&s.issues);
    made_close(&m);
}

static void test_verify__reads_the_checkpoint_alone(void)
{
    struct issues issues = {0};
    struct checkpoint c;
    struct public_key key;
    made_sample(&m);
    struct trust t = made_trust(&m);
    struct span zip = made_zip(&m);
    CU_ASSERT(bundle_checkpoint(source_of(&zip), &t, "old.zip", &m.arena, &issues, &c, &key, NULL));
    CU_ASSERT_EQUAL(issues_count(&issues, SEVERITY_BAD), 0);
    CU_ASSERT(c.size == 15 && hash_eq(c.root, m.checkpoint.root));
    CU_ASSERT(public_key_eq(&key, &m.log.public));
    struct span junk = SPAN("junk");
    struct err e = {0};
    CU_ASSERT(bundle_checkpoint(source_of(&junk), &t, "old.zip", &m.arena, &issues, &c, &key, &e));
    CU_ASSERT_EQUAL(issues.count[ISSUE_BUNDLE_ARCHIVE], 1);
    issues_close(&issues);
    made_close(&m);
}

SUITE(verify, TEST(test_verify__refuses_what_is_no_archive),
      TEST(test_verify__says_that_it_could_not_read),
      TEST(test_verify__refuses_a_bundle_without_one_of_its_members),
      TEST(test_verify__refuses_a_member_that_no_bundle_has),
      TEST(test_verify__refuses_entries_that_are_not_all_there),
      TEST(test_verify__refuses_a_folder_with_another_name),
      TEST(test_verify__refuses_members_without_or_with_two_folders),
      TEST(test_verify__refuses_compressed_members_that_are_no_datasets),
      TEST(test_verify__refuses_another_bagit_txt), TEST(test_verify__refuses_a_bag_info_that_lies),
      TEST(test_verify__refuses_bytes_that_the_manifest_does_not_name),
      TEST(test_verify__does_not_take_verify_txt_for_evidence),
      TEST(test_verify__refuses_a_manifest_that_differs),
      TEST(test_verify__refuses_a_manifest_in_another_order_or_with_lines_twice),
      TEST(test_verify__refuses_a_tag_manifest_that_differs),
      TEST(test_verify__refuses_another_encoding_of_the_same_bytes),
      TEST(test_verify__refuses_a_bundle_that_another_key_signed),
      TEST(test_verify__refuses_a_bundle_that_the_log_key_signed),
      TEST(test_verify__refuses_a_signature_of_something_else),
      TEST(test_verify__refuses_ssh_signatures_with_sha_256),
      TEST(test_verify__asks_allowed_signers_for_namespace_and_time),
      TEST(test_verify__refuses_what_is_no_checkpoint),
      TEST(test_verify__refuses_a_checkpoint_with_extension_lines),
      TEST(test_verify__refuses_a_ledger_that_the_policy_does_not_know),
      TEST(test_verify__refuses_a_log_key_that_the_policy_does_not_know),
      TEST(test_verify__refuses_a_log_key_that_entry_0_does_not_name),
      TEST(test_verify__refuses_another_signature_over_the_checkpoint),
      TEST(test_verify__asks_for_the_quorum_of_witnesses),
      TEST(test_verify__refuses_a_cosignature_that_is_wrong),
      TEST(test_verify__refuses_a_checkpoint_that_others_sign_before_the_log),
      TEST(test_verify__refuses_a_study_whose_log_key_has_another_name),
      TEST(test_verify__refuses_a_ledger_without_entries),
      TEST(test_verify__refuses_a_root_that_the_entries_do_not_give),
      TEST(test_verify__refuses_an_entry_that_was_changed_later),
      TEST(test_verify__refuses_time_that_decreases),
      TEST(test_verify__refuses_a_bundle_that_ends_with_the_record_of_one),
      TEST(test_verify__refuses_a_broken_chain),
      TEST(test_verify__refuses_an_origin_that_is_not_the_checkpoints),
      TEST(test_verify__refuses_an_entry_of_unknown_kind_or_version),
      TEST(test_verify__refuses_an_entry_that_is_malformed),
      TEST(test_verify__names_what_is_too_large),
      TEST(test_verify__refuses_a_dataset_that_is_absent_without_saying_so),
      TEST(test_verify__refuses_data_beyond_the_scope_that_it_states),
      TEST(test_verify__refuses_data_that_was_withdrawn),
      TEST(test_verify__refuses_data_that_was_erased),
      TEST(test_verify__refuses_a_text_that_was_erased),
      TEST(test_verify__refuses_what_is_gone_beside_what_was_erased),
      TEST(test_verify__refuses_a_name_whose_text_was_erased),
      TEST(test_verify__accepts_what_was_erased_and_says_so),
      TEST(test_verify__refuses_bytes_that_no_entry_names),
      TEST(test_verify__refuses_a_file_under_another_name),
      TEST(test_verify__finds_files_whatever_datasets_are_called),
      TEST(test_verify__refuses_other_bytes_than_the_entry_names),
      TEST(test_verify__refuses_two_revisions_swapped),
      TEST(test_verify__refuses_a_detached_text_that_is_missing),
      TEST(test_verify__refuses_a_detached_text_that_no_entry_names),
      TEST(test_verify__refuses_a_detached_text_with_other_bytes),
      TEST(test_verify__refuses_a_detached_text_of_another_form),
      TEST(test_verify__refuses_one_detached_text_for_two_kinds),
      TEST(test_verify__refuses_proofs_that_are_not_those_of_the_revisions),
      TEST(test_verify__refuses_the_proof_of_another_entry),
      TEST(test_verify__refuses_a_proof_that_does_not_lead_to_the_root),
      TEST(test_verify__refuses_a_proof_with_another_checkpoint),
      TEST(test_verify__refuses_a_proof_that_is_malformed), TEST(test_verify__refuses_a_fork),
      TEST(test_verify__accepts_every_earlier_state),
      TEST(test_verify__is_never_green_without_a_trust_folder),
      TEST(test_verify__without_trust_folder_asks_for_the_keys_of_entry_0),
      TEST(test_verify__refuses_without_a_seal_where_one_is_expected),
      TEST(test_verify__accepts_what_it_should), TEST(test_verify__accepts_every_scope),
      TEST(test_verify__tells_what_it_saw), TEST(test_verify__reads_the_checkpoint_alone))
