/* SPDX-License-Identifier: Apache-2.0
 * Faults on command, preloaded into httpd, while the first byte of a mapped file says so. One of
 * OpenSSL's functions that make macs fails ('i' init, 'u' update, 'F' final): a server must refuse
 * then, never let through. Or the disk is slow ('s'): fsync takes its time. Or there is no memory
 * to share, in the parent ('m') or in children ('c'). */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile const char *fault;
static pid_t parent;

__attribute__((constructor)) static void map_fault(void)
{
    const char *name = getenv("AVC_FAULT_FILE");
    int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;

    parent = getpid();
    if (fd < 0)
        return;
    void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED)
        fault = page;
    close(fd);
}

static int fails(char which)
{
    return fault && *fault == which;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int EVP_MAC_init(EVP_MAC_CTX *context, const unsigned char *key, size_t len,
                 const OSSL_PARAM params[])
{
    return fails('i') ? 0 : REAL(EVP_MAC_init)(context, key, len, params);
}

int EVP_MAC_update(EVP_MAC_CTX *context, const unsigned char *data, size_t len)
{
    return fails('u') ? 0 : REAL(EVP_MAC_update)(context, data, len);
}

int EVP_MAC_final(EVP_MAC_CTX *context, unsigned char *out, size_t *len, size_t size)
{
    return fails('F') ? 0 : REAL(EVP_MAC_final)(context, out, len, size);
}

int SHA256_Init(SHA256_CTX *hash)
{
    return fails('i') ? 0 : REAL(SHA256_Init)(hash);
}

int SHA256_Update(SHA256_CTX *hash, const void *data, size_t len)
{
    return fails('u') ? 0 : REAL(SHA256_Update)(hash, data, len);
}

int SHA256_Final(unsigned char *out, SHA256_CTX *hash)
{
    return fails('F') ? 0 : REAL(SHA256_Final)(out, hash);
}

int fsync(int fd)
{
    if (fails('s'))
        usleep(1500000);
    return REAL(fsync)(fd);
}

/* What is built for large files calls it by its other name. */
void *mmap64(void *at, size_t size, int rights, int flags, int fd, off64_t offset)
{
    if (fails(getpid() == parent ? 'm' : 'c') && (flags & MAP_SHARED)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return REAL(mmap64)(at, size, rights, flags, fd, offset);
}

void *mmap(void *at, size_t size, int rights, int flags, int fd, off_t offset)
{
    return mmap64(at, size, rights, flags, fd, offset);
}
