#include "ledger/revision_words.h"

const char *change_words(enum change c)
{
    static const char *const sentences[] = {
        [CHANGE_UNKNOWN] = "not compared",
        [CHANGE_NONE] = "the same bytes",
        [CHANGE_HEADER] = "header only: the same data",
        [CHANGE_METADATA] = "metadata only: the same data",
        [CHANGE_COLUMN_ORDER] = "the same data, its columns in another order",
        [CHANGE_RECORD_ORDER] = "the same records in another order",
        [CHANGE_FUZZ] = "numbers differ behind the 15th digit",
        [CHANGE_DATA] = "different data",
    };
    return sentences[c];
}

const char *key_words(enum key_source k)
{
    static const char *const sources[] = {
        [KEY_UNREAD] = "unknown",
        [KEY_DEFINE] = "named by the Define-XML or CSV schema",
        [KEY_DATASET] = "named by the file",
        [KEY_STUDY] = "named by study.conf",
        [KEY_STANDARD] = "that of the standard",
        [KEY_ALL] = "all columns",
    };
    return sources[k];
}

static void add_records(struct buf *b, uint64_t n)
{
    buf_u64(b, n);
    buf_str(b, n == 1 ? " record" : " records");
}

/* "34 records added, 2 changed, 1 removed", without those that are none. */
static void add_counts(struct buf *b, const struct revision_change *c)
{
    const struct {
        uint64_t n;
        const char *done;
    } part[] = {{c->added, " added"}, {c->changed, " changed"}, {c->removed, " removed"}};
    bool begun = false;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        if (part[i].n == 0)
            continue;
        if (begun) {
            buf_str(b, ", ");
            buf_u64(b, part[i].n);
        } else {
            add_records(b, part[i].n);
        }
        buf_str(b, part[i].done);
        begun = true;
    }
    if (!begun)
        buf_str(b, change_words(CHANGE_DATA)); /* other columns, and no records */
}

void revision_change_words(struct buf *b, uint64_t number, bool previous,
                           const struct revision_change *c, const char *back_to)
{
    if (c->reverted != ENTRY_NONE && back_to != NULL) {
        buf_str(b, CHANGE_BACK_TO);
        buf_str(b, back_to);
        buf_str(b, ": ");
    }
    if (!previous) {
        buf_str(b, number == 1 ? "the first" : "the first in this format");
    } else if (c->change == CHANGE_DATA) {
        add_counts(b, c);
    } else {
        buf_str(b, change_words((enum change)c->change));
        if (c->change == CHANGE_FUZZ) {
            buf_str(b, " in ");
            add_records(b, c->changed);
        }
    }
}

/* --- its twin --- */

void twin_words_before(struct buf *b, const struct twin *t)
{
    buf_str(b, "; ");
    buf_str(b, change_words(t->change));
    if (t->change == CHANGE_FUZZ)
        buf_str(b, " from those of ");
    else
        buf_str(b, t->change == CHANGE_RECORD_ORDER ? " than in " : " as ");
}

void twin_words_name(struct buf *b, const struct twin *t)
{
    if (t->same_dataset) {
        buf_str(b, "revision ");
    } else {
        buf_add(b, t->dataset);
        buf_byte(b, '@');
    }
    buf_u64(b, t->number);
}

void twin_words_behind(struct buf *b, const struct twin *t)
{
    buf_str(b, " (");
    buf_add(b, t->format);
    buf_str(b, t->withdrawn ? ", withdrawn)" : ")");
}

void twin_words(struct buf *b, const struct twin *t)
{
    if (t->entry == ENTRY_NONE)
        return;
    twin_words_before(b, t);
    twin_words_name(b, t);
    twin_words_behind(b, t);
}
