/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of media servers and questions of servers in front, in memory of exactly
 * their size. Lines of the input: a dialect or a front, a form (a header a field).
 */
#include "fuzz.h"

#include "core/request/front.h"
#include "core/session/dialect.h"
#include "core/session/form.h"

#define FIELDS 64

/* Values live until the message is read. */
typedef struct {
    avcsec_slice_t form;
    char *rooms[FIELDS];
    size_t count;
} message_t;

static bool get(void *baton, const char *name, avcsec_slice_t *value)
{
    message_t *message = baton;
    char *room = fuzz_room(message->form.len + 1);

    PROMISE(message->count < FIELDS);
    message->rooms[message->count++] = room;
    if (!avcsec_form_get(message->form, avcsec_slice_of(name), room, value))
        return true;
    PROMISE(value->p && value->len <= message->form.len);
    return value->len == 0 || value->p[0] != '!'; /* stands for what is no text */
}

static avcsec_slice_t get_header(void *baton, const char *name)
{
    avcsec_slice_t value = {0};

    get(baton, name, &value);
    return value;
}

static bool has_control(avcsec_slice_t s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 32 || s.p[i] == 127)
            return true;
    return false;
}

static bool has_slash(avcsec_slice_t s)
{
    return s.len && memchr(s.p, '/', s.len);
}

static void read_message(const avcsec_dialect_t *dialect, message_t *message)
{
    const avcsec_fields_t fields = {get, message};
    char *room = fuzz_room(AVCSEC_DIALECT_ROOM);
    avcsec_fault_t fault;
    avcsec_wish_t wish;

    avcsec_message_t read = avcsec_dialect_read(dialect, &fields, room, &wish, &fault);

    PROMISE((read == AVCSEC_MESSAGE_BAD) == (fault.field != NULL));
    if (read == AVCSEC_MESSAGE_ASKS) {
        fuzz_accepted++;
        PROMISE(wish.act.len > 0);
        PROMISE(wish.has_client == (dialect->client != NULL));
        PROMISE(!has_control(wish.app) && !has_control(wish.room) && !has_control(wish.token));
        PROMISE(!wish.is_room_of_token || (dialect->renames && !wish.is_asked_again));
        PROMISE(!dialect->is_url || (!has_slash(wish.app) && !has_slash(wish.room)));
    }
    free(room);
}

static void read_question(const avcsec_front_t *front, message_t *message)
{
    const avcsec_headers_t headers = {get_header, message};
    avcsec_request_t request = {.path = message->form, .method = AVCSEC_LITERAL("GET")};
    bool has_client;

    if (avcsec_front_read(front, &headers, AVCSEC_LITERAL("/ask"), &request, &has_client))
        return;
    fuzz_accepted++;
    PROMISE(request.path.len > 0 && request.path.p[0] == '/' && request.method.len > 0);
    PROMISE(has_client || !front->needs_client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, name = fuzz_copy(fuzz_line(&rest));
    const avcsec_dialect_t *dialect = avcsec_dialect_find(name);
    const avcsec_front_t *front = avcsec_front_find(name);
    message_t message = {.form = fuzz_copy(rest)};

    avcsec_form_is_clean(message.form);
    if (dialect)
        read_message(dialect, &message);
    if (front)
        read_question(front, &message);
    while (message.count)
        free(message.rooms[--message.count]);
    fuzz_free(message.form);
    fuzz_free(name);
    return 0;
}
