/*
 * For scripts/bench: bench_data noise|csv|unsorted|xpt|ndjson MEGABYTES: bytes on standard output,
 * the same every time. noise cannot be compressed; the others are a laboratory listing of 20
 * columns, in order of STUDYID, USUBJID, LBSEQ, in a row of about 155 bytes as CSV, with some
 * quoted commas; of 207 bytes as SAS transport file; of about 180 as Dataset-JSON, a row a line.
 * unsorted is the CSV with its rows in another order.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/dataset/xpt_make.h"

enum { MEGABYTE = 1000000, BLOCK = 8000 };

_Noreturn void host_fatal(const char *why)
{
    fprintf(stderr, "bench_data: %s\n", why);
    exit(2);
}

/* SplitMix64, by Sebastiano Vigna. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void write_noise(uint64_t bytes)
{
    uint64_t state = 1, block[BLOCK / sizeof(uint64_t)];
    for (uint64_t done = 0; done < bytes; done += BLOCK) {
        for (size_t i = 0; i < BLOCK / sizeof(uint64_t); i++)
            block[i] = next(&state);
        fwrite(block, 1, BLOCK, stdout);
    }
}

enum { COLUMNS = 20, TEXT_MAX = 40 };

/* Texts have their width in XPT; numbers none. */
static const struct {
    const char *name, *label;
    int width;
} columns[COLUMNS] = {
    {"STUDYID", "Study Identifier", 7},
    {"DOMAIN", "Domain Abbreviation", 2},
    {"USUBJID", "Unique Subject Identifier", 16},
    {"LBSEQ", "Sequence Number", 0},
    {"LBTESTCD", "Lab Test Short Name", 8},
    {"LBTEST", "Lab Test Name", 40},
    {"LBCAT", "Category for Lab Test", 18},
    {"LBORRES", "Result in Original Units", 7},
    {"LBORRESU", "Original Units", 5},
    {"LBORNRLO", "Reference Range Lower Limit", 5},
    {"LBORNRHI", "Reference Range Upper Limit", 5},
    {"LBSTRESC", "Character Result in Std Format", 7},
    {"LBSTRESN", "Numeric Result in Std Units", 0},
    {"LBSTRESU", "Standard Units", 5},
    {"LBNRIND", "Reference Range Indicator", 6},
    {"LBBLFL", "Baseline Flag", 1},
    {"VISITNUM", "Visit Number", 0},
    {"VISIT", "Visit Name", 19},
    {"LBDTC", "Date/Time of Specimen", 16},
    {"LBDY", "Study Day", 0},
};

struct listing_row {
    char text[COLUMNS][TEXT_MAX];
};

/* The rows of 20 million that a file could have; each is known by its number alone. */
static void make_row(struct listing_row *r, uint64_t number)
{
    static const char *const code[] = {"ALT", "AST", "BILI", "CREAT", "GLUC", "K", "SODIUM"};
    static const char *const test[] = {
        "Alanine Aminotransferase",
        "Aspartate Aminotransferase",
        "Total Bilirubin",
        "Serum Creatinine",
        "Glucose, fasting",
        "Potassium",
        "Sodium",
    };
    uint64_t state = number, x = next(&state);
    unsigned value = (unsigned)(x % 40000), day = (unsigned)(x >> 32) % 300;
    unsigned subject = (unsigned)(number / 40), sequence = (unsigned)(number % 40);
    char result[TEXT_MAX];
    snprintf(result, sizeof result, value % 10 == 0 ? "%u" : "%u.%u", value / 10, value % 10);
    char(*t)[TEXT_MAX] = r->text;
    snprintf(t[0], TEXT_MAX, "BENCH-1");
    snprintf(t[1], TEXT_MAX, "LB");
    snprintf(t[2], TEXT_MAX, "BENCH-1-%08u", subject);
    snprintf(t[3], TEXT_MAX, "%u", sequence + 1);
    snprintf(t[4], TEXT_MAX, "%s", code[x % 7]);
    snprintf(t[5], TEXT_MAX, "%s", test[x % 7]);
    snprintf(t[6], TEXT_MAX, "CLINICAL CHEMISTRY");
    snprintf(t[7], TEXT_MAX, "%s", result);
    snprintf(t[8], TEXT_MAX, "U/L");
    snprintf(t[9], TEXT_MAX, "%u", 5 + value % 7);
    snprintf(t[10], TEXT_MAX, "%u", 300 + value % 50);
    snprintf(t[11], TEXT_MAX, "%s", result);
    snprintf(t[12], TEXT_MAX, "%s", result);
    snprintf(t[13], TEXT_MAX, "U/L");
    snprintf(t[14], TEXT_MAX, "%s", value > 30000 ? "HIGH" : "NORMAL");
    snprintf(t[15], TEXT_MAX, "%s", sequence < 7 ? "Y" : "");
    snprintf(t[16], TEXT_MAX, "%u", sequence / 7);
    snprintf(t[17], TEXT_MAX, sequence < 7 ? "BASELINE VISIT" : "TREATMENT WEEK %u", sequence / 7);
    snprintf(t[18], TEXT_MAX, "2026-%02u-%02uT08:%02u", day / 28 + 1, day % 28 + 1,
             (unsigned)(number % 60));
    snprintf(t[19], TEXT_MAX, "%u", day);
}

/* --- CSV --- */

static uint64_t print_cells(const struct listing_row *r)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        bool quoted = strchr(r->text[i], ',') != NULL;
        int n = printf(quoted ? "%s\"%s\"" : "%s%s", i == 0 ? "" : ",", r->text[i]);
        bytes += n > 0 ? (uint64_t)n : 0;
    }
    fputs("\r\n", stdout);
    return bytes + 2;
}

static void print_names(void)
{
    for (size_t i = 0; i < COLUMNS; i++)
        printf("%s%s", i == 0 ? "" : ",", columns[i].name);
    fputs("\r\n", stdout);
}

static void write_csv(uint64_t bytes)
{
    struct listing_row r = {0};
    print_names();
    for (uint64_t row = 0, done = 0; done < bytes; row++) {
        make_row(&r, row);
        done += print_cells(&r);
    }
}

/* Counts up in steps, modulo a prime: every number below it once. */
static void write_unsorted(uint64_t bytes)
{
    enum { PRIME = 10000019, STEP = 6180340 };
    struct listing_row r = {0};
    print_names();
    for (uint64_t row = 0, done = 0; done < bytes; row = (row + STEP) % PRIME) {
        make_row(&r, row);
        done += print_cells(&r);
    }
}

/* --- SAS transport file --- */

/* A number not below 0 as an IBM System/360 double: exponent of 16, fraction below 1. */
static uint64_t ibm_of(double x)
{
    enum { EXCESS = 64, FRACTION_BITS = 56 };
    int two, sixteen;
    double fraction = frexp(x, &two); /* in 0.5 to 1 */
    if (x == 0)
        return 0;
    sixteen = (two + 4 * EXCESS + 3) / 4;
    return (uint64_t)sixteen << FRACTION_BITS |
           (uint64_t)ldexp(fraction, FRACTION_BITS + two + 4 * EXCESS - 4 * sixteen);
}

static void write_out(struct xpt_make *x)
{
    fwrite(x->b.p, 1, x->b.n, stdout);
    buf_clear(&x->b);
}

static void write_xpt(uint64_t bytes)
{
    struct xpt_make x = {0};
    struct xpt_make_variable v[COLUMNS] = {{0}};
    struct listing_row r = {0};
    for (size_t i = 0; i < COLUMNS; i++) {
        int width = columns[i].width;
        v[i] = (struct xpt_make_variable){.name = columns[i].name,
                                          .label = columns[i].label,
                                          .type = width > 0 ? 2 : 1,
                                          .length = width > 0 ? width : 8};
    }
    xpt_make_library(&x);
    xpt_make_member(&x, "LB", v, COLUMNS);
    xpt_make_rows(&x, -1);
    write_out(&x);
    uint64_t rows = bytes / x.row_bytes;
    for (uint64_t row = 0; row < rows; row++) {
        make_row(&r, row);
        for (size_t i = 0; i < COLUMNS; i++) {
            if (columns[i].width > 0)
                xpt_make_text(&x.b, r.text[i], (size_t)columns[i].width);
            else
                buf_be64(&x.b, ibm_of(strtod(r.text[i], NULL)));
        }
        write_out(&x);
    }
    for (uint64_t n = rows * x.row_bytes; n % 80 != 0; n++)
        putchar(' ');
    buf_close(&x.b);
}

/* --- Dataset-JSON, a row a line --- */

static void write_ndjson(uint64_t bytes)
{
    enum { ROW_BYTES = 187 }; /* about */
    struct listing_row r = {0};
    uint64_t rows = bytes / ROW_BYTES;
    printf(
        "{\"datasetJSONCreationDateTime\":\"2026-01-01T00:00:00\",\"datasetJSONVersion\":\"1.1.0\","
        "\"itemGroupOID\":\"IG.LB\",\"records\":%" PRIu64
        ",\"name\":\"LB\",\"label\":\"Laboratory\","
        "\"columns\":[",
        rows);
    for (size_t i = 0; i < COLUMNS; i++)
        printf("%s{\"itemOID\":\"IT.LB.%s\",\"name\":\"%s\",\"label\":\"%s\",\"dataType\":\"%s\"}",
               i == 0 ? "" : ",", columns[i].name, columns[i].name, columns[i].label,
               columns[i].width > 0 ? "string" : "float");
    printf("]}\n");
    for (uint64_t row = 0; row < rows; row++) {
        make_row(&r, row);
        for (size_t i = 0; i < COLUMNS; i++)
            printf(columns[i].width > 0 ? "%s\"%s\"" : "%s%s", i == 0 ? "[" : ",", r.text[i]);
        printf("]\n");
    }
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *kind;
        void (*write)(uint64_t bytes);
    } kinds[] = {{"noise", write_noise},
                 {"csv", write_csv},
                 {"unsorted", write_unsorted},
                 {"xpt", write_xpt},
                 {"ndjson", write_ndjson}};
    if (argc != 3)
        host_fatal("what kind of data, and how many megabytes");
    size_t i = 0;
    while (i < sizeof kinds / sizeof kinds[0] && strcmp(argv[1], kinds[i].kind) != 0)
        i++;
    if (i == sizeof kinds / sizeof kinds[0])
        host_fatal("what kind of data?");
    kinds[i].write(strtoull(argv[2], NULL, 10) * MEGABYTE);
    if (fflush(stdout) != 0 || ferror(stdout))
        host_fatal("cannot write");
    return 0;
}
