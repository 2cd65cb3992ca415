#include "dataset/encoding.h"

#include <stdio.h>

#include "dataset/rows.h"
#include "tests/test.h"

static bool unknown(const char *name)
{
    struct encoding *x = NULL;
    struct err e = {0};
    bool opened = encoding_open(span_str(name), &x, &e);
    encoding_close(x);
    return !opened && e.kind == ERR_USAGE;
}

static void test_encoding__refuses_names_that_are_not_on_the_list(void)
{
    CU_ASSERT(unknown(""));
    CU_ASSERT(unknown("SHIFT_JIS"));
    CU_ASSERT(unknown("utf-16"));
    CU_ASSERT(unknown("iso-8859-12"));
    CU_ASSERT(unknown("windows-1259"));
    CU_ASSERT(unknown("big5-hkscs"));
    CU_ASSERT(unknown("ascii//TRANSLIT"));
}

/* What is in *out stays there, and nothing is added where the text is refused. */
static bool decodes(const char *name, struct span text, const char *want)
{
    struct encoding *x;
    struct err e;
    struct buf out = {0};
    buf_str(&out, "=");
    CU_ASSERT_FATAL(encoding_open(span_str(name), &x, &e));
    bool good = encoding_decode(x, text, &out);
    bool same = good == (want != NULL) && out.p[0] == '=' &&
                span_eq(span_skip(buf_span(&out), 1), span_str(want == NULL ? "" : want));
    if (!same)
        printf("  %s: %.*s\n", name, SPAN_ARGS(buf_span(&out)));
    encoding_close(x);
    buf_close(&out);
    return same;
}

static void test_encoding__refuses_what_an_encoding_does_not_have(void)
{
    CU_ASSERT(decodes("shift_jis", SPAN("ok \x83"), NULL));     /* half a character */
    CU_ASSERT(decodes("shift_jis", SPAN("ok \x83 "), NULL));    /* the other half is a blank */
    CU_ASSERT(decodes("shift_jis", SPAN("ok \xf0\x40"), NULL)); /* of its user's own */
    CU_ASSERT(decodes("shift_jis", SPAN("\x80"), NULL));
    CU_ASSERT(decodes("windows-1252", SPAN("\x81"), NULL));
    CU_ASSERT(decodes("iso-8859-1", SPAN("it\x92s"), NULL)); /* Windows-1252, declared wrongly */
    CU_ASSERT(decodes("utf-8", SPAN("caf\xe9"), NULL));
    CU_ASSERT(decodes("utf-8", SPAN("\xed\xa0\x80"), NULL));
    CU_ASSERT(decodes("big5", SPAN("\xc6\xa1"), NULL));
    CU_ASSERT(decodes("windows-1258", SPAN("\xd2\x8a"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("\x81\x30\x81"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("\xa2\xab"), NULL));         /* U+E766 */
    CU_ASSERT(decodes("gb18030", SPAN("\xe4\x32\xa1\x30"), NULL)); /* above U+10FFFF */
    CU_ASSERT(decodes("gb18030", SPAN("\xd8\x38\x97\x34"), NULL)); /* private */
}

/* The editions of GB 18030 have 25 characters in different places; the library is of some year. */
static void test_encoding__refuses_what_editions_do_not_agree_on(void)
{
    CU_ASSERT(decodes("gb18030", SPAN("<\xa8\xbc>"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("<\x81\x35\xf4\x37>"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("<\xa6\xd9>"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("<\x84\x31\x82\x36>"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("<\xfe\x59>"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("<\xfe\x51>"), NULL));
    CU_ASSERT(decodes("gb18030", SPAN("<\x95\x32\x90\x31>"), NULL));
}

static void test_encoding__decodes_texts(void)
{
    CU_ASSERT(decodes("shift_jis", SPAN("\x83\x65\x83\x58\x83\x67 \xb1\\"),
                      "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88 \xef\xbd\xb1\\"));
    CU_ASSERT(decodes("iso-8859-2", SPAN("\xb1"), "\xc4\x85"));
    CU_ASSERT(decodes("windows-1252", SPAN("it\x92s"), "it\xe2\x80\x99s"));
    CU_ASSERT(decodes("windows-1255", SPAN("\xf9\xd1"), "\xd7\xa9\xd7\x81")); /* never joined */
    CU_ASSERT(decodes("windows-1258", SPAN("\xea\xec t\xf2"),
                      "\xc3\xaa\xcc\x81 t\xcc\xa3")); /* never joined either */
    CU_ASSERT(decodes("gb18030", SPAN("\xd6\xd0\x81\x30\x84\x36\x95\x32\x90\x30"),
                      "\xe4\xb8\xad\xc2\xa5\xf0\xa0\x82\x86"));
    CU_ASSERT(decodes("koi8-r", SPAN("\xcd\xc9\xd2"), "\xd0\xbc\xd0\xb8\xd1\x80"));
    CU_ASSERT(decodes("euc-kr", SPAN(""), ""));
}

/* A CSV read with that encoding: names of columns, then cells; or why not. */
static void read_csv(struct span file, const char *name, struct buf *out)
{
    struct encoding *x;
    struct err e = {0};
    struct issues notes = {0};
    struct rows *rows = NULL;
    struct row row;
    CU_ASSERT_FATAL(encoding_open(span_str(name), &x, &e));
    struct rows_input in = {.source = source_of(&file),
                            .format = FILE_CSV,
                            .name = "f",
                            .notes = &notes,
                            .encoding = x};
    bool good = rows_open(&in, &rows, &e) && rows_member(rows, &e) == ROWS_MORE;
    for (size_t i = 0; good && i < rows_info(rows)->columns; i++) {
        buf_add(out, rows_info(rows)->column[i].name);
        buf_str(out, "|");
    }
    enum rows_step more = good ? ROWS_MORE : ROWS_FAILED;
    while (more == ROWS_MORE && (more = rows_next(rows, &row, &e)) == ROWS_MORE)
        for (size_t i = 0; i < row.cells; i++) {
            buf_add(out, row.cell[i].bytes);
            buf_str(out, "|");
        }
    if (more == ROWS_FAILED)
        buf_str(out, e.text);
    else
        CU_ASSERT_EQUAL(issues_count(&notes, SEVERITY_NOTE), 0);
    rows_close(rows);
    issues_close(&notes);
    encoding_close(x);
}

static bool reads(struct span file, const char *name, const char *want)
{
    struct buf out = {0};
    read_csv(file, name, &out);
    bool same = span_eq(buf_span(&out), span_str(want));
    if (!same)
        printf("  %.*s\n", SPAN_ARGS(buf_span(&out)));
    buf_close(&out);
    return same;
}

static void test_encoding__holds_a_file_that_is_not_what_was_declared(void)
{
    CU_ASSERT(reads(SPAN("A,B\nx,y\nz,caf\xe9\n"), "utf-8",
                    "A|B|x|y|row 2, column 2: text that is not utf-8, as was declared"));
    CU_ASSERT(
        reads(SPAN("A,caf\xe9\n"), "utf-8",
              "name or label in member 1, column 2: text that is not utf-8, as was declared"));
}

/* Each text on its own: what is UTF-8 is that, also beside one that is not. */
static void test_encoding__is_asked_for_texts_that_are_not_utf_8(void)
{
    CU_ASSERT(reads(SPAN("caf\xe9,B\ncaf\xc3\xa9,\"\xe9\"\n"), "iso-8859-2",
                    "caf\xc3\xa9|B|caf\xc3\xa9|\xc3\xa9|"));
    CU_ASSERT(reads(SPAN("A,B\n1,2\n"), "shift_jis", "A|B|1|2|"));
}

SUITE(encoding, TEST(test_encoding__refuses_names_that_are_not_on_the_list),
      TEST(test_encoding__refuses_what_an_encoding_does_not_have),
      TEST(test_encoding__refuses_what_editions_do_not_agree_on),
      TEST(test_encoding__decodes_texts),
      TEST(test_encoding__holds_a_file_that_is_not_what_was_declared),
      TEST(test_encoding__is_asked_for_texts_that_are_not_utf_8))
