#include "os/copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/dir.h"
#include "tests/temp.h"
#include "tests/test.h"

/* Two folders, and what was copied from one to the other. */
struct scene {
    const char *path, *other;
    struct copying c;
    struct buf seen;
    bool keep;
};

static bool copied(void *ctx, const char *path, struct hash hash, bool *keep, struct err *e)
{
    struct scene *s = ctx;
    (void)e;
    buf_str(&s->seen, path);
    buf_str(&s->seen, hash_eq(hash, sha256_of(SPAN("text"))) ? " " : "? ");
    *keep = s->keep;
    return true;
}

static void begin(struct scene *s)
{
    *s = (struct scene){.keep = true};
    s->path = temp_folder(&s->c.from);
    s->other = temp_folder(&s->c.to);
    s->c.batch = batch_open();
    s->c.copied = copied;
    s->c.ctx = s;
}

static void end(struct scene *s)
{
    buf_close(&s->seen);
    batch_close(s->c.batch);
    temp_folder_end(s->path, s->c.from);
    temp_folder_end(s->other, s->c.to);
}

static bool put(int folder, const char *name)
{
    return publish(folder, name, SPAN("text"), FILE_SHARED, NULL);
}

static void test_copy__takes_neither_links_nor_pipes_nor_what_others_are_writing(void)
{
    struct scene s;
    begin(&s);
    CU_ASSERT_EQUAL(mkdirat(s.c.from, "a", 0700), 0);
    CU_ASSERT_TRUE(put(s.c.from, "a/file"));
    CU_ASSERT_TRUE(put(s.c.from, "a/" PUBLISH_TEMP "1"));
    CU_ASSERT_EQUAL(symlinkat("/etc/passwd", s.c.from, "a/link"), 0);
    CU_ASSERT_EQUAL(symlinkat("/etc", s.c.from, "a/folder"), 0);
    CU_ASSERT_EQUAL(mkfifoat(s.c.from, "a/pipe", 0600), 0);
    CU_ASSERT_TRUE(copy_tree(&s.c, "a", NULL));
    ASSERT_SPAN(buf_span(&s.seen), SPAN("a/file "));
    end(&s);
}

static void test_copy__passes_over_what_is_not_there(void)
{
    struct scene s;
    begin(&s);
    CU_ASSERT_TRUE(copy_file(&s.c, "none", NULL));
    CU_ASSERT_TRUE(copy_tree(&s.c, "none", NULL));
    CU_ASSERT_EQUAL(s.c.files, 0);
    end(&s);
}

static void test_copy__drops_what_shall_not_be_kept(void)
{
    struct scene s;
    struct file_info info;
    begin(&s);
    s.keep = false;
    CU_ASSERT_TRUE(put(s.c.from, "a"));
    CU_ASSERT_TRUE(copy_file(&s.c, "a", NULL));
    CU_ASSERT_TRUE(batch_commit(s.c.batch, NULL));
    CU_ASSERT_TRUE(file_stat(s.c.to, "a", &info, NULL));
    CU_ASSERT_EQUAL(info.kind, FILE_ABSENT);
    CU_ASSERT_EQUAL(s.c.files, 0);
    end(&s);
}

static void test_copy__keeps_time_and_mode_but_not_write_permission(void)
{
    struct scene s;
    struct file_info was, is;
    const struct timespec then[2] = {{.tv_sec = 1}, {.tv_sec = 1234567890, .tv_nsec = 12345}};
    begin(&s);
    CU_ASSERT_TRUE(put(s.c.from, "a"));
    CU_ASSERT_EQUAL(fchmodat(s.c.from, "a", 0666, 0), 0);
    CU_ASSERT_EQUAL(utimensat(s.c.from, "a", then, 0), 0);
    CU_ASSERT_TRUE(copy_file(&s.c, "a", NULL));
    CU_ASSERT_TRUE(batch_commit(s.c.batch, NULL));
    CU_ASSERT_TRUE(file_stat(s.c.from, "a", &was, NULL));
    CU_ASSERT_TRUE(file_stat(s.c.to, "a", &is, NULL));
    CU_ASSERT_EQUAL(is.size, 4);
    CU_ASSERT_EQUAL(is.mode, 0644);
    CU_ASSERT_EQUAL(is.modified, was.modified);
    CU_ASSERT_EQUAL(is.modified_ns, was.modified_ns);
    CU_ASSERT_EQUAL(s.c.bytes, 4);
    end(&s);
}

static void test_dir__knows_what_lies_in_what(void)
{
    int d, inner, outer;
    const char *path = temp_folder(&d);
    bool in;
    CU_ASSERT_EQUAL(mkdirat(d, "a", 0700), 0);
    CU_ASSERT_EQUAL(mkdirat(d, "a/b", 0700), 0);
    CU_ASSERT_EQUAL(mkdirat(d, "c", 0700), 0);
    CU_ASSERT_TRUE(dir_open(d, "a/b", &inner, NULL));
    CU_ASSERT_TRUE(dir_open(d, "c", &outer, NULL));
    CU_ASSERT_TRUE(dir_lies_in(inner, d, &in, NULL) && in);
    CU_ASSERT_TRUE(dir_lies_in(d, d, &in, NULL) && in);
    CU_ASSERT_TRUE(dir_lies_in(d, inner, &in, NULL) && !in);
    CU_ASSERT_TRUE(dir_lies_in(inner, outer, &in, NULL) && !in);
    dir_close(inner);
    dir_close(outer);
    temp_folder_end(path, d);
}

SUITE(copy, TEST(test_copy__takes_neither_links_nor_pipes_nor_what_others_are_writing),
      TEST(test_copy__passes_over_what_is_not_there), TEST(test_copy__drops_what_shall_not_be_kept),
      TEST(test_copy__keeps_time_and_mode_but_not_write_permission),
      TEST(test_dir__knows_what_lies_in_what))
