#include "format/zip.h"

#include "tests/format/zip_forge.h"

/* No two equal stretches, so that no other deflate stream of that length gives the same bytes. */
static const char PLAIN[] = "The quick brown fox jumps.";

static void test_zip__refuses_every_change_of_a_byte(void)
{
    struct buf b = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    CU_ASSERT_TRUE(forge_add_raw(w, "d", forge_deflate(span_str(PLAIN)), span_str(PLAIN)));
    CU_ASSERT_TRUE(zip_add_bytes(w, SPAN("s/t"), SPAN("xyz"), NULL));
    forge_finish(w);
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    for (size_t i = 0; i < b.n; i++) {
        uint8_t was = b.p[i];
        for (unsigned change = 1; change < 256; change++) {
            b.p[i] = (uint8_t)(was ^ change);
            struct err e = {0};
            bool read = forge_reads(buf_span(&b), &e);
            if (read || e.kind != ERR_FORMAT)
                printf("  byte %zu: %02x became %02x: %s\n", i, was, b.p[i], e.text);
            CU_ASSERT_FALSE(read);
            CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
        }
        b.p[i] = was;
    }
    buf_close(&b);
}

static void test_zip__refuses_every_truncation(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    for (size_t n = 0; n < b.n; n++) {
        struct err e = {0};
        CU_ASSERT_FALSE(forge_reads(span_of(b.p, n), &e));
        CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    }
    for (size_t n = 1; n < b.n; n++)
        CU_ASSERT_FALSE(forge_reads(span_skip(buf_span(&b), n), NULL));
    buf_close(&b);
}

static void test_zip__refuses_the_loss_of_any_byte(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    for (size_t i = 0; i < b.n; i++) {
        struct buf cut = {0};
        buf_add(&cut, buf_span(&b));
        forge_remove(&cut, i, 1);
        CU_ASSERT_FALSE(forge_reads(buf_span(&cut), NULL));
        buf_close(&cut);
    }
    buf_close(&b);
}

static void test_zip__refuses_any_byte_put_in(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    for (size_t i = 0; i <= b.n; i++)
        for (unsigned v = 0; v < 256; v += 0x55) {
            struct buf more = {0};
            buf_add(&more, buf_span(&b));
            forge_insert(&more, i, (uint8_t)v, 1);
            CU_ASSERT_FALSE(forge_reads(buf_span(&more), NULL));
            buf_close(&more);
        }
    buf_close(&b);
}

static void test_zip__refuses_a_prefix(void)
{
    struct buf b = ARCHIVE("a.txt");
    forge_insert(&b, 0, 'M', 64);
    REFUSED(&b, "the directory does not end where the end record begins");
    b = ARCHIVE("a.txt");
    forge_move(&b, 0, 64); /* as a self-extracting archive has it */
    forge_insert(&b, 0, 'M', 64);
    REFUSED(&b, "it begins at byte 64 where 0 is due");
}

static void test_zip__refuses_a_suffix_or_comment(void)
{
    struct buf b = ARCHIVE("a.txt");
    buf_str(&b, "\n");
    REFUSED(&b, "end record: signature");
    b = ARCHIVE("a.txt");
    forge_put(&b, forge_end(&b) + E_COMMENT, 22, 2);
    buf_str(&b, "0123456789012345678901");
    REFUSED(&b, "end record: signature");
    b = ARCHIVE("a.txt"); /* a comment that looks like an end record */
    struct buf twice = ARCHIVE("a.txt");
    forge_put(&b, forge_end(&b) + E_COMMENT, twice.n, 2);
    buf_add(&b, buf_span(&twice));
    buf_close(&twice);
    REFUSED(&b, "the directory does not end where the end record begins");
}

static void test_zip__refuses_gaps(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    size_t second = forge_local(&b, 1);
    forge_move(&b, 1, 7);
    forge_insert(&b, second, 0, 7);
    REFUSED(&b, "it begins at byte 47 where 40 is due");
    b = ARCHIVE("a.txt", "b.txt");
    size_t directory = forge_central(&b, 0);
    forge_move(&b, 2, 7);
    forge_insert(&b, directory, 0, 7);
    REFUSED(&b, "the directory does not begin where the last member ends");
    b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_end(&b) + E_SIZE, b.n - E_RECORD - forge_central(&b, 0) + 3, 4);
    forge_insert(&b, forge_end(&b), 0, 3);
    REFUSED(&b, "the directory holds more than its members");
}

/* A member with its local header that the directory does not know. */
static void test_zip__refuses_a_member_that_is_not_listed(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt", "c.txt");
    size_t second = forge_central(&b, 1), size = forge_central(&b, 2) - second;
    size_t directory_size = (size_t)forge_get(&b, forge_end(&b) + E_SIZE, 4);
    forge_remove(&b, second, size);
    forge_put(&b, forge_end(&b) + E_SIZE, directory_size - size, 4);
    forge_put(&b, forge_end(&b) + E_COUNT_HERE, 2, 2);
    forge_put(&b, forge_end(&b) + E_COUNT, 2, 2);
    REFUSED(&b, "it begins at byte 80 where 40 is due");
}

static void test_zip__refuses_overlaps(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_central(&b, 1) + C_AT, 0, 4);
    REFUSED(&b, "it begins at byte 0 where 40 is due");
    b = ARCHIVE("a.txt", "b.txt"); /* the first holds the second */
    forge_both(&b, 0, L_STORED, C_STORED, 45, 4);
    forge_both(&b, 0, L_SIZE, C_SIZE, 45, 4);
    REFUSED(&b, "it begins at byte 40 where 80 is due");
    b = ARCHIVE("a.txt"); /* it holds the directory */
    forge_both(&b, 0, L_STORED, C_STORED, 50, 4);
    forge_both(&b, 0, L_SIZE, C_SIZE, 50, 4);
    REFUSED(&b, "it does not end before the directory");
}

/* The last local header would begin where the directory does. */
static void test_zip__refuses_a_directory_entry_without_a_member(void)
{
    struct buf b = ARCHIVE("a", "b");
    size_t second = forge_local(&b, 1), n = forge_central(&b, 0) - second;
    forge_put(&b, forge_central(&b, 1) + C_STORED, 0, 4);
    forge_put(&b, forge_central(&b, 1) + C_SIZE, 0, 4);
    forge_remove(&b, second, n);
    forge_put(&b, forge_end(&b) + E_AT, second, 4);
    REFUSED(&b, "it does not end before the directory");
}

static void test_zip__refuses_members_out_of_order(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    size_t first = forge_central(&b, 0), second = forge_central(&b, 1), n = second - first;
    uint8_t swap[C_HEADER + 5];
    memcpy(swap, b.p + first, n);
    memcpy(b.p + first, b.p + second, n);
    memcpy(b.p + second, swap, n);
    REFUSED(&b, "it begins at byte 40 where 0 is due");
    b = ARCHIVE("a.txt", "b.txt");
    forge_replace(&b, SPAN("a.txt"), SPAN("c.txt"));
    REFUSED(&b, "not above the one before");
    b = ARCHIVE("a.txt", "b.txt");
    forge_replace(&b, SPAN("b.txt"), SPAN("a.txt"));
    REFUSED(&b, "not above the one before");
}

static void test_zip__refuses_names_that_collide(void)
{
    struct buf b = ARCHIVE("X.txt", "b.txt");
    forge_replace(&b, SPAN("X.txt"), SPAN("B.txt"));
    REFUSED(&b, "members B.txt and b.txt collide");
    b = ARCHIVE("x", "y/z");
    forge_replace(&b, SPAN("y/z"), SPAN("x/z"));
    REFUSED(&b, "members x and x/z collide");
}

static void test_zip__refuses_names_that_are_not_portable(void)
{
    static const char *const names[] = {
        "../d/evil.t", "/ab/d/e.txt", "aa/../c.txt",       "aa\\dir\\e.tx",  "aa/dir/e.t.",
        "aa/./xe.txt", "aa//xxe.txt", "aa/dir/e.\xc3\xa9", "aa/d\x1bxxe.tx", "aa/.dotfile",
        "aa/nul.text", "aa/COM1.txt", "C:/dir/e.tx",       "aa/dir/e tx",    "aa/directo/"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf b = ARCHIVE("aa/dir/e.tx");
        CU_ASSERT_EQUAL(strlen(names[i]), strlen("aa/dir/e.tx"));
        forge_replace(&b, SPAN("aa/dir/e.tx"), span_str(names[i]));
        REFUSED(&b, "its name has");
    }
    struct buf b = ARCHIVE("aa/dir/e.tx");
    forge_replace(&b, SPAN("aa/dir/e.tx"), SPAN("aa/dir\0e.tx"));
    REFUSED(&b, "its name has a byte other than");
}

static void test_zip__refuses_links_folders_and_other_modes(void)
{
    static const uint32_t modes[] = {0120777, 0040755, 0100755, 0100600, 0060644, 0};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct buf b = ARCHIVE("a.txt");
        forge_put(&b, forge_central(&b, 0) + C_EXTERNAL, modes[i] << 16, 4);
        REFUSED(&b, "external attributes");
    }
}

static void test_zip__refuses_flags(void)
{
    static const unsigned flags[] = {1, 2, 8, 0x20, 0x40, 0x800, 0x2000};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        struct buf b = ARCHIVE("a.txt");
        forge_both(&b, 0, L_FLAGS, C_FLAGS, flags[i], 2);
        REFUSED(&b, "central header: flags");
    }
}

/* Streamed: sizes and CRC-32 stand behind the bytes. */
static void test_zip__refuses_a_data_descriptor(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    size_t behind = forge_local(&b, 1);
    forge_put(&b, L_FLAGS, 8, 2);
    forge_put(&b, L_CRC, 0, 4);
    forge_put(&b, L_STORED, 0, 4);
    forge_put(&b, L_SIZE, 0, 4);
    forge_put(&b, forge_central(&b, 0) + C_FLAGS, 8, 2);
    forge_move(&b, 1, 16);
    forge_insert(&b, behind, 0, 16);
    REFUSED(&b, "central header: flags");
}

static void test_zip__refuses_other_methods(void)
{
    static const unsigned methods[] = {1, 6, 9, 12, 14, 93, 99, 0xffff};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct buf b = ARCHIVE("a.txt");
        forge_both(&b, 0, L_METHOD, C_METHOD, methods[i], 2);
        REFUSED(&b, "its method is neither store nor deflate");
    }
}

static void test_zip__refuses_a_wrong_method(void)
{
    struct buf b = ARCHIVE("a.txt");
    forge_both(&b, 0, L_METHOD, C_METHOD, ZIP_DEFLATED, 2);
    REFUSED(&b, "its deflate stream");
    b = forge_deflated(forge_deflate(SPAN("aaaaaaaaaaaaaaaaaa")), SPAN("aaaaaaaaaaaaaaaaaa"));
    forge_both(&b, 0, L_METHOD, C_METHOD, ZIP_STORED, 2);
    REFUSED(&b, "it is stored, and has two sizes");
}

static void test_zip__refuses_a_local_header_unlike_the_directory(void)
{
    static const struct {
        size_t at;
        const char *why;
    } field[] = {
        {0, "signature"},
        {L_NEEDED, "version needed"},
        {L_FLAGS, "flags"},
        {L_METHOD, "method"},
        {10, "time"},
        {12, "date"},
        {L_CRC, "CRC-32"},
        {L_STORED, "compressed size"},
        {L_SIZE, "size"},
        {L_NAME, "name length"},
        {L_EXTRA, "extra field length"},
        {L_HEADER, "name or extra field"},
    };
    for (size_t i = 0; i < sizeof field / sizeof field[0]; i++) {
        struct buf b = ARCHIVE("a.txt", "b.txt");
        b.p[forge_local(&b, 1) + field[i].at] ^= 1;
        char why[80];
        snprintf(why, sizeof why, "member b.txt: local header: %s differs", field[i].why);
        REFUSED(&b, why);
    }
}

static void test_zip__refuses_extra_fields(void)
{
    static const char timestamp[] = "UT\x05\x00\x01\0\0\0\0";
    struct buf b = ARCHIVE("a.txt");
    size_t at = forge_central(&b, 0);
    forge_put(&b, forge_end(&b) + E_SIZE, forge_get(&b, forge_end(&b) + E_SIZE, 4) + 9, 4);
    forge_put(&b, at + C_EXTRA, 9, 2);
    forge_insert(&b, forge_end(&b), 0, 9);
    memcpy(b.p + forge_end(&b) - 9, timestamp, 9);
    REFUSED(&b, "the extra field is not the ZIP64 one that is needed");
    b = ARCHIVE("a.txt");
    forge_put(&b, L_EXTRA, 9, 2);
    forge_move(&b, 1, 9);
    forge_insert(&b, L_HEADER + 5, 0, 9);
    memcpy(b.p + L_HEADER + 5, timestamp, 9);
    REFUSED(&b, "the directory does not begin where the last member ends");
}

static void test_zip__refuses_lies_in_the_end_record(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_end(&b) + E_COUNT_HERE, 1, 2);
    REFUSED(&b, "end record: members on this disk is not canonical");
    b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_end(&b) + E_COUNT_HERE, 1, 2);
    forge_put(&b, forge_end(&b) + E_COUNT, 1, 2);
    REFUSED(&b, "the directory holds more than its members");
    b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_end(&b) + E_COUNT_HERE, 3, 2);
    forge_put(&b, forge_end(&b) + E_COUNT, 3, 2);
    REFUSED(&b, "the directory is too short for its members");
    b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_end(&b) + E_SIZE, 0xfffffffe, 4);
    REFUSED(&b, "the directory does not end where the end record begins");
    b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_end(&b) + 4, 1, 2);
    REFUSED(&b, "end record: disk number is not canonical");
}

static void test_zip__refuses_lengths_in_the_directory_beyond_its_end(void)
{
    struct buf b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_central(&b, 1) + C_NAME, 0xffff, 2);
    REFUSED(&b, "member 1: the directory is cut off");
    b = ARCHIVE("a.txt", "b.txt");
    forge_put(&b, forge_central(&b, 0) + C_NAME, 0, 2);
    CU_ASSERT_FALSE(forge_reads(buf_span(&b), NULL));
    buf_close(&b);
}

static void test_zip__refuses_bombs(void)
{
    static uint8_t zeros[1 << 20];
    struct span stored = forge_deflate(span_of(zeros, sizeof zeros));
    struct buf b = forge_deflated(stored, span_of(zeros, sizeof zeros));
    forge_both(&b, 0, L_SIZE, C_SIZE, 1000, 4);
    REFUSED(&b, "it inflates to more than its size says");
    b = forge_deflated(stored, span_of(zeros, sizeof zeros));
    forge_both(&b, 0, L_SIZE, C_SIZE, sizeof zeros - 1, 4);
    REFUSED(&b, "it inflates to more than its size says");
    b = forge_deflated(stored, span_of(zeros, sizeof zeros));
    forge_both(&b, 0, L_SIZE, C_SIZE, sizeof zeros + 1, 4);
    REFUSED(&b, "it inflates to less than its size says");
    b = forge_deflated(stored, span_of(zeros, sizeof zeros));
    forge_both(&b, 0, L_SIZE, C_SIZE, 1032 * (stored.n + 1), 4);
    REFUSED(&b, "it claims a size that deflate cannot reach");
}

static void test_zip__refuses_to_hand_out_a_byte_beyond_the_declared_size(void)
{
    static uint8_t zeros[200000];
    struct buf out = {0};
    struct buf b =
        forge_deflated(forge_deflate(span_of(zeros, sizeof zeros)), span_of(zeros, sizeof zeros));
    forge_both(&b, 0, L_SIZE, C_SIZE, 70000, 4);
    struct span archive = buf_span(&b);
    struct zip_reader *r = NULL;
    CU_ASSERT_TRUE_FATAL(zip_open(source_of(&archive), &r, NULL));
    CU_ASSERT_FALSE(zip_read(r, 0, sink_to(&out), NULL, NULL));
    CU_ASSERT(out.n <= 70000);
    zip_shut(r);
    buf_close(&out);
    buf_close(&b);
}

static void test_zip__refuses_bytes_behind_a_deflate_stream(void)
{
    struct buf stored = {0};
    buf_add(&stored, forge_deflate(span_str(PLAIN)));
    buf_byte(&stored, 0);
    struct buf b = forge_deflated(buf_span(&stored), span_str(PLAIN));
    REFUSED(&b, "its deflate stream ends before its bytes do");
    stored.n -= 2;
    b = forge_deflated(buf_span(&stored), span_str(PLAIN));
    REFUSED(&b, "its deflate stream ends early");
    b = forge_deflated(SPAN(""), SPAN(""));
    REFUSED(&b, "its deflate stream ends early");
    buf_close(&stored);
}

/* The stream ends with the last of the 64 KiB that are read at a time. */
static void test_zip__refuses_bytes_behind_a_deflate_stream_that_begin_a_new_read(void)
{
    enum { HEADERS = L_HEADER + 5 + 5, CONTENT = 65536 - HEADERS };
    uint8_t *stream = arena_new(&forge_memory, 5 + CONTENT + 1);
    const uint8_t stored_block[] = {1, CONTENT & 0xff, CONTENT >> 8, ~CONTENT & 0xff,
                                    ~CONTENT >> 8 & 0xff};
    memcpy(stream, stored_block, 5);
    struct span plain = span_of(stream + 5, CONTENT);
    struct buf b = forge_deflated(span_of(stream, 5 + CONTENT), plain);
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    buf_close(&b);
    b = forge_deflated(span_of(stream, 5 + CONTENT + 1), plain);
    REFUSED(&b, "its deflate stream ends before its bytes do");
}

/* The last of these bits ends the stream: 03 00 is an empty block of fixed codes in 10 bits. */
static void test_zip__refuses_padding_bits_behind_the_last_block(void)
{
    for (unsigned bit = 2; bit < 8; bit++) {
        uint8_t bytes[] = {0x03, (uint8_t)(1u << bit)};
        struct buf b = forge_deflated(span_of(bytes, 2), SPAN(""));
        REFUSED(&b, "padding that is not zero");
    }
    struct buf b = forge_deflated(SPAN("\x03\x00"), SPAN(""));
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    buf_close(&b);
}

/* 01 00 00 ff ff is an empty stored block: three bits of header, five of padding. */
static void test_zip__refuses_padding_bits_before_a_stored_block(void)
{
    for (unsigned bit = 3; bit < 8; bit++) {
        uint8_t bytes[] = {(uint8_t)(1 | 1u << bit), 0, 0, 0xff, 0xff};
        struct buf b = forge_deflated(span_of(bytes, sizeof bytes), SPAN(""));
        REFUSED(&b, "padding that is not zero");
    }
    /* After an empty fixed block (10 bits, 02 00) the header lies in bits 2 to 4 of the byte. */
    for (unsigned bit = 5; bit < 8; bit++) {
        uint8_t bytes[] = {0x02, (uint8_t)(4 | 1u << bit), 0, 0, 0xff, 0xff};
        struct buf b = forge_deflated(span_of(bytes, sizeof bytes), SPAN(""));
        REFUSED(&b, "padding that is not zero");
    }
    struct buf b = forge_deflated(SPAN("\x02\x04\x00\x00\xff\xff"), SPAN(""));
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    buf_close(&b);
}

/* n empty fixed blocks, then a stored one, last: its header begins at bit 10 n and may straddle. */
static struct span stored_behind_fixed(size_t n, size_t set_padding_bit, size_t *padding_bits)
{
    size_t header = 10 * n, body = (header + 3 + 7) / 8;
    uint8_t *p = arena_new(&forge_memory, body + 4);
    for (size_t i = 0; i < n; i++)
        p[(10 * i + 1) / 8] |= (uint8_t)(1u << (10 * i + 1) % 8);
    p[header / 8] |= (uint8_t)(1u << header % 8);
    *padding_bits = 8 * body - header - 3;
    if (set_padding_bit < *padding_bits)
        p[(header + 3 + set_padding_bit) / 8] |=
            (uint8_t)(1u << (header + 3 + set_padding_bit) % 8);
    memcpy(p + body, "\x00\x00\xff\xff", 4);
    return span_of(p, body + 4);
}

static void refuses_padding_bits(const char *name, size_t n)
{
    size_t padding, ignored;
    struct buf b = forge_deflated_as(name, stored_behind_fixed(n, SIZE_MAX, &padding), SPAN(""));
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    buf_close(&b);
    for (size_t i = 0; i < padding; i++) {
        b = forge_deflated_as(name, stored_behind_fixed(n, i, &ignored), SPAN(""));
        REFUSED(&b, "padding that is not zero");
    }
}

static void test_zip__refuses_padding_bits_at_every_bit_position(void)
{
    for (size_t n = 0; n < 10; n++)
        refuses_padding_bits("a", n);
}

/* The name's length moves the last byte of the first read to every place that a header can have. */
static void test_zip__refuses_padding_bits_where_one_read_ends_and_another_begins(void)
{
    static const char *const names[] = {"a", "aa", "aaa", "aaaa", "aaaaa"};
    for (size_t i = 0; i < 5; i++)
        for (size_t n = 52399; n < 52405; n++)
            refuses_padding_bits(names[i], n);
}

static void test_zip__refuses_malformed_deflate(void)
{
    struct buf b = forge_deflated(SPAN("\x07\x00"), SPAN("")); /* block type 3 */
    REFUSED(&b, "its deflate stream is malformed: invalid block type");
    b = forge_deflated(SPAN("\x01\x01\x00\xff\xff\x61"), SPAN("a"));
    REFUSED(&b, "its deflate stream is malformed: invalid stored block lengths");
    b = forge_deflated(SPAN("\x4b\x04\x62\x00"), SPAN("aaaaaa")); /* further back than the start */
    REFUSED(&b, "its deflate stream is malformed: invalid distance too far back");
}

static void test_zip__refuses_zip64_where_it_is_not_needed(void)
{
    struct buf b = ARCHIVE("a.txt");
    size_t end = forge_end(&b);
    uint64_t size = forge_get(&b, end + E_SIZE, 4), at = forge_get(&b, end + E_AT, 4);
    forge_insert(&b, end, 0, E64_RECORDS);
    forge_put(&b, end, 0x06064b50, 4);
    forge_put(&b, end + 4, 44, 8);
    forge_put(&b, end + 12, 0x032d, 2);
    forge_put(&b, end + 14, 45, 2);
    forge_put(&b, end + 24, 1, 8);
    forge_put(&b, end + 32, 1, 8);
    forge_put(&b, end + 40, size, 8);
    forge_put(&b, end + 48, at, 8);
    forge_put(&b, end + 56, 0x07064b50, 4);
    forge_put(&b, end + 64, end, 8);
    forge_put(&b, end + 72, 1, 4);
    struct buf full = {0};
    buf_add(&full, buf_span(&b));
    REFUSED(&b, "the directory does not end where the end record begins");
    forge_put(&full, forge_end(&full) + E_AT, 0xffffffff, 4);
    REFUSED(&full, "end record: signature is not canonical");
}

static void test_zip__refuses_full_fields_without_zip64(void)
{
    struct buf b = ARCHIVE("a.txt");
    forge_put(&b, forge_end(&b) + E_COUNT, 0xffff, 2);
    forge_put(&b, forge_end(&b) + E_COUNT_HERE, 0xffff, 2);
    REFUSED(&b, "end record: ZIP64 signature is not canonical");
    b = ARCHIVE("a.txt");
    forge_both(&b, 0, L_STORED, C_STORED, 0xffffffff, 4);
    forge_both(&b, 0, L_SIZE, C_SIZE, 0xffffffff, 4);
    REFUSED(&b, "central header: version made by is not canonical");
    b = ARCHIVE("a.txt");
    forge_put(&b, forge_central(&b, 0) + C_AT, 0xffffffff, 4);
    REFUSED(&b, "central header: version made by is not canonical");
}

static void test_zip__refuses_zip64_numbers_that_fit(void)
{
    struct buf b = ARCHIVE("a.txt");
    size_t at = forge_central(&b, 0);
    forge_put(&b, at + C_MADE_BY, 0x032d, 2);
    forge_put(&b, at + C_NEEDED, 45, 2);
    forge_put(&b, at + C_SIZE, 0xffffffff, 4);
    forge_put(&b, at + C_EXTRA, 12, 2);
    forge_put(&b, forge_end(&b) + E_SIZE, forge_get(&b, forge_end(&b) + E_SIZE, 4) + 12, 4);
    size_t extra = forge_end(&b);
    forge_insert(&b, extra, 0, 12);
    forge_put(&b, extra, 1, 2);
    forge_put(&b, extra + 2, 8, 2);
    forge_put(&b, extra + 4, 5, 8);
    REFUSED(&b, "central header: version made by is not canonical");
}

struct trap {
    size_t reads, fails_at;
    struct span bytes;
};

static bool trap_read(void *ctx, uint64_t at, void *p, size_t n, struct err *e)
{
    struct trap *t = ctx;
    if (t->reads++ == t->fails_at)
        return err_set(e, ERR_IO, "disk on fire");
    CU_ASSERT_FATAL(at <= t->bytes.n && n <= t->bytes.n - at);
    memcpy(p, t->bytes.p + at, n);
    return true;
}

static void test_zip__passes_errors_of_its_source_on(void)
{
    struct buf b = ARCHIVE("a.txt");
    for (size_t i = 0; i < 3; i++) {
        struct trap t = {0, i, buf_span(&b)};
        struct zip_reader *r = NULL;
        struct err e = {0};
        bool good = zip_open((struct source){trap_read, &t, b.n}, &r, &e);
        CU_ASSERT_EQUAL(good, i == 2);
        if (good)
            CU_ASSERT_FALSE(zip_read(r, 0, (struct sink){forge_forget, NULL}, NULL, &e));
        CU_ASSERT_EQUAL(e.kind, ERR_IO);
        zip_shut(r);
    }
    buf_close(&b);
}

static bool full_disk(void *ctx, struct span s, struct err *e)
{
    size_t *room = ctx;
    if (s.n > *room)
        return err_set(e, ERR_IO, "disk full");
    *room -= s.n;
    return true;
}

static void test_zip__refuses_to_go_on_after_an_error_of_its_sink(void)
{
    size_t room = 50;
    struct err e = {0};
    struct zip_writer *w = zip_create((struct sink){full_disk, &room});
    CU_ASSERT_TRUE(zip_add_bytes(w, SPAN("a.txt"), SPAN("hello"), &e));
    CU_ASSERT_FALSE(zip_add_bytes(w, SPAN("b.txt"), SPAN("hello"), &e));
    CU_ASSERT_EQUAL(e.kind, ERR_IO);
    CU_ASSERT_FALSE(zip_feed(w, SPAN("hello"), &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_FALSE(zip_finish(w, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    zip_close(w);
}

static bool adds(struct zip_writer *w, const char *name, struct err *e)
{
    return zip_add_bytes(w, span_str(name), SPAN("x"), e);
}

static void test_zip__refuses_to_write_what_it_would_not_read(void)
{
    struct buf b = {0};
    struct err e = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    CU_ASSERT_FALSE(adds(w, "../b", &e));
    CU_ASSERT_TRUE(adds(w, "b", &e));
    CU_ASSERT_FALSE(adds(w, "b", &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    CU_ASSERT_FALSE(adds(w, "a", &e));
    const struct zip_member two_sizes = {SPAN("c"), ZIP_STORED, 0, 1, 2};
    const struct zip_member unreachable = {SPAN("c"), ZIP_DEFLATED, 0, 3096, 2};
    const struct zip_member other_method = {SPAN("c"), (enum zip_method)12, 0, 2, 2};
    CU_ASSERT_FALSE(zip_add(w, &two_sizes, &e));
    CU_ASSERT_FALSE(zip_add(w, &unreachable, &e));
    CU_ASSERT_FALSE(zip_add(w, &other_method, &e));
    CU_ASSERT_TRUE(zip_finish(w, &e)); /* nothing was half done */
    CU_ASSERT_FALSE(zip_finish(w, &e));
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    zip_close(w);
    buf_close(&b);
}

static void test_zip__refuses_to_write_names_that_collide(void)
{
    struct err e = {0};
    struct zip_writer *w = zip_create((struct sink){forge_forget, NULL});
    CU_ASSERT_TRUE(adds(w, "A/x", &e) && adds(w, "a/y", &e));
    CU_ASSERT_FALSE(zip_finish(w, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_USAGE);
    zip_close(w);
}

static void test_zip__refuses_to_write_other_bytes_than_announced(void)
{
    static const struct {
        const char *bytes;
        uint32_t crc;
        bool fed, finished;
    } given[] = {{"xy", 0, true, false},    /* too few */
                 {"wxyz", 0, false, false}, /* too many */
                 {"xyz", 1, true, false},   /* another CRC-32 */
                 {"xyz", 0, true, true}};
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        struct zip_writer *w = zip_create((struct sink){forge_forget, NULL});
        struct zip_member m = {SPAN("a"), ZIP_STORED, forge_crc(SPAN("xyz")) ^ given[i].crc, 3, 3};
        CU_ASSERT_TRUE(zip_add(w, &m, NULL));
        CU_ASSERT_EQUAL(zip_feed(w, span_str(given[i].bytes), NULL), given[i].fed);
        CU_ASSERT_EQUAL(zip_finish(w, NULL), given[i].finished);
        zip_close(w);
    }
}

static void test_zip__limits_what_is_read_into_memory(void)
{
    struct buf b = ARCHIVE("a.txt");
    struct span archive = buf_span(&b), text;
    struct arena a = {0};
    struct err e = {0};
    struct zip_reader *r = NULL;
    CU_ASSERT_TRUE_FATAL(zip_open(source_of(&archive), &r, NULL));
    CU_ASSERT_FALSE(zip_read_all(r, 0, 4, &a, &text, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_LIMIT);
    CU_ASSERT_TRUE(zip_read_all(r, 0, 5, &a, &text, &e));
    ASSERT_SPAN(text, SPAN("a.txt"));
    zip_shut(r);
    arena_close(&a);
    buf_close(&b);
}

static void test_zip__writes_these_bytes(void)
{
    struct buf b = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    CU_ASSERT_TRUE(zip_add_bytes(w, SPAN("d/a"), SPAN("hi"), NULL));
    forge_finish(w);
    static struct span want; /* static: test_hex never frees */
    want = test_hex("504b0304"
                    "1400"
                    "0000"
                    "0000"
                    "0000"
                    "2100"
                    "ac2a93d8"
                    "02000000"
                    "02000000"
                    "0300"
                    "0000"
                    "642f61"
                    "6869"
                    "504b0102"
                    "1403"
                    "1400"
                    "0000"
                    "0000"
                    "0000"
                    "2100"
                    "ac2a93d8"
                    "02000000"
                    "02000000"
                    "0300"
                    "0000"
                    "0000"
                    "0000"
                    "0000"
                    "0000a481"
                    "00000000"
                    "642f61"
                    "504b0506"
                    "0000"
                    "0000"
                    "0100"
                    "0100"
                    "31000000"
                    "23000000"
                    "0000");
    ASSERT_SPAN(buf_span(&b), want);
    buf_close(&b);
}

static void test_zip__writes_an_archive_without_members(void)
{
    struct buf b = {0};
    forge_finish(zip_create(sink_to(&b)));
    CU_ASSERT_EQUAL(b.n, E_RECORD);
    CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
    buf_close(&b);
}

/* Sizes around the 64 KiB that are streamed at a time, stored and deflated. */
static void test_zip__reads_back_what_it_wrote(void)
{
    static const size_t sizes[] = {0, 1, 2, 65484, 65485, 65535, 65536, 65537, 131072, 300001};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    uint8_t *plain = arena_new(&forge_memory, 300001);
    uint64_t seed = 7;
    for (size_t i = 0; i < 300001; i++)
        plain[i] = (uint8_t)(test_random(&seed) & (i < 150000 ? 0xff : 3));
    struct buf b = {0};
    struct zip_writer *w = zip_create(sink_to(&b));
    for (size_t i = 0; i < SIZES; i++) {
        char name[] = {'a', '/', (char)('a' + i), '\0'};
        struct span s = span_of(plain + 300001 - sizes[i], sizes[i]);
        CU_ASSERT_TRUE(i % 2 == 0 ? zip_add_bytes(w, span_str(name), s, NULL)
                                  : forge_add_raw(w, name, forge_deflate(s), s));
    }
    forge_finish(w);
    struct span archive = buf_span(&b), text;
    struct zip_reader *r = NULL;
    struct arena a = {0};
    CU_ASSERT_TRUE_FATAL(zip_open(source_of(&archive), &r, NULL));
    CU_ASSERT_EQUAL(zip_count(r), SIZES);
    for (size_t i = SIZES; i-- > 0;) { /* in any order */
        CU_ASSERT_TRUE(zip_read_all(r, i, 300001, &a, &text, NULL));
        ASSERT_SPAN(text, span_of(plain + 300001 - sizes[i], sizes[i]));
    }
    zip_shut(r);
    arena_close(&a);
    buf_close(&b);
}

/* All input is used up while the last match still waits for room in the output. */
static void test_zip__reads_a_match_that_crosses_the_end_of_the_input(void)
{
    static const uint8_t zeros[65536 + 300];
    for (size_t n = 65536 - 10; n <= sizeof zeros; n++) {
        struct span plain = span_of(zeros, n);
        struct buf b = forge_deflated(forge_deflate(plain), plain);
        CU_ASSERT_TRUE(forge_reads(buf_span(&b), NULL));
        buf_close(&b);
    }
}

static void test_zip__hashes_the_bytes_as_they_lie_in_the_archive(void)
{
    struct span stored = forge_deflate(span_str(PLAIN));
    struct buf b = forge_deflated(stored, span_str(PLAIN));
    struct span archive = buf_span(&b);
    struct zip_reader *r = NULL;
    struct hash h;
    CU_ASSERT_TRUE_FATAL(zip_open(source_of(&archive), &r, NULL));
    CU_ASSERT_TRUE(zip_read(r, 0, (struct sink){forge_forget, NULL}, &h, NULL));
    CU_ASSERT_TRUE(hash_eq(h, sha256_of(stored)));
    zip_shut(r);
    buf_close(&b);
}

static void test_zip__finds_members_by_name(void)
{
    struct buf b = ARCHIVE("a", "b/a", "b/b", "c");
    struct span archive = buf_span(&b);
    struct zip_reader *r = NULL;
    struct zip_member m;
    CU_ASSERT_TRUE_FATAL(zip_open(source_of(&archive), &r, NULL));
    for (size_t i = 0; i < zip_count(r); i++) {
        zip_stat(r, i, &m);
        CU_ASSERT_EQUAL(zip_find(r, m.name), i);
        CU_ASSERT(m.method == ZIP_STORED && m.size == m.name.n && m.stored == m.size);
    }
    CU_ASSERT_EQUAL(zip_find(r, SPAN("b")), 4);
    CU_ASSERT_EQUAL(zip_find(r, SPAN("")), 4);
    CU_ASSERT_EQUAL(zip_find(r, SPAN("d")), 4);
    zip_shut(r);
    buf_close(&b);
}

SUITE(zip, TEST(test_zip__refuses_every_change_of_a_byte), TEST(test_zip__refuses_every_truncation),
      TEST(test_zip__refuses_the_loss_of_any_byte), TEST(test_zip__refuses_any_byte_put_in),
      TEST(test_zip__refuses_a_prefix), TEST(test_zip__refuses_a_suffix_or_comment),
      TEST(test_zip__refuses_gaps), TEST(test_zip__refuses_a_member_that_is_not_listed),
      TEST(test_zip__refuses_overlaps), TEST(test_zip__refuses_a_directory_entry_without_a_member),
      TEST(test_zip__refuses_members_out_of_order), TEST(test_zip__refuses_names_that_collide),
      TEST(test_zip__refuses_names_that_are_not_portable),
      TEST(test_zip__refuses_links_folders_and_other_modes), TEST(test_zip__refuses_flags),
      TEST(test_zip__refuses_a_data_descriptor), TEST(test_zip__refuses_other_methods),
      TEST(test_zip__refuses_a_wrong_method),
      TEST(test_zip__refuses_a_local_header_unlike_the_directory),
      TEST(test_zip__refuses_extra_fields), TEST(test_zip__refuses_lies_in_the_end_record),
      TEST(test_zip__refuses_lengths_in_the_directory_beyond_its_end),
      TEST(test_zip__refuses_bombs),
      TEST(test_zip__refuses_to_hand_out_a_byte_beyond_the_declared_size),
      TEST(test_zip__refuses_bytes_behind_a_deflate_stream),
      TEST(test_zip__refuses_bytes_behind_a_deflate_stream_that_begin_a_new_read),
      TEST(test_zip__refuses_padding_bits_behind_the_last_block),
      TEST(test_zip__refuses_padding_bits_before_a_stored_block),
      TEST(test_zip__refuses_padding_bits_at_every_bit_position),
      TEST(test_zip__refuses_padding_bits_where_one_read_ends_and_another_begins),
      TEST(test_zip__refuses_malformed_deflate),
      TEST(test_zip__refuses_zip64_where_it_is_not_needed),
      TEST(test_zip__refuses_full_fields_without_zip64),
      TEST(test_zip__refuses_zip64_numbers_that_fit),
      TEST(test_zip__passes_errors_of_its_source_on),
      TEST(test_zip__refuses_to_go_on_after_an_error_of_its_sink),
      TEST(test_zip__refuses_to_write_what_it_would_not_read),
      TEST(test_zip__refuses_to_write_names_that_collide),
      TEST(test_zip__refuses_to_write_other_bytes_than_announced),
      TEST(test_zip__limits_what_is_read_into_memory), TEST(test_zip__writes_these_bytes),
      TEST(test_zip__writes_an_archive_without_members), TEST(test_zip__reads_back_what_it_wrote),
      TEST(test_zip__reads_a_match_that_crosses_the_end_of_the_input),
      TEST(test_zip__hashes_the_bytes_as_they_lie_in_the_archive),
      TEST(test_zip__finds_members_by_name))
