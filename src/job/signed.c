#include "job/signed.h"

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
