#include "crypto/sign.h"

#include "base/arena.h"
#include "tests/test.h"

static struct public_key public_of(struct span bytes)
{
    struct public_key k;
    CU_ASSERT_EQUAL_FATAL(bytes.n, SIGN_PUBLIC);
    memcpy(k.b, bytes.p, SIGN_PUBLIC);
    return k;
}

static struct signature signature_of(struct span bytes)
{
    struct signature s;
    CU_ASSERT_EQUAL_FATAL(bytes.n, SIGN_SIGNATURE);
    memcpy(s.b, bytes.p, SIGN_SIGNATURE);
    return s;
}

static struct secret_key key_for_tests(void)
{
    uint8_t seed[SIGN_SEED] = {1, 2, 3};
    struct secret_key k;
    secret_key_from_seed(seed, &k);
    return k;
}

static void test_sign__refuses_any_flipped_bit(void)
{
    struct secret_key k = key_for_tests();
    uint8_t message[] = "as transferred";
    struct span m = span_of(message, sizeof message);
    struct signature s = sign_message(&k, m);
    CU_ASSERT_TRUE_FATAL(sign_verify(&k.public, m, &s));
    for (size_t bit = 0; bit < 8 * SIGN_SIGNATURE; bit++) {
        struct signature bad = s;
        bad.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_FALSE(sign_verify(&k.public, m, &bad));
    }
    for (size_t bit = 0; bit < 8 * SIGN_PUBLIC; bit++) {
        struct public_key bad = k.public;
        bad.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_FALSE(sign_verify(&bad, m, &s));
    }
    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_FALSE(sign_verify(&k.public, m, &s));
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    CU_ASSERT_FALSE(sign_verify(&k.public, span_of(message, sizeof message - 1), &s));
    CU_ASSERT_FALSE(sign_verify(&k.public, span_of(NULL, 0), &s));
}

/* S + L would verify as well as S does, where L is the order of the group (RFC 8032 5.1.7). */
static void test_sign__refuses_a_second_encoding_of_a_signature(void)
{
    struct span order =
        test_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    struct secret_key k = key_for_tests();
    struct signature s = sign_message(&k, SPAN("once"));
    unsigned carry = 0;
    for (size_t i = 0; i < order.n; i++) {
        carry += (unsigned)s.b[32 + i] + order.p[i];
        s.b[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    CU_ASSERT_EQUAL(carry, 0);
    CU_ASSERT_FALSE(sign_verify(&k.public, SPAN("once"), &s));
}

static void test_sign__refuses_the_neutral_key_that_fits_every_message(void)
{
    struct public_key neutral = {{1}};
    struct signature s = {{1}};
    CU_ASSERT_FALSE(sign_verify(&neutral, SPAN("anything"), &s));
    memset(&neutral, 0, sizeof neutral);
    memset(&s, 0, sizeof s);
    CU_ASSERT_FALSE(sign_verify(&neutral, SPAN("anything"), &s));
}

/* RFC 8032 section 7.1; all in hex. */
static const struct {
    const char *seed, *public, *message, *signature;
} rfc8032[] = {
    /* TEST 1 */
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
     "1cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    /* TEST 2 */
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
     "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    /* TEST 3 */
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
     "984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    /* TEST 1024 */
    {"f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
     "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
     "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f5"
     "4e9f77b1e355f6c50544e23fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37"
     "c93a1b270b20329d658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc1a858efc"
     "b8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4feba15452f80288a821a579116ec6dad2b"
     "3b310da903401aa62100ab5d1a36553e06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573c"
     "b116dbefefd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7aff6f6c94fcd7204"
     "ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed185ce81bd84359d44254d95629e9855a94a7c1958"
     "d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40cc24"
     "554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f27088d78b7e883c8759d2c4f5c6"
     "5adb7553878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2"
     "cf65bd92dd597b0707e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128bab27af87a"
     "71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969b"
     "e3ea7082ff7fc9888c144da2af58429ec96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9"
     "b47acdb751fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c42f58c30c04aafdb"
     "038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f92b0fe2fd1a85f672451"
     "7b65e614ad6808d6f6ee34dff7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08"
     "d78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e"
     "2ab47b57f7f7276cd419c17a3ca8e1b939ae49e488acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d"
     "5011fd2dcc5600a32ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e6aed3fb0"
     "f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5fb93246f6b1116398a346f1a641f3b041"
     "e989f7914f90cc2c7fff357876e506b50d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa9"
     "33a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380db2eaaa707b4c4185"
     "c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef68d3a101e8a3b8cac60c905c"
     "15fc910840b94c00a0b9d0",
     "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350aa5371b1508f9f4528ecea23"
     "c436d94b5e8fcd4f681e30a6ac00a9704a188a03"},
    /* TEST SHA(abc) */
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23"
     "a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6"
     "6431e0303dca179c138ac17ad9bef1177331a704"},
};

static void test_sign__gives_the_signatures_of_rfc_8032(void)
{
    for (size_t i = 0; i < sizeof rfc8032 / sizeof rfc8032[0]; i++) {
        struct secret_key k;
        struct span message = test_hex(rfc8032[i].message);
        secret_key_from_seed(test_hex(rfc8032[i].seed).p, &k);
        ASSERT_SPAN(span_of(k.public.b, SIGN_PUBLIC), test_hex(rfc8032[i].public));
        struct signature s = sign_message(&k, message);
        ASSERT_SPAN(span_of(s.b, SIGN_SIGNATURE), test_hex(rfc8032[i].signature));
        CU_ASSERT_TRUE(sign_verify(&k.public, message, &s));
    }
}

static void test_sign__signs_the_empty_message_without_bytes(void)
{
    struct secret_key k = key_for_tests();
    struct signature s = sign_message(&k, span_of(NULL, 0));
    CU_ASSERT_TRUE(sign_verify(&k.public, SPAN(""), &s));
}

static void test_sign__wipes_the_whole_key(void)
{
    static const struct secret_key zeroes;
    struct secret_key k = key_for_tests();
    CU_ASSERT_FALSE(public_key_eq(&k.public, &zeroes.public));
    secret_key_wipe(&k);
    CU_ASSERT_TRUE(public_key_eq(&k.public, &zeroes.public));
    CU_ASSERT_EQUAL(memcmp(k.seed, zeroes.seed, SIGN_SEED), 0);
}

/* The vector files have one member a line: enough for this, and no JSON parser is below crypto. */
static bool next_line(struct span *file, struct span *line)
{
    if (!span_line(file, line))
        return false;
    while (line->n > 0 && (line->p[0] == ' ' || line->p[0] == '\t'))
        *line = span_skip(*line, 1);
    return true;
}

/* The text between the quotes of `"name": "text"`. */
static bool member(struct span line, struct span name, struct span *text)
{
    if (!span_take(&line, SPAN("\"")) || !span_take(&line, name) ||
        !span_take(&line, SPAN("\": \"")))
        return false;
    *text = span_of(line.p, span_find(line, 0, '"'));
    return true;
}

static struct arena kept; /* what bytes_of gave; never freed, so no leak */

/* Like test_hex, for digits that a file holds. */
static struct span bytes_of(struct span digits)
{
    uint8_t *bytes = arena_new(&kept, digits.n / 2);
    CU_ASSERT_TRUE_FATAL(span_hex(digits, bytes, digits.n / 2));
    return span_of(bytes, digits.n / 2);
}

struct vector {
    struct span key, message, signature; /* as in the file */
};

/* True where the line is one of the vector's members; `key` is what the file calls the key. */
static bool vector_line(struct vector *v, struct span key, struct span line)
{
    return member(line, key, &v->key) || member(line, SPAN("msg"), &v->message) ||
           member(line, SPAN("sig"), &v->signature);
}

static bool vector_verifies(const struct vector *v, struct span message)
{
    struct public_key k = public_of(bytes_of(v->key));
    struct signature s = signature_of(bytes_of(v->signature));
    return sign_verify(&k, message, &s);
}

/*
 * C2SP/CCTV ed25519: every combination of small-order and non-canonical points. What crypto/sign.h
 * says is what this finds: a component of small order is no reason to refuse, all else is.
 */
static void test_sign__refuses_small_order_and_non_canonical_points(void)
{
    struct span file = test_file("../shared/vectors/cctv/ed25519/ed25519vectors.json"), line;
    if (file.p == NULL)
        SKIP("no ../shared/vectors/cctv");
    struct vector v = {0};
    bool refuse = false;
    unsigned accepted = 0, refused = 0;
    while (next_line(&file, &line)) {
        if (vector_line(&v, SPAN("key"), line))
            continue;
        if (span_starts(line, SPAN("{")))
            refuse = false;
        else if (span_starts(line, SPAN("}"))) {
            bool verifies = vector_verifies(&v, v.message);
            CU_ASSERT_EQUAL(verifies, !refuse);
            *(verifies ? &accepted : &refused) += 1;
        } else if (span_starts(line, SPAN("\"low_order_component_")))
            continue;
        else if (span_starts(line, SPAN("\"low_order_")) ||
                 span_starts(line, SPAN("\"non_canonical_")) ||
                 span_starts(line, SPAN("\"reencoded_k")))
            refuse = true;
    }
    CU_ASSERT_EQUAL(accepted, 43);
    CU_ASSERT_EQUAL(refused, 871);
}

/* Signatures that are not 64 bytes cannot be given to sign_verify; the file has 12, all invalid. */
static void test_sign__agrees_with_wycheproof(void)
{
    struct span file = test_file("../shared/vectors/wycheproof/ed25519_test.json"), line, result;
    if (file.p == NULL)
        SKIP("no ../shared/vectors/wycheproof");
    struct vector v = {0};
    unsigned valid = 0, invalid = 0;
    while (next_line(&file, &line)) {
        if (vector_line(&v, SPAN("pk"), line) || !member(line, SPAN("result"), &result))
            continue;
        bool verifies =
            v.signature.n == 2 * SIGN_SIGNATURE && vector_verifies(&v, bytes_of(v.message));
        CU_ASSERT_EQUAL(verifies, span_eq(result, SPAN("valid")));
        *(verifies ? &valid : &invalid) += 1;
    }
    CU_ASSERT_EQUAL(valid, 88);
    CU_ASSERT_EQUAL(invalid, 63);
}

SUITE(sign, TEST(test_sign__refuses_any_flipped_bit),
      TEST(test_sign__refuses_a_second_encoding_of_a_signature),
      TEST(test_sign__refuses_the_neutral_key_that_fits_every_message),
      TEST(test_sign__refuses_small_order_and_non_canonical_points),
      TEST(test_sign__gives_the_signatures_of_rfc_8032),
      TEST(test_sign__signs_the_empty_message_without_bytes), TEST(test_sign__wipes_the_whole_key),
      TEST(test_sign__agrees_with_wycheproof))
