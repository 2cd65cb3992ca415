#include "store/objects.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/publish.h"
#include "store/object_file.h"
#include "tests/temp.h"
#include "tests/test.h"

static struct arena samples; /* until the process ends */

/* Bytes that deflate well, or not at all. */
static struct span sample(size_t n, bool random)
{
    uint8_t *p = arena_new(&samples, n);
    uint64_t state = n;
    for (size_t i = 0; i < n; i++)
        p[i] = random ? (uint8_t)test_random(&state) : (uint8_t)("0123456789ABCDE\n"[i * i % 16]);
    return span_of(p, n);
}

static struct hash put(struct home *h, struct span bytes)
{
    struct objects_put *p = objects_put_open(h);
    struct hash name = {{0}};
    struct err e = {0};
    CU_ASSERT_TRUE(objects_put_bytes(p, bytes, &name, &e));
    CU_ASSERT_TRUE(objects_put_commit(p, &e));
    objects_put_close(p);
    return name;
}

static bool same(struct home *h, struct hash name, struct span want, struct err *e)
{
    struct object *o;
    struct buf got = {0};
    if (!objects_open(h, name, &o, e))
        return false;
    bool ok = object_read(o, sink_to(&got), e) && span_eq(buf_span(&got), want);
    buf_close(&got);
    object_close(o);
    return ok;
}

static void overwrite(struct home *h, struct hash name, bool deflated, off_t at)
{
    char path[OBJECT_PATH_MAX];
    uint8_t c = 0;
    object_path(name, deflated, path);
    int fd = openat(h->objects, path, O_RDWR);
    CU_ASSERT_EQUAL(pread(fd, &c, 1, at), 1);
    c ^= 1;
    CU_ASSERT_EQUAL(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void test_objects__detects_altered_bytes_in_either_form(void)
{
    struct temp_home t = temp_home();
    struct span bytes = sample(300000, false);
    struct hash name = put(t.home, bytes);
    struct err e = {0};
    overwrite(t.home, name, false, 299999);
    CU_ASSERT_FALSE(same(t.home, name, bytes, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_FALSE(objects_deflate(t.home, name, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    overwrite(t.home, name, false, 299999);
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    CU_ASSERT_TRUE(same(t.home, name, bytes, &e));
    struct object_file f;
    CU_ASSERT_TRUE_FATAL(object_file_open(t.home, name, &f, &e));
    off_t size = (off_t)f.file.size;
    file_close(&f.file);
    for (off_t at = 0; at < size; at++) {
        if (at >= size - OBJECT_TRAILER && at < size - 4)
            continue; /* the CRC-32: only a bundle's verifier reads it */
        overwrite(t.home, name, true, at);
        e.kind = ERR_NONE;
        bool altered = !same(t.home, name, bytes, &e) && e.kind == ERR_INTEGRITY;
        overwrite(t.home, name, true, at);
        CU_ASSERT_TRUE(altered);
        if (!altered)
            break;
    }
    temp_home_end(&t);
}

static void test_objects__says_that_one_is_missing(void)
{
    struct temp_home t = temp_home();
    struct object *o;
    struct err e = {0};
    bool there = true;
    CU_ASSERT_FALSE(objects_open(t.home, sha256_of(SPAN("never")), &o, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    CU_ASSERT_TRUE(objects_has(t.home, sha256_of(SPAN("never")), &there, &e) && !there);
    temp_home_end(&t);
}

static void test_objects__keeps_nothing_that_was_not_expected(void)
{
    struct temp_home t = temp_home();
    struct objects_put *p = objects_put_open(t.home);
    struct hash expected = sha256_of(SPAN("this")), got;
    struct err e = {0};
    uint64_t size;
    bool there;
    CU_ASSERT_TRUE(objects_put_begin(p, &e) && objects_put_feed(p, SPAN("that"), &e));
    CU_ASSERT_FALSE(objects_put_end(p, &expected, &got, &size, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_FORMAT);
    CU_ASSERT_TRUE(hash_eq(got, sha256_of(SPAN("that"))));
    CU_ASSERT_TRUE(objects_put_bytes(p, SPAN("this"), &got, &e));
    CU_ASSERT_TRUE(objects_has(t.home, got, &there, &e) && !there); /* not before the commit */
    CU_ASSERT_TRUE(objects_put_commit(p, &e));
    CU_ASSERT_TRUE(objects_has(t.home, got, &there, &e) && there);
    CU_ASSERT_TRUE(objects_has(t.home, sha256_of(SPAN("that")), &there, &e) && !there);
    objects_put_close(p);
    temp_home_end(&t);
}

/* The file, so that "unchanged" can be told. */
static struct file_info look(struct home *h, struct hash name, bool deflated)
{
    char path[OBJECT_PATH_MAX];
    struct file_info info;
    object_path(name, deflated, path);
    CU_ASSERT_TRUE(file_stat(h->objects, path, &info, NULL));
    return info;
}

static void test_objects__deflates_once_and_keeps_what_is_there(void)
{
    struct temp_home t = temp_home();
    struct span bytes = sample(1000003, false);
    struct hash name = put(t.home, bytes);
    struct err e = {0};
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    struct file_info first = look(t.home, name, true);
    CU_ASSERT_EQUAL(first.kind, FILE_REGULAR);
    CU_ASSERT_TRUE(first.size < bytes.n / 2);
    CU_ASSERT_EQUAL(look(t.home, name, false).kind, FILE_ABSENT);
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    put(t.home, bytes);
    CU_ASSERT_EQUAL(look(t.home, name, true).inode, first.inode);
    CU_ASSERT_EQUAL(look(t.home, name, false).kind, FILE_ABSENT);
    CU_ASSERT_TRUE(same(t.home, name, bytes, &e));
    temp_home_end(&t);
}

static void test_objects__keeps_what_does_not_deflate(void)
{
    struct temp_home t = temp_home();
    const struct span kept[] = {sample(1000003, true), sample(OBJECT_DEFLATE_MIN, true),
                                sample(OBJECT_DEFLATE_MIN - 1, false), SPAN("")};
    struct err e = {0};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        struct hash name = put(t.home, kept[i]);
        struct object *o;
        uint32_t crc = 1;
        CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
        CU_ASSERT_TRUE_FATAL(objects_open(t.home, name, &o, &e));
        CU_ASSERT_EQUAL(object_method(o), ZIP_STORED);
        CU_ASSERT_EQUAL(object_stored(o).size, kept[i].n);
        CU_ASSERT_TRUE(object_crc32(o, &crc, &e));
        CU_ASSERT_EQUAL(crc,
                        crc32_z(0, kept[i].n > 0 ? kept[i].p : (const uint8_t *)"", kept[i].n));
        object_close(o);
        CU_ASSERT_TRUE(same(t.home, name, kept[i], &e));
    }
    temp_home_end(&t);
}

static void test_objects__gives_a_deflate_stream_that_zlib_inflates(void)
{
    struct temp_home t = temp_home();
    struct span bytes = sample(700001, false);
    struct hash name = put(t.home, bytes);
    struct object *o;
    struct err e = {0};
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    CU_ASSERT_TRUE_FATAL(objects_open(t.home, name, &o, &e));
    struct source s = object_stored(o);
    uint8_t *in = mem_new((size_t)s.size), *out = mem_new(bytes.n + 1);
    CU_ASSERT_TRUE(s.read_at(s.ctx, 0, in, (size_t)s.size, &e));
    z_stream z = {
        .next_in = in, .avail_in = (uInt)s.size, .next_out = out, .avail_out = (uInt)bytes.n + 1};
    CU_ASSERT_EQUAL(inflateInit2(&z, -MAX_WBITS), Z_OK);
    CU_ASSERT_EQUAL(inflate(&z, Z_FINISH), Z_STREAM_END);
    CU_ASSERT_EQUAL(z.avail_in, 0);
    inflateEnd(&z);
    CU_ASSERT_TRUE(span_eq(span_of(out, z.total_out), bytes));
    uint32_t crc;
    CU_ASSERT_TRUE(object_crc32(o, &crc, &e));
    CU_ASSERT_EQUAL(crc, crc32_z(0, bytes.p, bytes.n));
    CU_ASSERT_EQUAL(object_method(o), ZIP_DEFLATED);
    CU_ASSERT_EQUAL(object_size(o), bytes.n);
    mem_free(in);
    mem_free(out);
    object_close(o);
    temp_home_end(&t);
}

static void test_objects__are_gzip_files_for_everybody(void)
{
    struct temp_home t = temp_home();
    struct hash name = put(t.home, sample(100000, false));
    char path[OBJECT_PATH_MAX], hex[65], command[800];
    struct err e = {0};
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    object_path(name, true, path);
    snprintf(command, sizeof command, "gzip -dc %s/objects/%s | sha256sum | grep -q ^%s", t.path,
             path, hash_hex(name, hex));
    CU_ASSERT_EQUAL(system(command), 0);
    temp_home_end(&t);
}

static void test_objects__gives_a_descriptor_of_the_original(void)
{
    struct temp_home t = temp_home();
    struct span bytes = sample(400000, false);
    struct hash name = put(t.home, bytes);
    struct err e = {0};
    for (int deflated = 0; deflated < 2; deflated++) {
        struct file f;
        uint8_t last[4];
        CU_ASSERT_TRUE_FATAL(objects_open_plain(t.home, name, &f, &e));
        CU_ASSERT_EQUAL(f.size, bytes.n);
        struct source s = file_source(&f);
        CU_ASSERT_TRUE(s.read_at(s.ctx, bytes.n - 4, last, 4, &e));
        CU_ASSERT_EQUAL(memcmp(last, bytes.p + bytes.n - 4, 4), 0);
        file_close(&f);
        CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    }
    temp_home_end(&t);
}

static void test_objects__finishes_a_killed_deflate(void)
{
    struct temp_home t = temp_home();
    struct span bytes = sample(50000, false);
    struct hash name = put(t.home, bytes);
    char path[OBJECT_PATH_MAX];
    struct err e = {0};
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    object_path(name, false, path); /* both are there, as between publish and remove */
    CU_ASSERT_TRUE(publish(t.home->objects, path, bytes, FILE_PRIVATE, &e));
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    CU_ASSERT_EQUAL(look(t.home, name, false).kind, FILE_ABSENT);
    CU_ASSERT_TRUE(same(t.home, name, bytes, &e));
    temp_home_end(&t);
}

static bool count_object(void *ctx, struct hash name, struct err *e)
{
    size_t *n = ctx;
    (void)name, (void)e;
    ++*n;
    return true;
}

static void test_objects__visits_each_once_and_refuses_strangers(void)
{
    struct temp_home t = temp_home();
    struct span big = sample(50000, false);
    struct hash name = put(t.home, big);
    char path[OBJECT_PATH_MAX];
    struct err e = {0};
    size_t n = 0;
    put(t.home, SPAN("small"));
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    object_path(name, false, path);
    CU_ASSERT_TRUE(publish(t.home->objects, path, big, FILE_PRIVATE, &e));
    CU_ASSERT_TRUE(objects_each(t.home, count_object, &n, &e));
    CU_ASSERT_EQUAL(n, 2);
    snprintf(path, sizeof path, "%02x/stranger", name.b[0]);
    CU_ASSERT_TRUE(publish(t.home->objects, path, big, FILE_PRIVATE, &e));
    CU_ASSERT_FALSE(objects_each(t.home, count_object, &n, &e));
    CU_ASSERT_EQUAL(e.kind, ERR_INTEGRITY);
    temp_home_end(&t);
}

static void test_objects__destroys_both_forms_and_nothing_else(void)
{
    struct temp_home t = temp_home();
    struct span bytes = sample(50000, false), small = SPAN("small");
    struct hash name = put(t.home, bytes), other = put(t.home, small);
    char path[OBJECT_PATH_MAX];
    struct err e = {0};
    CU_ASSERT_TRUE(objects_deflate(t.home, name, &e));
    object_path(name, false, path); /* both are there, as between publish and remove */
    CU_ASSERT_TRUE(publish(t.home->objects, path, bytes, FILE_PRIVATE, &e));
    CU_ASSERT_TRUE(objects_destroy(t.home, name, &e));
    CU_ASSERT_EQUAL(look(t.home, name, false).kind, FILE_ABSENT);
    CU_ASSERT_EQUAL(look(t.home, name, true).kind, FILE_ABSENT);
    CU_ASSERT_TRUE(objects_destroy(t.home, name, &e));
    CU_ASSERT_TRUE(objects_destroy(t.home, sha256_of(SPAN("never")), &e));
    CU_ASSERT_TRUE(same(t.home, other, small, &e));
    temp_home_end(&t);
}

static void test_objects__tells_the_hash_before_anything_is_kept(void)
{
    struct temp_home t = temp_home();
    struct objects_put *p = objects_put_open(t.home);
    struct hash name = sha256_of(SPAN("half whole")), got;
    struct err e = {0};
    bool there;
    CU_ASSERT_TRUE(objects_put_begin(p, &e) && objects_put_feed(p, SPAN("half"), &e));
    CU_ASSERT_TRUE(hash_eq(objects_put_hash(p), sha256_of(SPAN("half"))));
    CU_ASSERT_TRUE(objects_put_feed(p, SPAN(" whole"), &e));
    CU_ASSERT_TRUE(hash_eq(objects_put_hash(p), name));
    objects_put_drop(p);
    CU_ASSERT_TRUE(objects_put_commit(p, &e) && objects_has(t.home, name, &there, &e) && !there);
    CU_ASSERT_TRUE(objects_put_bytes(p, SPAN("half whole"), &got, &e) && hash_eq(got, name));
    objects_put_close(p);
    temp_home_end(&t);
}

SUITE(objects, TEST(test_objects__detects_altered_bytes_in_either_form),
      TEST(test_objects__says_that_one_is_missing),
      TEST(test_objects__keeps_nothing_that_was_not_expected),
      TEST(test_objects__deflates_once_and_keeps_what_is_there),
      TEST(test_objects__keeps_what_does_not_deflate),
      TEST(test_objects__gives_a_deflate_stream_that_zlib_inflates),
      TEST(test_objects__are_gzip_files_for_everybody),
      TEST(test_objects__gives_a_descriptor_of_the_original),
      TEST(test_objects__finishes_a_killed_deflate),
      TEST(test_objects__visits_each_once_and_refuses_strangers),
      TEST(test_objects__destroys_both_forms_and_nothing_else),
      TEST(test_objects__tells_the_hash_before_anything_is_kept))
