#include <stdio.h>

#include "format/zip.h"
#include "ledger/entry_form.h"
#include "ledger/entry_match.h"
#include "tests/ledger/entry_make.h"
#include "tests/test.h"

/* Both ways of reading it, and what they read, as it is written. */
struct both {
    bool matched, parsed;
    struct buf match, parse;
};

static void read_both(struct span text, struct both *b)
{
    struct arena a = {0};
    struct entry x;
    buf_clear(&b->match);
    buf_clear(&b->parse);
    b->matched = entry_match(text, &x);
    if (b->matched)
        entry_write(&b->match, &x);
    b->parsed = entry_parse(&a, text, &x, NULL);
    if (b->parsed)
        entry_write(&b->parse, &x);
    arena_close(&a);
}

static void close_both(struct both *b)
{
    buf_close(&b->match);
    buf_close(&b->parse);
}

/* What is matched is parsed, to the same; of printable ASCII without '\', also the reverse. */
static bool agree(struct span text, struct both *b)
{
    read_both(text, b);
    if (b->matched)
        return b->parsed && span_eq(buf_span(&b->match), buf_span(&b->parse)) &&
               span_eq(buf_span(&b->match), text);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x20 || text.p[i] > 0x7e || text.p[i] == '\\')
            return true;
    return !b->parsed;
}

static void check(struct span text, struct both *b, const char *what, size_t at)
{
    if (agree(text, b))
        return;
    printf("  %s at %zu: matched %d, parsed %d: %.*s\n", what, at, b->matched, b->parsed,
           SPAN_ARGS(text));
    CU_FAIL("they do not agree");
}

/* --- refusals --- */

static void test_entry_match__refuses_every_other_byte_that_entry_parse_refuses(void)
{
    struct both b = {0};
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k);
        struct span good = entry_bytes(&a, &x);
        uint8_t *text = arena_new(&a, good.n);
        memcpy(text, good.p, good.n);
        for (size_t i = 0; i < good.n; i++) {
            static const uint8_t others[] = {'0', '9', 'a', 'f', 'g', '"', '\\', ',',  ':',  '{',
                                             '}', 'n', '-', ' ', 'T', 0,   0x1f, 0x7f, 0x80, 0xff};
            for (size_t o = 0; o < sizeof others; o++) {
                text[i] = others[o];
                check(span_of(text, good.n), &b, "another byte", i);
            }
            text[i] = good.p[i];
        }
        arena_close(&a);
    }
    close_both(&b);
}

static void test_entry_match__refuses_what_is_cut_or_goes_on(void)
{
    struct both b = {0};
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k);
        struct span good = entry_bytes(&a, &x), longer;
        struct buf text = {0};
        for (size_t n = 0; n < good.n; n++) {
            /* A copy that ends there: reading on is an error for the sanitizers. */
            uint8_t *cut = mem_new(n + (n == 0));
            memcpy(cut, good.p, n);
            CU_ASSERT_FALSE(entry_match(span_of(cut, n), &x));
            mem_free(cut);
        }
        buf_add(&text, good);
        buf_byte(&text, '}');
        longer = buf_span(&text);
        CU_ASSERT_FALSE(entry_match(longer, &x));
        buf_close(&text);
        arena_close(&a);
    }
    close_both(&b);
}

static void test_entry_match__agrees_where_bytes_are_removed_doubled_or_exchanged(void)
{
    struct both b = {0};
    uint64_t random = 1;
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k);
        struct span good = entry_bytes(&a, &x);
        for (int round = 0; round < 2000; round++) {
            struct buf text = {0};
            size_t from = test_random(&random) % good.n, n = test_random(&random) % 24;
            size_t to = test_random(&random) % good.n;
            n = n < good.n - from ? n : good.n - from;
            buf_add(&text, span_of(good.p, to));
            buf_add(&text, span_of(good.p + from, n)); /* a piece of it put elsewhere ... */
            bool over = round % 2 == 1 && n < good.n - to;
            buf_add(&text, span_skip(good, over ? to + n : to)); /* ... or over it */
            check(buf_span(&text), &b, "a piece elsewhere", to);
            buf_close(&text);
        }
        arena_close(&a);
    }
    close_both(&b);
}

static void test_entry_match__leaves_what_is_not_plain_to_entry_parse(void)
{
    struct arena a = {0};
    struct both b = {0};
    struct entry x = entry_make(ENTRY_STUDY);
    struct buf text = {0};
    struct span good = entry_bytes(&a, &x);
    /* An escape that the canonical form would not write is refused by both. */
    size_t at = 0;
    while (memcmp(good.p + at, "ssh-ed25519", 11) != 0)
        at++;
    buf_add(&text, span_of(good.p, at));
    buf_str(&text, "\\u0073");
    buf_add(&text, span_skip(good, at + 1));
    read_both(buf_span(&text), &b);
    CU_ASSERT_FALSE(b.matched || b.parsed);
    buf_close(&text);
    close_both(&b);
    arena_close(&a);
}

/* --- what is right --- */

static void test_entry_match__takes_every_kind(void)
{
    struct both b = {0};
    for (enum entry_kind k = 0; k < ENTRY_KINDS; k++) {
        struct arena a = {0};
        struct entry x = entry_make(k), y;
        struct span text = entry_bytes(&a, &x);
        CU_ASSERT_FATAL(entry_match(text, &y));
        CU_ASSERT_EQUAL(y.kind, k);
        check(text, &b, "a good entry", 0);
        arena_close(&a);
    }
    close_both(&b);
}

static void test_entry_match__takes_null_and_the_largest_numbers(void)
{
    struct both b = {0};
    for (int largest = 0; largest < 2; largest++) {
        struct arena a = {0};
        struct entry x = entry_make(ENTRY_REVISION), y;
        uint64_t v = largest ? (UINT64_C(1) << 53) - 1 : ENTRY_NONE;
        x.revision.columns = x.revision.previous = x.revision.records = v;
        struct span text = entry_bytes(&a, &x);
        CU_ASSERT_FATAL(entry_match(text, &y));
        CU_ASSERT_EQUAL(y.revision.columns, v);
        CU_ASSERT_EQUAL(y.revision.records, v);
        check(text, &b, "numbers", 0);
        arena_close(&a);
    }
    close_both(&b);
}

static void test_entry_match__takes_every_word(void)
{
    struct both b = {0};
    for (uint64_t f = 0; f < DATA_FORMATS; f++) {
        struct arena a = {0};
        struct entry x = entry_make(ENTRY_REVISION), y;
        x.revision.format = f;
        CU_ASSERT_FATAL(entry_match(entry_bytes(&a, &x), &y));
        CU_ASSERT_EQUAL(y.revision.format, f);
        arena_close(&a);
    }
    close_both(&b);
}

/* --- behind another entry --- */

/* Two of each are one to be the same, and some are null. */
static void vary_value(const struct entry_field *f, uint64_t r, struct entry *x)
{
    static const uint64_t numbers[] = {0, 7, 19, 100, (UINT64_C(1) << 53) - 1};
    void *at = (uint8_t *)x + f->offset;
    bool none = r % 3 == 0;
    uint64_t count = 0;
    switch (f->type) {
    case A_TIME:
        *(int64_t *)at = 1768270332 + (int64_t)(r % 2000);
        break;
    case A_HASH_OR_NULL:
    case A_HASH:
        *(struct hash *)at = hash_fill(none && f->type == A_HASH_OR_NULL ? 0 : (uint8_t)(r | 1));
        break;
    case A_NUMBER_OR_NULL:
    case A_NUMBER:
        *(uint64_t *)at = none && f->type == A_NUMBER_OR_NULL ? ENTRY_NONE : numbers[r % 5];
        break;
    case A_BOOL:
        *(bool *)at = none;
        break;
    case A_WORD:
        for (count = 1; f->words[count] != NULL;)
            count++;
        *(uint64_t *)at = r % count;
        break;
    case A_TEXT:
        if (strcmp(f->name, "dataset") == 0)
            *(struct span *)at = none ? SPAN("SDTM/LB") : r % 3 == 1 ? SPAN("SDTM/LC") : SPAN("X");
        else if (strcmp(f->name, "cutoff") == 0)
            *(struct span *)at = none ? SPAN("") : SPAN("2026-03-31");
        break;
    }
}

/* An entry that differs from x in one value of `rarely`. */
static void vary(struct entry *x, uint64_t rarely, uint64_t *random)
{
    const struct entry_form *k = entry_form(x->kind);
    for (size_t i = 0; i < k->count; i++)
        if (test_random(random) % rarely == 0)
            vary_value(&k->fields[i], test_random(random) >> 8, x);
    if (test_random(random) % rarely == 0)
        x->subject = hash_fill((uint8_t)test_random(random));
}

/* A byte of one text is exchanged, removed or doubled, or its end cut off; or nothing is. */
static void damage(struct buf *b, uint64_t *random)
{
    static const uint8_t others[] = "09afgx\"\\,:{}n- T/_\x1f\x7f\xff";
    size_t at = test_random(random) % b->n, end = b->n;
    switch (test_random(random) % 8) {
    case 0:
        b->p[at] = others[test_random(random) % (sizeof others - 1)];
        break;
    case 1:
        memmove(b->p + at, b->p + at + 1, end - at - 1);
        b->n--;
        break;
    case 2:
        buf_byte(b, 0);
        memmove(b->p + at + 1, b->p + at, end - at);
        break;
    case 3:
        b->n = at + 1;
        break;
    default:
        break;
    }
}

static bool lies_in(struct span part, struct span whole)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void spans_lie_in(const struct entry *x, struct span text)
{
    const struct entry_form *k = entry_form(x->kind);
    for (size_t i = 0; i < k->count; i++)
        if (k->fields[i].type == A_TEXT)
            CU_ASSERT(
                lies_in(*(const struct span *)((const uint8_t *)x + k->fields[i].offset), text));
}

/* A text that ends where its memory does, and what it was matched as. */
struct matched {
    uint8_t *p;
    struct entry x;
};

/* It is matched behind another as it is by itself, and its values are its own. */
static void match_behind(struct entry_before *before, struct span text, struct matched *m)
{
    struct entry alone;
    struct buf one = {0}, two = {0};
    m->p = mem_new(text.n);
    memcpy(m->p, text.p, text.n);
    text.p = m->p;
    bool good = entry_match_next(before, text, &m->x);
    CU_ASSERT_EQUAL_FATAL(good, entry_match(text, &alone));
    if (good) {
        spans_lie_in(&m->x, text);
        entry_write(&one, &alone);
        entry_write(&two, &m->x);
        ASSERT_SPAN(buf_span(&two), buf_span(&one));
    }
    buf_close(&one);
    buf_close(&two);
}

static void walk_ledger(enum entry_kind first, uint64_t rarely, uint64_t *random)
{
    struct entry_before before = {0};
    struct matched last[2] = {{0}};
    struct entry x = entry_make(first);
    struct buf text = {0};
    for (int i = 0; i < 300; i++) {
        if (test_random(random) % 16 == 0)
            x = entry_make(test_random(random) % 2 == 0 ? first
                                                        : test_random(random) % ENTRY_KINDS);
        vary(&x, rarely, random);
        buf_clear(&text);
        entry_write(&text, &x);
        damage(&text, random);
        mem_free(last[i % 2].p); /* the last but one is not needed any more */
        match_behind(&before, buf_span(&text), &last[i % 2]);
    }
    mem_free(last[0].p);
    mem_free(last[1].p);
    buf_close(&text);
}

static void test_entry_match__reads_an_entry_behind_another_as_by_itself(void)
{
    uint64_t random = 5;
    for (uint64_t rarely = 1; rarely < 30; rarely += 3)
        for (enum entry_kind k = 0; k < ENTRY_KINDS; k++)
            walk_ledger(k, rarely, &random);
}

static void test_entry_match__reads_every_change_of_one_value_behind_another(void)
{
    uint64_t random = 6;
    for (enum entry_kind kind = 0; kind < ENTRY_KINDS; kind++) {
        const struct entry_form *k = entry_form(kind);
        for (size_t i = 0; i < 20 * k->count; i++) {
            struct entry_before before = {0};
            struct matched first = {0}, second = {0};
            struct entry x = entry_make(kind);
            struct arena a = {0};
            vary_value(&k->fields[i % k->count], test_random(&random) >> 8, &x);
            match_behind(&before, entry_bytes(&a, &x), &first);
            vary_value(&k->fields[i % k->count], test_random(&random) >> 8, &x);
            match_behind(&before, entry_bytes(&a, &x), &second);
            CU_ASSERT(before.text.n > 0);
            mem_free(first.p);
            mem_free(second.p);
            arena_close(&a);
        }
    }
}

/* --- names --- */

/* entry.c looks at dataset names by itself; they must be names in archives as well. */
static void test_entry_match__a_datasets_name_is_a_name_in_archives(void)
{
    static const char letters[] = "aAcCoOnNrRxXuUlLpPtTmMsS019.-_/";
    uint64_t random = 3;
    size_t good = 0;
    for (int round = 0; round < 300000; round++) {
        char text[8];
        size_t n = 1 + test_random(&random) % sizeof text;
        for (size_t i = 0; i < n; i++)
            text[i] = letters[test_random(&random) % (sizeof letters - 1)];
        if (!dataset_name_check(span_of(text, n)))
            continue;
        good++;
        CU_ASSERT(zip_name_check(span_of(text, n)));
    }
    CU_ASSERT(good > 1000);
}

SUITE(entry_match, TEST(test_entry_match__refuses_every_other_byte_that_entry_parse_refuses),
      TEST(test_entry_match__refuses_what_is_cut_or_goes_on),
      TEST(test_entry_match__agrees_where_bytes_are_removed_doubled_or_exchanged),
      TEST(test_entry_match__leaves_what_is_not_plain_to_entry_parse),
      TEST(test_entry_match__takes_every_kind),
      TEST(test_entry_match__takes_null_and_the_largest_numbers),
      TEST(test_entry_match__takes_every_word),
      TEST(test_entry_match__reads_an_entry_behind_another_as_by_itself),
      TEST(test_entry_match__reads_every_change_of_one_value_behind_another),
      TEST(test_entry_match__a_datasets_name_is_a_name_in_archives))
