/* SPDX-License-Identifier: Apache-2.0
 *
 * What every unit test shares: lines "ok" and "not ok", memory that ends or begins
 * at a page nobody may touch, and slices of it. One byte too many, read or
 * written, ends the test with a line that names the case.
 */
#ifndef AVCSEC_CHECK_H
#define AVCSEC_CHECK_H

#include "core/text/slice.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char check_label[256] = "the start";
static int check_failures;

/* Prints one line; what follows is the case in whole words. */
__attribute__((format(printf, 2, 3))) static inline bool check(bool is_right, const char *format,
                                                               ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(check_label, sizeof(check_label), format, arguments);
    va_end(arguments);
    printf("%s - %s\n", is_right ? "ok" : "not ok", check_label);
    check_failures += !is_right;
    return is_right;
}

/* A byte outside its memory was touched in the case after the one last printed, or
 * in the one that check_begins named. */
static void check_crashed(int number)
{
    static const char text[] = "not ok - memory that is not its own was touched; last case: ";

    fflush(stdout);
    if (write(1, text, sizeof(text) - 1) > 0 && write(1, check_label, strlen(check_label)) > 0 &&
        write(1, "\n", 1) > 0)
        _exit(128 + number);
    _exit(127);
}

/* Names the case that a crash from here on belongs to. */
static inline void check_begins(const char *label)
{
    snprintf(check_label, sizeof(check_label), "%s", label);
}

static inline void check_start(void)
{
    signal(SIGSEGV, check_crashed);
    signal(SIGBUS, check_crashed);
}

/* The exit status of main. */
static inline int check_end(void)
{
    fflush(stdout);
    return check_failures != 0;
}

/* Both sides of a guard page; every case runs on each. */
enum { ENDS_AT_GUARD, BEGINS_BEHIND_GUARD, SIDES };
#define EACH_SIDE(side) for (int side = 0; side < SIDES; side++)

#define GUARDS 256 /* a guarded memory lives until this many others were made */

/* `len` writable bytes, none of them zero, beside a page nobody may touch. */
static inline char *guarded_room(size_t len, int side)
{
    static struct {
        void *memory;
        size_t size;
    } guards[GUARDS];
    static size_t next;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (len / page + 1) * page;
    char *memory =
        mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *guard = side == ENDS_AT_GUARD ? memory + body : memory, *room;

    if (memory == MAP_FAILED || mprotect(guard, page, PROT_NONE) != 0) {
        perror("guard page");
        exit(2);
    }
    if (guards[next].memory)
        munmap(guards[next].memory, guards[next].size);
    guards[next].memory = memory;
    guards[next].size = body + page;
    next = (next + 1) % GUARDS;
    room = side == ENDS_AT_GUARD ? guard - len : guard + page;
    memset(room, 0xa5, len);
    return room;
}

/* A copy beside a guard page; an absent slice stays absent. */
static inline avcsec_slice_t guarded(avcsec_slice_t s, int side)
{
    char *copy;

    if (!s.p)
        return s;
    copy = guarded_room(s.len, side);
    if (s.len)
        memcpy(copy, s.p, s.len);
    return (avcsec_slice_t){copy, s.len};
}

/* The same of a string; NULL gives the absent slice. */
static inline avcsec_slice_t guarded_text(const char *text, int side)
{
    return guarded(avcsec_slice_of(text), side);
}

/* s is this string; NULL stands for the absent slice. */
static inline bool is_text(avcsec_slice_t s, const char *text)
{
    return text ? s.p && s.len == strlen(text) && memcmp(s.p, text, s.len) == 0 : s.p == NULL;
}

/* A table's length. */
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#endif
