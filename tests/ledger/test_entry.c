#include <stdio.h>

#include "format/json_write.h"
#include "tests/ledger/entry_make.h"
#include "tests/test.h"

/* --- bending: the text with one spot changed, canonical unless the change is not --- */

static struct span replaced(struct arena *a, struct span text, const char *from, const char *to)
{
    struct buf b = {0};
    struct span part = span_str(from);
    size_t at = 0;
    while (at + part.n <= text.n && memcmp(text.p + at, part.p, part.n) != 0)
        at++;
    CU_ASSERT_FATAL(at + part.n <= text.n);
    buf_add(&b, span_of(text.p, at));
    buf_str(&b, to);
    buf_add(&b, span_skip(text, at + part.n));
    struct span s = arena_copy(a, buf_span(&b));
    buf_close(&b);
    return s;
}

static enum err_kind parse(struct span text)
{
    struct arena a = {0};
    struct entry x;
    struct err e = {0};
    struct buf again = {0};
    bool good = entry_parse(&a, text, &x, &e);
    if (good) {
        entry_write(&again, &x);
        ASSERT_SPAN(buf_span(&again), text);
    }
    CU_ASSERT_EQUAL(good, e.kind == ERR_NONE);
    buf_close(&again);
    arena_close(&a);
    return e.kind;
}

static void check_change(enum entry_kind k, const char *from, const char *to, enum err_kind want)
{
    struct arena a = {0};
    struct entry x = entry_make(k);
    enum err_kind got = parse(replaced(&a, entry_bytes(&a, &x), from, to));
    if (got != want)
        printf("  %s -> %s: %d\n", from, to, (int)got);
    CU_ASSERT_EQUAL(got, want);
    arena_close(&a);
}

static void refuses(enum entry_kind k, const char *from, const char *to)
{
    check_change(k, from, to, ERR_FORMAT);
}

static void takes(enum entry_kind k, const char *from, const char *to)
{
    check_change(k, from, to, ERR_NONE);
}

/* --- every node of the tree --- */

struct bend {
    struct json *root;
    unsigned tried;
};

static enum err_kind parse_tree(const struct bend *b)
{
    struct buf text = {0};
    CU_ASSERT_FATAL(json_write(&text, b->root, NULL));
    enum err_kind kind = parse(buf_span(&text));
    buf_close(&text);
    return kind;
}

static void must_refuse(struct bend *b, const char *what, struct span name)
{
    enum err_kind kind = parse_tree(b);
    b->tried++;
    if (kind == ERR_NONE)
        printf("  accepted: %s %.*s\n", what, SPAN_ARGS(name));
    CU_ASSERT(kind == ERR_FORMAT || kind == ERR_STATE);
}

static void without_child(struct bend *b, struct json *parent)
{
    for (struct json **at = &parent->child; *at != NULL; at = &(*at)->next) {
        struct json *gone = *at;
        *at = gone->next;
        parent->count--;
        must_refuse(b, "without", gone->name);
        parent->count++;
        *at = gone;
    }
}

static void with_child(struct bend *b, struct json *parent, struct span name)
{
    struct json more = {.kind = JSON_IS_NULL, .name = name, .next = parent->child};
    parent->child = &more;
    parent->count++;
    must_refuse(b, "one more in", parent->name);
    parent->child = more.next;
    parent->count--;
}

/* FORMAT chapter 3: the members marked "or null", by kind. */
static bool may_be_null(enum entry_kind k, struct span name)
{
    static const char *const nullable[ENTRY_KINDS] = {
        [ENTRY_TRANSFER] = " cutoff kind scope ",
        [ENTRY_REVISION] =
            (" columns previous records change content duplicates form key metadata order"
             " records_added records_changed records_removed reverted root schema secret"
             " strict strict_order "),
        [ENTRY_REFUSAL] = " size transfer ",
    };
    struct buf word = {0};
    buf_byte(&word, ' ');
    buf_add(&word, name);
    buf_str(&word, " ");
    buf_byte(&word, '\0');
    bool found = nullable[k] != NULL && strstr(nullable[k], (const char *)word.p) != NULL;
    buf_close(&word);
    return found;
}

static void of_other_type(struct bend *b, enum entry_kind k, struct json *node)
{
    static const struct json others[] = {
        {.kind = JSON_IS_NULL},
        {.kind = JSON_IS_BOOL, .truth = true},
        {.kind = JSON_IS_NUMBER, .text = {(const uint8_t *)"1", 1}},
        {.kind = JSON_IS_STRING, .text = {(const uint8_t *)"1", 1}},
        {.kind = JSON_IS_STRING},
        {.kind = JSON_IS_ARRAY},
        {.kind = JSON_IS_OBJECT},
    };
    const struct json was = *node;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        bool same_type = others[i].kind == was.kind && others[i].text.n > 0;
        if (same_type || (others[i].kind == JSON_IS_NULL && may_be_null(k, was.name)) ||
            (others[i].kind == JSON_IS_BOOL && was.kind == JSON_IS_BOOL))
            continue;
        *node = others[i];
        node->name = was.name;
        node->next = was.next;
        must_refuse(b, "another type of", was.name);
    }
    *node = was;
}

static void bend_node(struct bend *b, enum entry_kind k, struct json *node)
{
    of_other_type(b, k, node);
    if (node->kind != JSON_IS_OBJECT && node->kind != JSON_IS_ARRAY)
        return;
    without_child(b, node);
    with_child(b, node, SPAN("at2"));
    with_child(b, node, SPAN("zzz"));
    for (struct json *c = node->child; c != NULL; c = c->next) {
        struct span name = c->name;
        if (node->kind == JSON_IS_OBJECT) {
            c->name = SPAN("other");
            must_refuse(b, "renamed", name);
            c->name = name;
        }
        bend_node(b, k, c);
    }
}

static void test_entry__refuses_a_member_removed_added_renamed_or_of_another_type(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k);
        struct bend b = {0};
        CU_ASSERT_FATAL(json_parse(&a, entry_bytes(&a, &x), &b.root, NULL));
        bend_node(&b, k, b.root);
        CU_ASSERT(b.tried > 80);
        CU_ASSERT_EQUAL(parse_tree(&b), ERR_NONE);
        arena_close(&a);
    }
}

static void test_entry__refuses_members_in_another_order(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k);
        struct span text = entry_bytes(&a, &x);
        struct span at_gone = replaced(&a, text, "\"at\":\"2026-01-13T02:12:12Z\",", "");
        CU_ASSERT_EQUAL(parse(replaced(&a, at_gone, "},\"predicateType\"",
                                       ",\"at\":\"2026-01-13T02:12:12Z\"},\"predicateType\"")),
                        ERR_FORMAT);
        arena_close(&a);
    }
}

/* Whatever a changed bit gives: refused, or an entry that is written with that bit. */
static void test_entry__reads_no_two_texts_as_the_same(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k);
        struct span text = entry_bytes(&a, &x);
        uint8_t *p = arena_new(&a, text.n);
        memcpy(p, text.p, text.n);
        for (size_t bit = 0; bit < 8 * text.n; bit++) {
            p[bit / 8] ^= (uint8_t)(1 << bit % 8);
            parse(span_of(p, text.n));
            p[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t n = 0; n < text.n; n++)
            CU_ASSERT_EQUAL(parse(span_of(p, n)), ERR_FORMAT);
        arena_close(&a);
    }
}

static void test_entry__refuses_what_is_not_canonical(void)
{
    refuses(ENTRY_ISSUED, "{\"_type\"", " {\"_type\"");
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\": 22");
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":22.0");
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":2.2e1");
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":022");
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":22,\"bytes\":22");
    refuses(ENTRY_ISSUED, "\"bundle\"", "\"\\u0062undle\"");
    refuses(ENTRY_ISSUED, "}]}", "}]}\n");
}

/* --- values --- */

static void test_entry__refuses_an_unknown_kind_or_version_as_unknown(void)
{
    static const char *const types[] = {
        "revision/v2",  "revision/v10", "revision/v1/", "revision/v01",  "revision/", "revision",
        "revisionx/v1", "Revision/v1",  "signature/v1", "key/v1",        "policy/v1", "decision/v1",
        "lock/v1",      "seal/v2",      "erasure/v2",   "unblinding/v1", "/v1",       "",
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char to[64];
        snprintf(to, sizeof to, "entry/%s\"", types[i]);
        check_change(ENTRY_REVISION, "entry/revision/v1\"", to, ERR_STATE);
    }
    check_change(ENTRY_REVISION, "https://trialseal.org/entry", "http://trialseal.org/entry",
                 ERR_STATE);
}

static void test_entry__refuses_members_of_another_kind(void)
{
    refuses(ENTRY_WITHDRAWAL, "entry/withdrawal/v1", "entry/issued/v1");
    refuses(ENTRY_SYSTEM, "entry/system/v1", "entry/study/v1");
    refuses(ENTRY_TRANSFER, "entry/transfer/v1", "entry/revision/v1");
}

static void test_entry__refuses_another_statement(void)
{
    refuses(ENTRY_ISSUED, "in-toto.io/Statement/v1", "in-toto.io/Statement/v2");
    refuses(ENTRY_ISSUED, "\"name\":\"bundle\"", "\"name\":\"file\"");
    refuses(ENTRY_ISSUED, "}]}", "},{\"digest\":{\"sha256\":\"\"},\"name\":\"bundle\"}]}");
    refuses(ENTRY_ISSUED, "b0b0\"}", "b0b0\",\"sha512\":\"b0\"}");
    refuses(ENTRY_ISSUED, "b0b0\"}", "b0B0\"}");
    refuses(ENTRY_ISSUED, "b0b0\"}", "b0\"}");
    refuses(ENTRY_ISSUED, "b0b0\"}", "b0b0b0\"}");
    CU_ASSERT_EQUAL(parse(SPAN("")), ERR_FORMAT);
    CU_ASSERT_EQUAL(parse(SPAN("[]")), ERR_FORMAT);
    CU_ASSERT_EQUAL(parse(SPAN("{}")), ERR_FORMAT);
}

static void test_entry__refuses_more_than_65535_bytes(void)
{
    struct buf b = {0};
    buf_byte(&b, '"');
    while (b.n < 65535)
        buf_byte(&b, 'x');
    buf_byte(&b, '"');
    CU_ASSERT_EQUAL(parse(buf_span(&b)), ERR_LIMIT);
    buf_close(&b);
}

static void test_entry__refuses_times_that_are_none(void)
{
    static const char *const bad[] = {
        "2026-01-13T02:12:12",       "2026-01-13t02:12:12Z", "2026-01-13T02:12:12z",
        "2026-01-13 02:12:12Z",      "2026-02-29T02:12:12Z", "2026-01-13T24:00:00Z",
        "2026-01-13T02:12:60Z",      "1969-12-31T23:59:59Z", "2026-01-13T02:12:12.0Z",
        "2026-01-13T02:12:12+00:00",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(ENTRY_ISSUED, "2026-01-13T02:12:12Z", bad[i]);
    takes(ENTRY_ISSUED, "2026-01-13T02:12:12Z", "1970-01-01T00:00:00Z");
    takes(ENTRY_ISSUED, "2026-01-13T02:12:12Z", "9999-12-31T23:59:59Z");
}

static void test_entry__refuses_numbers_out_of_range(void)
{
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":-1");
    refuses(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":9007199254740992");
    refuses(ENTRY_REVISION, "\"records\":14", "\"records\":-1");
    takes(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":0");
    takes(ENTRY_ISSUED, "\"bytes\":22", "\"bytes\":9007199254740991");
    takes(ENTRY_REVISION, "\"records\":14", "\"records\":null");
    takes(ENTRY_REVISION, "\"previous\":13", "\"previous\":null");
    takes(ENTRY_REVISION, "\"records_added\":28", "\"records_added\":null");
    takes(ENTRY_REVISION, "\"change\":\"data\"", "\"change\":\"numeric-fuzz\"");
    takes(ENTRY_REVISION, "\"change\":\"data\"", "\"change\":null");
    takes(ENTRY_REFUSAL, "\"size\":19", "\"size\":null");
}

static void test_entry__refuses_words_that_are_not_in_the_list(void)
{
    refuses(ENTRY_SYSTEM, "\"set\"", "\"atomic\"");
    refuses(ENTRY_SYSTEM, "\"start\"", "\"stop\"");
    refuses(ENTRY_SYSTEM, "\"start\"", "\"\"");
    refuses(ENTRY_TRANSFER, "\"production\"", "\"Production\"");
    refuses(ENTRY_TRANSFER, "\"cumulative\"", "\"partial\"");
    refuses(ENTRY_REVISION, "\"xpt\"", "\"sas7bdat\"");
    refuses(ENTRY_REFUSAL, "\"of\":\"file\"", "\"of\":\"folder\"");
    takes(ENTRY_SYSTEM, "\"set\"", "\"system\"");
    takes(ENTRY_SYSTEM, "\"start\"", "\"version\"");
    takes(ENTRY_SYSTEM, "\"start\"", "\"configuration\"");
    takes(ENTRY_SYSTEM, "\"start\"", "\"restore\"");
    takes(ENTRY_TRANSFER, "\"production\"", "\"test\"");
    takes(ENTRY_TRANSFER, "\"production\"", "null");
    takes(ENTRY_TRANSFER, "\"cumulative\"", "\"incremental\"");
    takes(ENTRY_TRANSFER, "\"cumulative\"", "null");
    takes(ENTRY_REVISION, "\"xpt\"", "\"csv\"");
    takes(ENTRY_REVISION, "\"xpt\"", "\"json\"");
    takes(ENTRY_REVISION, "\"xpt\"", "\"xml\"");
    takes(ENTRY_REVISION, "\"xpt\"", "\"opaque\"");
    takes(ENTRY_REFUSAL, "\"of\":\"file\"", "\"of\":\"transfer\"");
}

static void test_entry__refuses_texts_that_are_not_what_they_are_called(void)
{
    refuses(ENTRY_SYSTEM, "0.1.0-rc1+b2~3", "0.1.0 rc1");
    refuses(ENTRY_SYSTEM, "0.1.0-rc1+b2~3", "");
    refuses(ENTRY_TRANSFER, "2026-02-28", "2026-02-29");
    refuses(ENTRY_TRANSFER, "2026-02-28", "2026-2-28");
    refuses(ENTRY_TRANSFER, "\"2026-02-28\"", "\"\"");
    takes(ENTRY_TRANSFER, "\"2026-02-28\"", "null");
    refuses(ENTRY_REFUSAL, "format-malformed", "format malformed");
    refuses(ENTRY_REVISION, "SDTM/LB", "SDTM/LB/");
    refuses(ENTRY_REVISION, "SDTM/LB", "../LB");
    refuses(ENTRY_STUDY, "\"study\":\"S1\"", "\"study\":\"S/1\"");
    refuses(ENTRY_STUDY, "\"origin\":\"example.org", "\"origin\":\"example org");
    refuses(ENTRY_STUDY, "\"origin\":\"example.org", "\"origin\":\"example+org");
}

static void test_entry__refuses_a_scope_that_section_6_2_does_not_know(void)
{
    static const char *const bad[] = {"",
                                      "All",
                                      "some",
                                      "all none",
                                      "since=",
                                      "since=0",
                                      "since=01",
                                      "since=-1",
                                      " all",
                                      "since=5 all",
                                      "dataset=a ",
                                      "dataset=",
                                      "since=1000000000000",
                                      "since=5 dataset=a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuses(ENTRY_ISSUED, "dataset=SDTM/LB since=23", bad[i]);
    takes(ENTRY_ISSUED, "dataset=SDTM/LB since=23", "all");
    takes(ENTRY_ISSUED, "dataset=SDTM/LB since=23", "none");
    takes(ENTRY_ISSUED, "dataset=SDTM/LB since=23", "dataset=A");
    takes(ENTRY_ISSUED, "dataset=SDTM/LB since=23", "since=999999999999");
}

static void test_entry__refuses_keys_that_are_none(void)
{
    struct arena a = {0};
    struct entry x = entry_make(ENTRY_STUDY);
    struct span text = entry_bytes(&a, &x);
    char *notary = arena_str(&a, x.study.notary), *log = arena_str(&a, x.study.log);
    char changed[512];
    snprintf(changed, sizeof changed, "%s me@home", notary);
    CU_ASSERT_EQUAL(parse(replaced(&a, text, notary, changed)), ERR_FORMAT);
    CU_ASSERT_EQUAL(parse(replaced(&a, text, notary, "ssh-ed25519")), ERR_FORMAT);
    CU_ASSERT_EQUAL(parse(replaced(&a, text, notary, log)), ERR_FORMAT);
    CU_ASSERT_EQUAL(parse(replaced(&a, text, log, notary)), ERR_FORMAT);
    snprintf(changed, sizeof changed, "x%s", log); /* the key id is over the name, too */
    CU_ASSERT_EQUAL(parse(replaced(&a, text, log, changed)), ERR_FORMAT);
    arena_close(&a);
}

/* --- what is right --- */

static void test_entry__writes_every_kind_and_reads_it_back(void)
{
    static const char *const names[ENTRY_KINDS] = {"study",    "system",  "transfer",
                                                   "revision", "refusal", "withdrawal",
                                                   "issued",   "seal",    "erasure"};
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k), y;
        struct json *tree;
        struct span text = entry_bytes(&a, &x);
        CU_ASSERT_STRING_EQUAL(entry_kind_name(k), names[k]);
        CU_ASSERT(json_parse_canonical(&a, text, &tree, NULL));
        CU_ASSERT_FATAL(entry_parse(&a, text, &y, NULL));
        CU_ASSERT_EQUAL(y.kind, k);
        CU_ASSERT_EQUAL(y.at, x.at);
        CU_ASSERT(hash_eq(y.salt, x.salt) && hash_eq(y.subject, x.subject));
        ASSERT_SPAN(entry_bytes(&a, &y), text);
        arena_close(&a);
    }
}

static void test_entry__is_written_as_format_shows_it(void)
{
    struct arena a = {0};
    struct entry x = entry_make(ENTRY_WITHDRAWAL);
    ASSERT_SPAN(
        entry_bytes(&a, &x),
        SPAN("{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"at\":\"2026-01-13T02:"
             "12:12Z\",\"details\":"
             "\"d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3\",\"revision\":21,"
             "\"salt\":\"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"},"
             "\"predicateType\":\"https://trialseal.org/entry/withdrawal/v1\",\"subject\":[{"
             "\"digest\":{\"sha256\":"
             "\"b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0\"},\"name\":"
             "\"file\"}]}"));
    arena_close(&a);
}

static void test_entry__keeps_every_number_apart(void)
{
    struct arena a = {0};
    struct entry x = entry_make(ENTRY_REVISION), y;
    CU_ASSERT_FATAL(entry_parse(&a, entry_bytes(&a, &x), &y, NULL));
    CU_ASSERT_EQUAL(y.revision.columns, 11);
    CU_ASSERT_EQUAL(y.revision.member, 1);
    CU_ASSERT_EQUAL(y.revision.members, 12);
    CU_ASSERT_EQUAL(y.revision.previous, 13);
    CU_ASSERT_EQUAL(y.revision.records, 14);
    CU_ASSERT_EQUAL(y.revision.revision, 15);
    CU_ASSERT_EQUAL(y.revision.size, 16);
    CU_ASSERT_EQUAL(y.revision.transfer, 17);
    CU_ASSERT_EQUAL(y.revision.format, FORMAT_XPT);
    CU_ASSERT_EQUAL(memcmp(&y.revision.data, &x.revision.data, sizeof y.revision.data), 0);
    CU_ASSERT_EQUAL(memcmp(&y.revision.against, &x.revision.against, sizeof y.revision.against), 0);
    x = entry_make(ENTRY_TRANSFER);
    CU_ASSERT_FATAL(entry_parse(&a, entry_bytes(&a, &x), &y, NULL));
    CU_ASSERT_EQUAL(y.transfer.new, 3);
    CU_ASSERT_EQUAL(y.transfer.unchanged, 4);
    CU_ASSERT_EQUAL(y.transfer.held, 2);
    CU_ASSERT_EQUAL(y.transfer.received, 9);
    CU_ASSERT_EQUAL(y.transfer.revisions, 5);
    arena_close(&a);
}

static void test_entry__says_which_detached_text_it_names(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct entry x = entry_make(k);
        struct hash h;
        bool has = k != ENTRY_STUDY && k != ENTRY_ISSUED && k != ENTRY_SEAL;
        CU_ASSERT_EQUAL(entry_details(&x, &h), has);
        if (k == ENTRY_REVISION)
            CU_ASSERT(hash_eq(h, hash_fill(0xd1)));
    }
}

static void test_entry__says_whose_bytes_are_kept(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct entry x = entry_make(k);
        struct hash h;
        CU_ASSERT_EQUAL(entry_file(&x, &h), k == ENTRY_REVISION || k == ENTRY_REFUSAL);
    }
    struct entry x = entry_make(ENTRY_REFUSAL);
    struct hash h;
    CU_ASSERT(entry_file(&x, &h) && hash_eq(h, x.subject));
    x.refusal.size = ENTRY_NONE;
    CU_ASSERT(!entry_file(&x, &h));
}

static void test_entry__knows_names_of_studies_and_datasets(void)
{
    static const char sixty_four[] =
        "a234567890123456789012345678901234567890123456789012345678901234";
    char longer[66], three[200];
    snprintf(longer, sizeof longer, "%sx", sixty_four);
    snprintf(three, sizeof three, "%s/%s/%s", sixty_four, sixty_four, sixty_four);
    static const char *const bad[] = {"", "-a", "_a", ".", "..", "a.b", "a b", "\xc3\xa9", "a\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT(!study_name_check(span_str(bad[i])));
        CU_ASSERT(!dataset_name_check(span_str(bad[i])));
    }
    CU_ASSERT(!study_name_check(span_str(longer)) && !dataset_name_check(span_str(longer)));
    CU_ASSERT(!study_name_check(SPAN("a/b")) && !dataset_name_check(SPAN("a/b/c/d")));
    CU_ASSERT(!dataset_name_check(SPAN("/a")) && !dataset_name_check(SPAN("a/")));
    CU_ASSERT(!dataset_name_check(SPAN("a//b")) && !dataset_name_check(SPAN("a\0b")));
    CU_ASSERT(study_name_check(span_str(sixty_four)) && dataset_name_check(span_str(three)));
    static const char *const taken[] = {"con",  "Aux",     "a/PRN", "lpt1/b",
                                        "a/r1", "a/R0001", "a/b/r7"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        CU_ASSERT(!dataset_name_check(span_str(taken[i])));
    static const char *const free_names[] = {"r1", "r0001/a", "a/r", "a/r1x", "a/1", "com", "cons"};
    for (size_t i = 0; i < sizeof free_names / sizeof free_names[0]; i++)
        CU_ASSERT(dataset_name_check(span_str(free_names[i])));
    CU_ASSERT(study_name_check(SPAN("0")) && study_name_check(SPAN("DEMO-101_b")));
    CU_ASSERT(dataset_name_check(SPAN("a/b/c")));
}

SUITE(entry, TEST(test_entry__refuses_a_member_removed_added_renamed_or_of_another_type),
      TEST(test_entry__refuses_members_in_another_order),
      TEST(test_entry__reads_no_two_texts_as_the_same),
      TEST(test_entry__refuses_what_is_not_canonical),
      TEST(test_entry__refuses_an_unknown_kind_or_version_as_unknown),
      TEST(test_entry__refuses_members_of_another_kind),
      TEST(test_entry__refuses_another_statement), TEST(test_entry__refuses_more_than_65535_bytes),
      TEST(test_entry__refuses_times_that_are_none), TEST(test_entry__refuses_numbers_out_of_range),
      TEST(test_entry__refuses_words_that_are_not_in_the_list),
      TEST(test_entry__refuses_texts_that_are_not_what_they_are_called),
      TEST(test_entry__refuses_a_scope_that_section_6_2_does_not_know),
      TEST(test_entry__refuses_keys_that_are_none),
      TEST(test_entry__writes_every_kind_and_reads_it_back),
      TEST(test_entry__is_written_as_format_shows_it), TEST(test_entry__keeps_every_number_apart),
      TEST(test_entry__says_which_detached_text_it_names),
      TEST(test_entry__says_whose_bytes_are_kept),
      TEST(test_entry__knows_names_of_studies_and_datasets))
