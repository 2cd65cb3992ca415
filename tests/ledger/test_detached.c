#include <stdio.h>

#include "ledger/detached.h"
#include "tests/test.h"

#define SALT   "\"_salt\":\"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\""
#define TYPE   "\"_type\":\"https://trialseal.org/detached/"
#define HASH   "\"b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0\""
#define ISSUE1 "{\"detail\":\"d\",\"id\":\"file-empty\",\"place\":\"p\"}"
#define LB_ROW "{\"dataset\":\"LB\",\"entry\":3,\"member\":0,\"outcome\":\"new\",\"revision\":1}"
#define LB_FILE                                                                                    \
    "{\"datasets\":[" LB_ROW ",{\"dataset\":\"DM\",\"entry\":1,\"member\":1,"                      \
    "\"outcome\":\"unchanged\",\"revision\":2}],\"issues\":[],\"name\":\"lb.xpt\","                \
    "\"outcome\":\"new\",\"sha256\":" HASH ",\"size\":10}"
#define GONE_FILE                                                                                  \
    "{\"datasets\":[],\"issues\":[" ISSUE1 "," ISSUE1 "],\"name\":\"zz.xpt\","                     \
    "\"outcome\":\"held\",\"sha256\":null,\"size\":null}"
#define COLUMN "{\"key\":null,\"label\":\"\",\"length\":8,\"name\":\"AGE\",\"type\":\"num\"}"

/* As FORMAT chapter 4 describes them. */
static const char *const good[ENTRY_KINDS] = {
    [ENTRY_SYSTEM] = "{" SALT "," TYPE "configuration/v1\",\"home\":\"a = b\\n\",\"schemas\":["
                     "{\"name\":\"define.xml\",\"text\":\"\"}],\"study\":\"\"}",
    [ENTRY_TRANSFER] = "{" SALT "," TYPE "transfer/v1\",\"files\":[" LB_FILE "," GONE_FILE
                       "],\"id\":null,\"name\":\"T1\",\"reason\":\"why\",\"statement\":null}",
    [ENTRY_REVISION] =
        "{" SALT "," TYPE "revision/v1\",\"columns\":[" COLUMN
        ",{\"key\":2,\"label\":\"x\",\"length\":null,\"name\":\"SEX\",\"type\":\"char\"}],"
        "\"file\":\"l\xc3\xa4.xpt\",\"issues\":[" ISSUE1
        "],\"label\":\"\",\"member\":\"LB\",\"reason\":null,\"writer\":\"SAS\"}",
    [ENTRY_REFUSAL] = "{" SALT "," TYPE "refusal/v1\",\"file\":\"x.xpt\",\"issues\":[" ISSUE1 "]}",
    [ENTRY_WITHDRAWAL] = "{" SALT "," TYPE "withdrawal/v1\",\"reason\":\"wrong study\"}",
    [ENTRY_ERASURE] = "{" SALT "," TYPE "erasure/v1\",\"reason\":\"a subject asked for it\"}",
};

static enum err_kind check(enum entry_kind k, struct span text)
{
    struct arena a = {0};
    struct err e = {0};
    bool done = detached_check(&a, k, text, NULL, &e);
    CU_ASSERT_EQUAL(done, e.kind == ERR_NONE);
    arena_close(&a);
    return e.kind;
}

/* The good text of that kind with the first `from` made `to`. */
static enum err_kind changed(enum entry_kind k, const char *from, const char *to)
{
    struct buf b = {0};
    const char *at = strstr(good[k], from);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    buf_add(&b, span_of(good[k], (size_t)(at - good[k])));
    buf_str(&b, to);
    buf_str(&b, at + strlen(from));
    enum err_kind kind = check(k, buf_span(&b));
    buf_close(&b);
    return kind;
}

static void refuses(enum entry_kind k, const char *from, const char *to)
{
    enum err_kind kind = changed(k, from, to);
    if (kind == ERR_NONE)
        printf("  accepted: %s -> %s\n", from, to);
    CU_ASSERT_EQUAL(kind, ERR_FORMAT);
}

static void takes(enum entry_kind k, const char *from, const char *to)
{
    CU_ASSERT_EQUAL(changed(k, from, to), ERR_NONE);
}

/* --- every member of every object, whatever the kind --- */

/* Where the member that begins at `at` with its name ends, comma or brace excluded. */
static size_t member_end(struct span s, size_t at)
{
    int depth = 0;
    bool quoted = false;
    for (;; at++) {
        uint8_t c = s.p[at];
        if (c == '"' && s.p[at - 1] != '\\')
            quoted = !quoted;
        if (quoted)
            continue;
        if (depth == 0 && (c == ',' || c == '}'))
            return at;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    }
}

static bool begins_member(struct span s, size_t at)
{
    return s.p[at] == '"' && (s.p[at - 1] == '{' || s.p[at - 1] == ',') &&
           span_find(s, at, ':') < s.n && s.p[span_find(s, at + 1, '"') + 1] == ':';
}

static void without(enum entry_kind k, struct span s, size_t at)
{
    struct buf b = {0};
    size_t end = member_end(s, at);
    bool last = s.p[end] == '}';
    buf_add(&b, span_of(s.p, last && s.p[at - 1] == ',' ? at - 1 : at));
    buf_add(&b, span_skip(s, last ? end : end + 1));
    CU_ASSERT_EQUAL(check(k, buf_span(&b)), ERR_FORMAT);
    buf_close(&b);
}

static void with_more(enum entry_kind k, struct span s, size_t at)
{
    static const char *const more[] = {"\"!\":1,", "\"~\":\"\",", "\"\":null,"};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        struct buf b = {0};
        buf_add(&b, span_of(s.p, at));
        buf_str(&b, more[i]);
        buf_add(&b, span_skip(s, at));
        CU_ASSERT_EQUAL(check(k, buf_span(&b)), ERR_FORMAT);
        buf_close(&b);
    }
}

static void with_value(enum entry_kind k, struct span s, size_t at)
{
    static const char *const values[] = {"true", "{}", "-1", "1.5", "9007199254740992", "[1]"};
    size_t colon = span_find(s, at, ':'), end = member_end(s, at);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct buf b = {0};
        buf_add(&b, span_of(s.p, colon + 1));
        buf_str(&b, values[i]);
        buf_add(&b, span_skip(s, end));
        CU_ASSERT_EQUAL(check(k, buf_span(&b)), ERR_FORMAT);
        buf_close(&b);
    }
}

static void test_detached__refuses_a_member_removed_added_or_of_another_type(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct span s = span_str(good[k] == NULL ? "" : good[k]);
        unsigned members = 0;
        for (size_t at = 1; at < s.n; at++) {
            if (!begins_member(s, at))
                continue;
            without(k, s, at);
            with_more(k, s, at);
            with_value(k, s, at);
            members++;
        }
        CU_ASSERT(members >= 3 || s.n == 0);
    }
}

static void test_detached__refuses_what_is_not_canonical(void)
{
    refuses(ENTRY_WITHDRAWAL, "wrong study\"}", "wrong study\"}\n");
    refuses(ENTRY_WITHDRAWAL, "wrong study\"}", "wrong study\"} ");
    refuses(ENTRY_WITHDRAWAL, "wrong study\"}", "wrong study\"}{}");
    refuses(ENTRY_WITHDRAWAL, "wrong study", "wrong\\u0020study");
    refuses(ENTRY_WITHDRAWAL, "wrong study", "wrong\\/study");
    refuses(ENTRY_WITHDRAWAL, ",\"reason\"", ", \"reason\"");
    refuses(ENTRY_SYSTEM, "\\n", "\\u000a");
    refuses(ENTRY_TRANSFER, "\"entry\":3", "\"entry\":3.0");
    refuses(ENTRY_TRANSFER, "\"entry\":3", "\"entry\":03");
    refuses(ENTRY_REVISION, "\xc3\xa4", "\\u00e4");
    refuses(ENTRY_REVISION, "\xc3\xa4", "\xc3");
}

static void test_detached__refuses_members_in_another_order(void)
{
    refuses(ENTRY_SYSTEM, "\"name\":\"define.xml\",\"text\":\"\"",
            "\"text\":\"\",\"name\":\"define.xml\"");
    refuses(ENTRY_TRANSFER, "\"entry\":3,\"member\":0", "\"member\":0,\"entry\":3");
}

static void test_detached__refuses_the_text_of_another_kind_or_version(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++)
        for (enum entry_kind of = 0; of < ENTRY_KINDS; of++)
            if (good[k] != NULL && good[of] != NULL)
                CU_ASSERT_EQUAL(check(of, span_str(good[k])), k == of ? ERR_NONE : ERR_FORMAT);
    refuses(ENTRY_WITHDRAWAL, "withdrawal/v1", "withdrawal/v2");
    refuses(ENTRY_WITHDRAWAL, "withdrawal/v1", "refusal/v1");
    refuses(ENTRY_ERASURE, "erasure/v1", "withdrawal/v1");
    refuses(ENTRY_WITHDRAWAL, "trialseal.org", "example.org");
}

static void test_detached__refuses_hashes_that_are_none(void)
{
    refuses(ENTRY_WITHDRAWAL, "\"_salt\":\"5a", "\"_salt\":\"5A");
    refuses(ENTRY_WITHDRAWAL, "\"_salt\":\"5a", "\"_salt\":\"");
    refuses(ENTRY_WITHDRAWAL, "\"_salt\":\"5a", "\"_salt\":\"5a5a");
    refuses(ENTRY_TRANSFER, "\"sha256\":\"b0", "\"sha256\":\"g0");
    refuses(ENTRY_TRANSFER, "\"sha256\":" HASH, "\"sha256\":\"\"");
    takes(ENTRY_TRANSFER, "\"sha256\":" HASH, "\"sha256\":null");
}

static void test_detached__refuses_outcomes_that_are_not_in_the_list(void)
{
    refuses(ENTRY_TRANSFER, "\"outcome\":\"new\",\"rev", "\"outcome\":\"held\",\"rev");
    refuses(ENTRY_TRANSFER, "\"outcome\":\"new\",\"rev", "\"outcome\":\"\",\"rev");
    refuses(ENTRY_TRANSFER, "\"outcome\":\"new\",\"sha", "\"outcome\":\"lost\",\"sha");
    takes(ENTRY_TRANSFER, "\"outcome\":\"new\",\"sha", "\"outcome\":\"unchanged\",\"sha");
    takes(ENTRY_TRANSFER, "\"outcome\":\"new\",\"sha", "\"outcome\":\"statement\",\"sha");
    takes(ENTRY_TRANSFER, "\"outcome\":\"new\",\"sha", "\"outcome\":\"held\",\"sha");
}

static void test_detached__refuses_files_out_of_order(void)
{
    refuses(ENTRY_TRANSFER, "\"name\":\"lb.xpt\"", "\"name\":\"zzz.xpt\"");
    refuses(ENTRY_TRANSFER, "\"name\":\"zz.xpt\"", "\"name\":\"LB.xpt\"");
    takes(ENTRY_TRANSFER, "\"name\":\"zz.xpt\"", "\"name\":\"lb.xpt.xpt\"");
}

static void test_detached__refuses_null_where_it_stands_for_nothing(void)
{
    refuses(ENTRY_WITHDRAWAL, "\"wrong study\"", "null");
    refuses(ENTRY_ERASURE, "\"a subject asked for it\"", "null");
    refuses(ENTRY_REVISION, "\"label\":\"\",\"member\"", "\"label\":null,\"member\"");
    refuses(ENTRY_REVISION, "\"writer\":\"SAS\"", "\"writer\":null");
    refuses(ENTRY_TRANSFER, "\"entry\":3", "\"entry\":null");
    takes(ENTRY_REVISION, "\"member\":\"LB\"", "\"member\":null");
    takes(ENTRY_REVISION, "\"length\":8", "\"length\":null");
    takes(ENTRY_REFUSAL, "\"file\":\"x.xpt\"", "\"file\":null");
    takes(ENTRY_TRANSFER, "\"id\":null", "\"id\":\"X-1\"");
    takes(ENTRY_TRANSFER, "\"reason\":\"why\"", "\"reason\":null");
}

static void test_detached__refuses_a_text_cut_short(void)
{
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++)
        for (size_t n = 0; good[k] != NULL && n < strlen(good[k]); n++)
            CU_ASSERT_EQUAL(check(k, span_of(good[k], n)), ERR_FORMAT);
}

/* --- what is right --- */

static void test_detached__begins_what_it_accepts(void)
{
    struct buf b = {0};
    struct json_out o = {.b = &b};
    struct hash salt;
    memset(salt.b, 0x5a, sizeof salt.b);
    detached_begin(&o, ENTRY_WITHDRAWAL, salt);
    json_out_string(&o, "reason", SPAN("wrong study"));
    json_out_object_end(&o);
    ASSERT_SPAN(buf_span(&b), span_str(good[ENTRY_WITHDRAWAL]));
    buf_close(&b);
}

static void test_detached__accepts_every_kind_and_says_the_file(void)
{
    static const char *const want[ENTRY_KINDS] = {
        [ENTRY_REVISION] = "l\xc3\xa4.xpt", [ENTRY_REFUSAL] = "x.xpt"};
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct span file = SPAN("untouched");
        if (good[k] != NULL) {
            CU_ASSERT(detached_check(&a, k, span_str(good[k]), &file, NULL));
            ASSERT_SPAN(file, span_str(want[k] == NULL ? "" : want[k]));
        }
        arena_close(&a);
    }
}

static void test_detached__finds_strings_at_the_top_only(void)
{
    struct arena a = {0};
    struct span s;
    CU_ASSERT(detached_string(&a, span_str(good[ENTRY_TRANSFER]), "name", &s, NULL));
    ASSERT_SPAN(s, SPAN("T1"));
    CU_ASSERT(detached_string(&a, span_str(good[ENTRY_TRANSFER]), "id", &s, NULL));
    ASSERT_SPAN(s, SPAN(""));
    CU_ASSERT(detached_string(&a, span_str(good[ENTRY_TRANSFER]), "outcome", &s, NULL));
    ASSERT_SPAN(s, SPAN(""));
    CU_ASSERT(detached_string(&a, span_str(good[ENTRY_SYSTEM]), "home", &s, NULL));
    ASSERT_SPAN(s, SPAN("a = b\n"));
    arena_close(&a);
}

SUITE(detached, TEST(test_detached__refuses_a_member_removed_added_or_of_another_type),
      TEST(test_detached__refuses_what_is_not_canonical),
      TEST(test_detached__refuses_members_in_another_order),
      TEST(test_detached__refuses_the_text_of_another_kind_or_version),
      TEST(test_detached__refuses_hashes_that_are_none),
      TEST(test_detached__refuses_outcomes_that_are_not_in_the_list),
      TEST(test_detached__refuses_files_out_of_order),
      TEST(test_detached__refuses_null_where_it_stands_for_nothing),
      TEST(test_detached__refuses_a_text_cut_short), TEST(test_detached__begins_what_it_accepts),
      TEST(test_detached__accepts_every_kind_and_says_the_file),
      TEST(test_detached__finds_strings_at_the_top_only))
