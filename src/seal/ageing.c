/* How long what was signed with a key is worth something. */
#include "seal/openssl.h"

/* Table 4: RSA of 2048 bits has 112, P-256 and RSA of 3072 have 128. */
static const struct {
    int bits;     /* of security: fewer than these ... */
    int64_t from; /* ... are too few from this second on */
} needed[] = {
    {128, 1924992000}, /* 2031-01-01 */
};

int64_t seal_key_weak_from(X509 *x)
{
    int bits = EVP_PKEY_get_security_bits(X509_get0_pubkey(x));
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (bits < needed[i].bits)
            return needed[i].from;
    return INT64_MAX;
}
