/* SPDX-License-Identifier: Apache-2.0
 *
 * What one verification costs: reading a signed request and judging it, as the module
 * does for each, and the mac alone. Reads targets, one a line, and prints nanoseconds
 * each as JSON: the best of several passes, on the thread's own clock, so that other
 * work on the machine counts little.
 *
 *     one_verification KEY-FILE TARGETS
 */
#include "core/request/request.h"
#include "core/token/key_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PASSES 40
#define TARGETS 2000
#define TARGET_MAX 1024

static avcsec_keyring_t ring;
static char targets[TARGETS][TARGET_MAX];
static size_t count;

static bool find_key(void *baton, avcsec_slice_t kid, avcsec_key_t *key)
{
    const avcsec_key_t *found = avcsec_keyring_find(baton, kid);

    if (found)
        *key = *found;
    return found != NULL;
}

static void stop(const char *why)
{
    fprintf(stderr, "one_verification: %s\n", why);
    exit(2);
}

static void read_keys(const char *path)
{
    static char text[AVCSEC_KEY_FILE_MAX];
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(text, 1, sizeof(text), file) : 0, line;

    if (!file ||
        avcsec_keyring_parse((avcsec_slice_t){text, len}, (avcsec_slice_t){"", 0}, &ring, &line))
        stop("the key file cannot be read");
    fclose(file);
}

static void read_targets(const char *path)
{
    FILE *file = fopen(path, "r");

    while (file && count < TARGETS && fgets(targets[count], TARGET_MAX, file)) {
        targets[count][strcspn(targets[count], "\n")] = '\0';
        count++;
    }
    if (!count)
        stop("there are no targets");
    fclose(file);
}

static double now_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* One verification, from the raw target to the verdict. */
static bool verify(const char *target, avcsec_mac_t *mac, int64_t now)
{
    static char room[AVCSEC_READING_ROOM(TARGET_MAX, TARGET_MAX)];
    const avcsec_keys_t keys = {find_key, &ring};
    const avcsec_policy_t policy = {.asked = AVCSEC_FILE};
    avcsec_request_t request = {.method = AVCSEC_LITERAL("GET"),
                                .host = AVCSEC_LITERAL("chat.example")};
    avcsec_reading_t reading;
    avcsec_judgement_t judgement;
    avcsec_slice_t rest = avcsec_slice_of(target);

    avcsec_slice_cut(&rest, '?', &request.path);
    request.query = rest;
    avcsec_request_read(&request, room, &reading);
    avcsec_request_judge(&request, &reading, &policy, &keys, mac, now, &judgement);
    return judgement.verdict == AVCSEC_ALLOWED;
}

static double time_verifying(avcsec_mac_t *mac)
{
    int64_t now = (int64_t)time(NULL);
    double best = 1e18;

    for (int pass = 0; pass < PASSES; pass++) {
        double begun = now_ns(CLOCK_THREAD_CPUTIME_ID), each;

        for (size_t i = 0; i < count; i++)
            if (!verify(targets[i], mac, now))
                stop("a target was refused");
        each = (now_ns(CLOCK_THREAD_CPUTIME_ID) - begun) / (double)count;
        best = each < best ? each : best;
    }
    return best;
}

/* The mac of a text as long as that of a signed request. */
static double time_mac(avcsec_mac_t *mac)
{
    unsigned char out[AVCSEC_MAC_BYTES];
    double best = 1e18;

    for (int pass = 0; pass < PASSES; pass++) {
        double begun = now_ns(CLOCK_THREAD_CPUTIME_ID), each;

        for (size_t i = 0; i < count; i++) {
            avcsec_slice_t text = avcsec_slice_of(targets[i]);

            text.len -= text.len > 43 ? 43 : 0;
            if (!avcsec_mac_compute(mac, &ring.keys[0].u.derived[AVCSEC_FILE], &text, 1, out))
                stop("there is no mac");
        }
        each = (now_ns(CLOCK_THREAD_CPUTIME_ID) - begun) / (double)count;
        best = each < best ? each : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    avcsec_mac_t *mac = avcsec_mac_create();

    if (argc != 3 || !mac)
        stop("takes a key file and a file of targets");
    read_keys(argv[1]);
    read_targets(argv[2]);
    printf("{\"verification\": %.0f, \"mac\": %.0f}\n", time_verifying(mac), time_mac(mac));
    avcsec_mac_destroy(mac);
    return 0;
}
