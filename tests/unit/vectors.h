/* SPDX-License-Identifier: Apache-2.0
 *
 * The published vectors, read as lines from vectors.py.
 */
#ifndef AVCSEC_VECTORS_H
#define AVCSEC_VECTORS_H

#include "check.h"

#define VECTOR_FIELDS 24

typedef struct {
    FILE *pipe;
    char *line;
    size_t size, count;
    char *field[VECTOR_FIELDS]; /* NULL: null, or not there */
} vectors_t;

/* Starts to read one set; AVCSEC_SOURCES is the source tree. */
static inline vectors_t vectors_open(const char *set)
{
    const char *sources = getenv("AVCSEC_SOURCES");
    vectors_t vectors = {0};
    char command[1024];

    snprintf(command, sizeof(command), "/usr/bin/python3 '%s/tests/unit/vectors.py' %s",
             sources ? sources : ".", set);
    fflush(stdout);
    vectors.pipe = popen(command, "r");
    return vectors;
}

/* Undoes the escapes of vectors.py in place; NULL for null. */
static inline char *vectors_unescape(char *field)
{
    char *out = field;

    if (strcmp(field, "\\N") == 0)
        return NULL;
    for (const char *in = field; *in; in++) {
        if (*in != '\\') {
            *out++ = *in;
            continue;
        }
        in++;
        *out++ = (char)(*in == 'n' ? '\n' : *in == 't' ? '\t' : *in);
    }
    *out = '\0';
    return field;
}

/* The next vector; false at the end. */
static inline bool vectors_next(vectors_t *vectors)
{
    char *rest, *field;
    ssize_t len;

    if (!vectors->pipe || (len = getline(&vectors->line, &vectors->size, vectors->pipe)) < 0)
        return false;
    if (len && vectors->line[len - 1] == '\n')
        vectors->line[len - 1] = '\0';
    memset(vectors->field, 0, sizeof(vectors->field));
    rest = vectors->line;
    for (size_t i = 0; i < VECTOR_FIELDS && (field = strsep(&rest, "\t")); i++)
        vectors->field[i] = vectors_unescape(field);
    vectors->count++;
    return true;
}

/* Checks that there were at least so many, and that all could be read. */
static inline void vectors_close(vectors_t *vectors, size_t least)
{
    bool is_read = vectors->pipe && pclose(vectors->pipe) == 0;

    free(vectors->line);
    check(is_read && vectors->count >= least, "%zu vectors were read", vectors->count);
}

#endif
