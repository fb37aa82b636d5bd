/* SPDX-License-Identifier: Apache-2.0
 *
 * The least of an HTTP client: a page of the server's own, on this machine as a rule.
 */
#include "fetch.h"

#include "complain.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_MAX (1u << 20)
#define NAME_MAX_LEN 255

typedef struct {
    char host[NAME_MAX_LEN + 1], port[6];
    const char *path;
} address_t;

static bool copy(char *to, size_t room, avcsec_slice_t text)
{
    if (!text.len || text.len >= room)
        return false;
    memcpy(to, text.p, text.len);
    to[text.len] = '\0';
    return true;
}

/* Without characters that would end the request's first line. */
static bool is_sendable(const char *url)
{
    for (; *url; url++)
        if ((unsigned char)*url <= 0x20 || *url == 0x7f)
            return false;
    return true;
}

static bool read_url(const char *url, address_t *address)
{
    static const char scheme[] = "http://";
    avcsec_slice_t host, port = {NULL, 0};
    const char *begin = url + sizeof(scheme) - 1;

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || !is_sendable(url))
        return false;
    address->path = begin + strcspn(begin, "/?#");
    host = avcsec_slice_between(begin, address->path);
    if (*begin == '[') {
        const char *end = memchr(begin, ']', host.len);

        if (!end)
            return false;
        if (end[1] == ':')
            port = avcsec_slice_between(end + 2, address->path);
        host = avcsec_slice_between(begin + 1, end);
    } else {
        port = host;
        avcsec_slice_cut(&port, ':', &host);
    }
    return copy(address->host, sizeof(address->host), host) &&
           copy(address->port, sizeof(address->port), port.p ? port : AVCSEC_LITERAL("80"));
}

static int connect_to(const address_t *address)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    const struct timeval patience = {.tv_sec = 10};
    int fd = -1;

    if (getaddrinfo(address->host, address->port, &hints, &found))
        return -1;
    for (const struct addrinfo *one = found; one && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (connect(fd, one->ai_addr, one->ai_addrlen)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static bool send_request(int fd, const address_t *address)
{
    char request[2048];
    bool is_v6 = strchr(address->host, ':') != NULL;
    int n = snprintf(request, sizeof(request),
                     "GET %s%s HTTP/1.0\r\nHost: %s%s%s:%s\r\nUser-Agent: avcsec\r\n\r\n",
                     *address->path == '/' ? "" : "/", address->path, is_v6 ? "[" : "",
                     address->host, is_v6 ? "]" : "", address->port);

    return n > 0 && (size_t)n < sizeof(request) &&
           send(fd, request, (size_t)n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* All there is, ended by a NUL that is not counted; NULL: too much, or an error. */
static char *read_all(int fd, size_t *len)
{
    char *text = malloc(ANSWER_MAX + 1);
    ssize_t n = -1;

    *len = 0;
    while (text && *len < ANSWER_MAX && (n = read(fd, text + *len, ANSWER_MAX - *len)) > 0)
        *len += (size_t)n;
    if (text && n == 0) {
        text[*len] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

/* The body in the place of the whole answer; false if it is no 200. */
static bool take_body(char *answer, size_t *len)
{
    const char *end = strstr(answer, "\r\n\r\n");

    if (strncmp(answer, "HTTP/1.", 7) != 0 || strncmp(answer + 8, " 200", 4) != 0 || !end)
        return false;
    *len -= (size_t)(end + 4 - answer);
    memmove(answer, end + 4, *len + 1);
    return true;
}

char *avcsec_fetch(const char *url, size_t *len)
{
    address_t address;
    char *answer = NULL;
    int fd;

    if (!read_url(url, &address)) {
        avcsec_complain("give a URL as http://127.0.0.1/server-status?auto; for https, "
                        "curl -s URL | avcsec status -");
        return NULL;
    }
    fd = connect_to(&address);
    if (fd >= 0 && send_request(fd, &address))
        answer = read_all(fd, len);
    if (fd >= 0)
        close(fd);
    if (!answer) {
        avcsec_complain("%s port %s does not answer", address.host, address.port);
        return NULL;
    }
    if (take_body(answer, len))
        return answer;
    avcsec_complain("the answer is not 200 but \"%.*s\": does <Location \"/server-status\"> with "
                    "SetHandler server-status stand there, for this address?",
                    (int)strcspn(answer, "\r\n") > 60 ? 60 : (int)strcspn(answer, "\r\n"), answer);
    free(answer);
    return NULL;
}

char *avcsec_fetch_input(size_t *len)
{
    char *text = read_all(STDIN_FILENO, len);

    if (!text)
        avcsec_complain("standard input cannot be read, or is longer than 1 MiB");
    return text;
}
