#include "dataset/rows.h"

#include "tests/dataset/rows_read.h"
#include "tests/dataset/xpt_make.h"
#include "tests/test.h"

static void test_rows__refuses_formats_without_a_reader(void)
{
    for (enum file_format f = 0; f < FILE_FORMAT_COUNT; f++) {
        struct rows_read r = rows_read(SPAN(""), f, NULL);
        CU_ASSERT_FALSE(r.good);
        CU_ASSERT_EQUAL(r.err.kind == ERR_USAGE, !rows_readable(f));
        rows_read_close(&r);
    }
}

/* A source that fails once its reads have passed a number of bytes. */
struct failing {
    struct span bytes;
    uint64_t until;
};

static bool read_failing(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    struct failing *f = ctx;
    if (at + n > f->until)
        return err_set(e, ERR_IO, "the disk is gone");
    memcpy(p, f->bytes.p + at, n);
    return true;
}

static enum err_kind read_until(struct span file, enum file_format format, uint64_t until)
{
    struct failing f = {file, until};
    struct issues notes = {0};
    struct err e = {0};
    struct rows *rows;
    struct rows_input in = {
        .source = {read_failing, &f, file.n}, .format = format, .name = "f", .notes = &notes};
    if (rows_open(&in, &rows, &e)) {
        while (rows_member(rows, &e) == ROWS_MORE)
            continue;
        rows_close(rows);
    }
    issues_close(&notes);
    return e.kind;
}

static void test_rows__tells_what_the_source_said(void)
{
    struct xpt_make x = {0};
    struct span xpt = xpt_make_small(&x, 100000);
    struct buf csv = {0};
    buf_str(&csv, "A,B\n");
    while (csv.n < xpt.n)
        buf_str(&csv, "1,2\n");
    for (uint64_t until = 0; until < xpt.n; until += 100000) {
        CU_ASSERT_EQUAL(read_until(xpt, FILE_XPT5, until), ERR_IO);
        CU_ASSERT_EQUAL(read_until(buf_span(&csv), FILE_CSV, until), ERR_IO);
    }
    CU_ASSERT_EQUAL(read_until(xpt, FILE_XPT5, xpt.n), ERR_NONE);
    CU_ASSERT_EQUAL(read_until(buf_span(&csv), FILE_CSV, csv.n), ERR_NONE);
    buf_close(&x.b);
    buf_close(&csv);
}

static void test_rows__knows_the_encoding_it_saw(void)
{
    static const struct {
        const char *file;
        enum text_encoding encoding;
    } sample[] = {
        {"A\nplain text\n", TEXT_ASCII},
        {"A\n\xc3\xa9t\xc3\xa9 in a longer text\n", TEXT_UTF8},
        {"A\n\xc3\xa9\nlonger than a word \xe9\n", TEXT_OTHER},
        {"\xe9\nx\n", TEXT_OTHER},
    };
    for (size_t i = 0; i < sizeof sample / sizeof sample[0]; i++) {
        struct rows_read r = rows_read(span_str(sample[i].file), FILE_CSV, NULL);
        CU_ASSERT_EQUAL(r.encoding, sample[i].encoding);
        CU_ASSERT_EQUAL(rows_read_noted(&r, "UTF-8"), sample[i].encoding == TEXT_OTHER);
        rows_read_close(&r);
    }
}

SUITE(rows, TEST(test_rows__refuses_formats_without_a_reader),
      TEST(test_rows__tells_what_the_source_said), TEST(test_rows__knows_the_encoding_it_saw))
