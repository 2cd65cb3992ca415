#include "bundle/trust.h"

#include "bundle/layout.h"

static struct hash fingerprint_of(struct span policy, struct span signers, struct span tsa)
{
    struct buf lines = {0};
    layout_manifest_line(&lines, sha256_of(signers), SPAN("allowed_signers"));
    layout_manifest_line(&lines, sha256_of(policy), SPAN("policy"));
    if (tsa.p != NULL)
        layout_manifest_line(&lines, sha256_of(tsa), SPAN("tsa.pem"));
    struct hash h = sha256_of(buf_span(&lines));
    buf_close(&lines);
    return h;
}

bool trust_parse(struct arena *a, struct span policy, struct span allowed_signers, struct span tsa,
                 struct trust *out, struct err *e)
{
    if (!policy_parse(a, policy, &out->policy, e))
        return err_at(e, "policy");
    if (!ssh_signers_parse(a, allowed_signers, &out->signers, e))
        return err_at(e, "allowed_signers");
    out->seal = tsa.p != NULL;
    out->tsa = tsa;
    out->fingerprint = fingerprint_of(policy, allowed_signers, tsa);
    return true;
}
