/* SPDX-License-Identifier: Apache-2.0
 *
 * What every fuzz target shares: promises that end the run when broken, memory of
 * exactly the promised size, and inputs that are cut into lines.
 */
#ifndef AVCSEC_FUZZ_H
#define AVCSEC_FUZZ_H

#include "core/text/slice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* How many inputs were good ones: a corpus in which none is tests nothing. */
static size_t fuzz_accepted;

static void fuzz_report(void)
{
    fprintf(stderr, "accepted: %zu\n", fuzz_accepted);
    if (!fuzz_accepted) {
        fprintf(stderr, "no input of the corpus is a good one\n");
        _exit(3);
    }
}

/* With AVCSEC_FUZZ_NEEDS_ACCEPTED set, a run in which nothing was accepted fails. */
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    if (getenv("AVCSEC_FUZZ_NEEDS_ACCEPTED"))
        atexit(fuzz_report);
    return 0;
}

/* Ends the run, which keeps the input, unless the promise holds. */
#define PROMISE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Memory of exactly this size: the sanitizer sees one byte too many. */
static inline void *fuzz_room(size_t len)
{
    void *room = len < PTRDIFF_MAX ? malloc(len) : NULL;

    if (!room && len)
        abort();
    if (len)
        memset(room, 0xa5, len);
    return room;
}

/* A copy in memory of exactly its size; absent stays absent. */
static inline avcsec_slice_t fuzz_copy(avcsec_slice_t s)
{
    char *copy;

    if (!s.p)
        return s;
    copy = fuzz_room(s.len);
    if (s.len)
        memcpy(copy, s.p, s.len);
    return (avcsec_slice_t){copy, s.len};
}

static inline void fuzz_free(avcsec_slice_t s)
{
    free((char *)s.p);
}

/* The input's next line; absent after the last. */
static inline avcsec_slice_t fuzz_line(avcsec_slice_t *rest)
{
    avcsec_slice_t line = {0};

    avcsec_slice_cut(rest, '\n', &line);
    return line;
}

/* s as a string of its own, cut at a NUL it may hold. */
static inline char *fuzz_string(avcsec_slice_t s)
{
    char *string = malloc(s.len + 1);

    if (!string)
        abort();
    if (s.len)
        memcpy(string, s.p, s.len);
    string[s.len] = '\0';
    return string;
}

#endif
