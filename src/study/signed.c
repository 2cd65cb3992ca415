#include "study/signed.h"

#include "ledger/entry.h"
#include "store/keys.h"

bool signed_key(const struct home *h, struct span study, struct arena *a, struct note_key *out,
                struct err *e)
{
    struct buf vkey = {0};
    struct public_key k;
    if (!keys_public(h, keys_log(a, study), &k, e))
        return false;
    note_key_write(&vkey, home_study_origin(h, a, study), NOTE_ED25519, &k);
    bool good = note_key_parse(a, arena_copy(a, buf_span(&vkey)), out, e);
    buf_close(&vkey);
    return good;
}

bool signed_checkpoint(struct arena *a, struct span note, const struct note_key *key,
                       struct checkpoint *out, struct err *e)
{
    struct note n;
    if (!note_parse(a, note, &n, e) || !checkpoint_parse(n.text, out, e))
        return false;
    if (!span_eq(out->origin, key->name))
        return err_set(e, ERR_FORMAT, "it is of another ledger");
    return note_verify(&n, key, NULL) == NOTE_GOOD ||
           err_set(e, ERR_FORMAT, "the study's log key did not sign it");
}

static bool key_of_entry(struct log *l, uint64_t size, struct arena *a, struct note_key *out,
                         struct err *e)
{
    struct entry x;
    struct span bytes;
    if (size == 0)
        return err_set(e, ERR_FORMAT, "its checkpoint is of no entries");
    if (!log_entry(l, 0, size, a, &bytes, e) || !entry_parse(a, bytes, &x, e))
        return err_at(e, "entry 0");
    return x.kind == ENTRY_STUDY ? note_key_parse(a, x.study.log, out, e)
                                 : err_set(e, ERR_FORMAT, "entry 0 is not of a study");
}

bool signed_by_itself(struct log *l, struct arena *a, struct checkpoint *out, struct err *e)
{
    struct note n;
    struct span bytes;
    struct checkpoint claimed;
    struct note_key key;
    *out = (struct checkpoint){.root = tree_empty()};
    if (!log_checkpoint(l, a, &bytes, e))
        return false;
    return bytes.n == 0 ||
           (note_parse(a, bytes, &n, e) && checkpoint_parse(n.text, &claimed, e) &&
            key_of_entry(l, claimed.size, a, &key, e) && signed_checkpoint(a, bytes, &key, out, e));
}
