#include <stdio.h>

#include "bundle/trust.h"
#include "tests/test.h"

/* A key that nobody has signed anything with. */
static const char policy[] = "quorum none\n";
static const char signers[] =
    "me@example.org namespaces=\"trialseal-bundle\" ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n";

static bool parse(const char *p, const char *s, struct span tsa, struct trust *out, struct err *e)
{
    static struct arena kept; /* never freed, so no leak */
    return trust_parse(&kept, span_str(p), span_str(s), tsa, out, e);
}

static void refuses(const char *p, const char *s, const char *word)
{
    struct trust t;
    struct err e = {0};
    CU_ASSERT(!parse(p, s, span_of(NULL, 0), &t, &e));
    CU_ASSERT_PTR_NOT_NULL(strstr(e.text, word));
}

static void test_trust__says_which_file_is_wrong(void)
{
    refuses("quorum nobody\n", signers, "policy: ");
    refuses("", signers, "policy: ");
    refuses(policy, "me@example.org\n", "allowed_signers: ");
}

static void test_trust__expects_a_seal_where_there_are_authorities(void)
{
    struct trust t;
    struct err e = {0};
    CU_ASSERT(parse(policy, signers, span_of(NULL, 0), &t, &e) && !t.seal);
    CU_ASSERT(parse(policy, signers, SPAN("pem"), &t, &e) && t.seal);
    CU_ASSERT(parse(policy, signers, SPAN(""), &t, &e) && t.seal); /* an empty file is one, too */
}

/* What `sha256sum FILES | sha256sum` prints. */
static void check_fingerprint(const struct trust *t, const char *command, struct span tsa)
{
    char folder[] = "/tmp/trialseal-trust-XXXXXX", line[600], hex[65], got[65] = "";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(line, sizeof line, "cd %s && cat >policy && printf '%%s' '%s' >allowed_signers",
             folder, signers);
    FILE *f = popen(line, "w");
    CU_ASSERT_FATAL(f != NULL && fputs(policy, f) >= 0 && pclose(f) == 0);
    snprintf(line, sizeof line, "cd %s && printf '%.*s' >tsa.pem && %s", folder, SPAN_ARGS(tsa),
             command);
    f = popen(line, "r");
    CU_ASSERT_FATAL(f != NULL && fscanf(f, "%64s", got) == 1 && pclose(f) == 0);
    CU_ASSERT_STRING_EQUAL(got, hash_hex(t->fingerprint, hex));
    snprintf(line, sizeof line, "rm -r %s", folder);
    CU_ASSERT_EQUAL(system(line), 0);
}

static void test_trust__has_the_fingerprint_that_sha256sum_gives(void)
{
    struct trust t;
    struct err e = {0};
    CU_ASSERT_FATAL(parse(policy, signers, span_of(NULL, 0), &t, &e));
    check_fingerprint(&t, "sha256sum allowed_signers policy | sha256sum", SPAN(""));
    CU_ASSERT_FATAL(parse(policy, signers, SPAN("pem"), &t, &e));
    check_fingerprint(&t, "sha256sum allowed_signers policy tsa.pem | sha256sum", SPAN("pem"));
}

SUITE(trust, TEST(test_trust__says_which_file_is_wrong),
      TEST(test_trust__expects_a_seal_where_there_are_authorities),
      TEST(test_trust__has_the_fingerprint_that_sha256sum_gives))
