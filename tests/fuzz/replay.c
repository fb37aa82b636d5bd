/* SPDX-License-Identifier: Apache-2.0
 *
 * What runs a fuzz target where there is no libFuzzer: once over each file that is named, or
 * over each of a directory. Without a name over the target's corpus, tests/fuzz/corpus/NAME
 * below AVCSEC_SOURCES, of which an input must be a good one. Arguments that start with a dash
 * are libFuzzer's and mean nothing here.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef int target_t(const uint8_t *data, size_t size);

target_t LLVMFuzzerTestOneInput;
int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerRunDriver(int *count, char ***arguments, target_t *one);

static size_t inputs;

static void give_up(const char *path)
{
    perror(path);
    exit(2);
}

static void replay_file(target_t *one, const char *path, size_t size)
{
    /* Of exactly its size: a sanitizer sees one byte too many. */
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");

    if (!data || !file || fread(data, 1, size, file) != size)
        give_up(path);
    fclose(file);
    one(data, size);
    free(data);
    inputs++;
}

static void replay(target_t *one, const char *path);

static void replay_directory(target_t *one, const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    char name[4096];

    if (count < 0)
        give_up(path);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            replay(one, name);
        free(names[i]);
    }
    free(names);
}

static void replay(target_t *one, const char *path)
{
    struct stat found;

    if (stat(path, &found) != 0)
        give_up(path);
    if (S_ISDIR(found.st_mode))
        replay_directory(one, path);
    else
        replay_file(one, path, (size_t)found.st_size);
}

static void replay_corpus(target_t *one, const char *program)
{
    const char *sources = getenv("AVCSEC_SOURCES"), *name = strstr(program, "fuzz_");
    char path[4096];

    for (const char *next = name; next; next = strstr(next + 1, "fuzz_"))
        name = next;
    if (!name) {
        fprintf(stderr, "%s: name the inputs\n", program);
        exit(2);
    }
    snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", sources ? sources : ".",
             name + strlen("fuzz_"));
    replay(one, path);
}

/* libFuzzer's entry; what it returns is an exit status. */
int LLVMFuzzerRunDriver(int *count, char ***arguments, target_t *one)
{
    int named = 0;

    for (int i = 1; i < *count; i++)
        named += (*arguments)[i][0] != '-';
    if (!named)
        setenv("AVCSEC_FUZZ_NEEDS_ACCEPTED", "1", 1);
    LLVMFuzzerInitialize(count, arguments);
    if (!named)
        replay_corpus(one, (*arguments)[0]);
    for (int i = 1; i < *count; i++)
        if ((*arguments)[i][0] != '-')
            replay(one, (*arguments)[i]);
    fprintf(stderr, "inputs: %zu\n", inputs);
    return inputs ? 0 : 2;
}

int main(int count, char **arguments)
{
    return LLVMFuzzerRunDriver(&count, &arguments, LLVMFuzzerTestOneInput);
}
