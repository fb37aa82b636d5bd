/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec explain --admission: a question of a media server, answered.
 */
#include "admission.h"

#include "commands.h"
#include "complain.h"

#include "core/session/dialect.h"
#include "core/session/form.h"

#include <stdio.h>
#include <stdlib.h>
#ifdef AVCSEC_HAVE_JANSSON
#include <jansson.h>
#endif

#define LONGEST 65536 /* as of the module */

/* ---- Fields ---- */

typedef struct {
    avcsec_slice_t text;
    char *rooms; /* of decoded values, one behind the other */
    size_t used, size;
} form_t;

static bool get_of_form(void *baton, const char *name, avcsec_slice_t *value)
{
    form_t *form = baton;

    if (form->size - form->used < form->text.len)
        return false;
    avcsec_form_get(form->text, avcsec_slice_of(name), form->rooms + form->used, value);
    form->used += value->len;
    return true;
}

#ifdef AVCSEC_HAVE_JANSSON
static bool get_of_json(void *baton, const char *name, avcsec_slice_t *value)
{
    const json_t *at = baton;
    avcsec_slice_t rest = avcsec_slice_of(name), part;
    char member[64];

    while (at && !json_is_null(at) && avcsec_slice_cut(&rest, '.', &part)) {
        if (!json_is_object(at) || part.len >= sizeof(member))
            return false;
        memcpy(member, part.p, part.len);
        member[part.len] = '\0';
        at = json_object_get(at, member);
    }
    if (!at || json_is_null(at))
        return true;
    *value = (avcsec_slice_t){json_string_value(at), json_string_length(at)};
    return json_is_string(at);
}
#endif

/* ---- The answer ---- */

static void put(const char *what, avcsec_slice_t text)
{
    if (!text.p)
        return;
    printf("  %-12s", what);
    for (size_t i = 0; i < text.len; i++)
        putchar(avcsec_is((unsigned char)text.p[i], AVCSEC_CONTROL) ? '?' : text.p[i]);
    putchar('\n');
}

static void put_wish(const avcsec_wish_t *wish)
{
    put("act", wish->act);
    put("application", wish->app);
    if (!wish->is_room_of_token)
        put("stream", wish->room);
    put("client", wish->client_text);
}

static int judge(avcsec_wish_t *wish, avcsec_key_box_t *box, int64_t now)
{
    const avcsec_policy_t policy = {.asked = AVCSEC_SESSION, .clock_skew = 30, .counts_uses = true};
    avcsec_keys_t keys = avcsec_key_box_verifiers(box, AVCSEC_SESSION, now);
    avcsec_mac_t *mac = avcsec_mac_create();
    avcsec_judgement_t judgement;

    if (!mac) {
        avcsec_complain("there is no memory");
        return AVCSEC_WRONG;
    }
    wish->is_admin_address = true;
    avcsec_admission_judge(wish, &policy, &keys, mac, now, &judgement);
    avcsec_mac_destroy(mac);
    if (judgement.verdict == AVCSEC_ALLOWED)
        puts("Yes, while the token is not used up and not taken back.");
    else
        printf("No: %s (AVC%04d). %s\n", avcsec_verdict_word(judgement.verdict),
               avcsec_verdict_number(judgement.verdict),
               judgement.detail ? judgement.detail : avcsec_verdict_sentence(judgement.verdict));
    if (avcsec_slice_equals(judgement.token.role, AVCSEC_LITERAL("admin")) && !wish->is_claimed)
        puts("The token is of role admin: AvcAdmin has to list the client.");
    put_wish(wish);
    return judgement.verdict == AVCSEC_ALLOWED ? AVCSEC_DONE : AVCSEC_REFUSED;
}

static int answer(const avcsec_dialect_t *dialect, bool is_address_known,
                  const avcsec_fields_t *fields, avcsec_key_box_t *box, int64_t now)
{
    static char room[AVCSEC_DIALECT_ROOM];
    avcsec_fault_t fault;
    avcsec_wish_t wish;

    switch (avcsec_dialect_read(dialect, fields, room, &wish, &fault)) {
    case AVCSEC_MESSAGE_NOTE:
        puts("Nothing is asked: it only tells something, and is noted.");
        return AVCSEC_DONE;
    case AVCSEC_MESSAGE_ASKS:
        wish.is_claimed &= !is_address_known;
        return judge(&wish, box, now);
    default:
        printf("No: form (AVC0024). What was asked is no question of %s: %s %s\n", dialect->name,
               fault.field, fault.is);
        return AVCSEC_REFUSED;
    }
}

static int answer_form(const avcsec_dialect_t *dialect, avcsec_slice_t text, avcsec_key_box_t *box,
                       int64_t now)
{
    form_t form = {.text = text, .size = (size_t)16 * (LONGEST + 1)};
    const avcsec_fields_t fields = {get_of_form, &form};
    int status = AVCSEC_WRONG;

    if (!avcsec_form_is_clean(text)) {
        puts("No: form (AVC0024). The form holds a control character");
        return AVCSEC_REFUSED;
    }
    if (!(form.rooms = malloc(form.size)))
        avcsec_complain("there is no memory");
    else
        status = answer(dialect, false, &fields, box, now);
    free(form.rooms);
    return status;
}

#ifdef AVCSEC_HAVE_JANSSON
static int answer_json(const avcsec_dialect_t *dialect, bool is_address_known, avcsec_slice_t text,
                       avcsec_key_box_t *box, int64_t now)
{
    json_error_t error;
    json_t *root = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, &error);
    const avcsec_fields_t fields = {get_of_json, root};
    int status = AVCSEC_REFUSED;

    if (!json_is_object(root))
        puts("No: form (AVC0024). The body is no well-formed JSON object, or has a name twice");
    else
        status = answer(dialect, is_address_known, &fields, box, now);
    json_decref(root);
    return status;
}
#else
static int answer_json(const avcsec_dialect_t *dialect, bool is_address_known, avcsec_slice_t text,
                       avcsec_key_box_t *box, int64_t now)
{
    (void)is_address_known, (void)text, (void)box, (void)now;
    avcsec_complain("%s sends JSON, and this build has no jansson", dialect->name);
    return AVCSEC_WRONG;
}
#endif

static bool read_name(const char *server, const avcsec_dialect_t **dialect, bool *is_address_known)
{
    avcsec_slice_t rest = avcsec_slice_of(server), name;

    avcsec_slice_cut(&rest, ' ', &name);
    *dialect = avcsec_dialect_find(name);
    *is_address_known = rest.p != NULL;
    return *dialect && (!rest.p || ((*dialect)->believes &&
                                    avcsec_slice_equals_nocase(rest, AVCSEC_LITERAL("address"))));
}

int avcsec_admission_explain(const char *server, avcsec_key_box_t *keys, int64_t now)
{
    static char text[LONGEST + 1];
    const avcsec_dialect_t *dialect;
    bool is_address_known;
    avcsec_slice_t body = {text, 0};

    if (!read_name(server, &dialect, &is_address_known)) {
        avcsec_complain("--admission: '%s' is nothing that AvcAdmission takes", server);
        return AVCSEC_WRONG;
    }
    body.len = fread(text, 1, sizeof(text), stdin);
    if (ferror(stdin) || body.len > LONGEST) {
        avcsec_complain("the question on standard input cannot be read, or is too long");
        return AVCSEC_WRONG;
    }
    while (body.len && (text[body.len - 1] == '\n' || text[body.len - 1] == '\r'))
        body.len--;
    return dialect->is_json ? answer_json(dialect, is_address_known, body, keys, now)
                            : answer_form(dialect, body, keys, now);
}
