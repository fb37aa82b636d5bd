/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose yes the answer to a media server's question is.
 */
#include "../check.h"

#include "core/session/question.h"

static const struct {
    const char *location;
    bool is_rename;
} locations[] = {
    {"room7", true},
    {"a", true},
    {"Room-7.live_~x", true},
    {"r%20x", true},
    {"r\xc3\xa4ume", true},
    {"rtmp://backup/live/room7", true},
    {"RTMP://backup/live?x#y", true},
    {"rtmps://backup:443/live", true},
    {NULL, false},
    {"", false},
    {".", false},
    {"..", false},
    {"/", false},
    {"/room7", false},
    {"live/room7", false},
    {"//host", false},
    {"\\\\host", false},
    {"https://chat.example/room7", false},
    {"http:room7", false},
    {"https:", false},
    {"rtmp:", false},
    {"rtmp://", false},
    {"rtmps://", false},
    {"rtmpt://backup/live", false},
    {"?a", false},
    {"room7?a=b", false},
    {"#a", false},
    {"room 7", false},
    {" room7", false},
    {"room7\r\nX: y", false},
    {"rtmp://a b", false},
    {"rtmp://a\tb", false},
    {"room\x7f", false},
};

static void renames(void)
{
    char text[257];

    EACH_SIDE(side)
    for (size_t i = 0; i < COUNT_OF(locations); i++)
        check(avcsec_question_is_rename(guarded_text(locations[i].location, side)) ==
                  locations[i].is_rename,
              "\"%s\" %s", locations[i].location ? locations[i].location : "none",
              locations[i].is_rename ? "renames a stream" : "is no new name of a stream");
    memset(text, 'a', sizeof(text));
    check(avcsec_question_is_rename((avcsec_slice_t){text, 255}), "a name of 255 characters");
    check(!avcsec_question_is_rename((avcsec_slice_t){text, 256}), "and none of 256");
    text[3] = '\0';
    check(!avcsec_question_is_rename((avcsec_slice_t){text, 10}), "nor one with NUL");
}

#define NAME "room7"
#define PAGE "https://chat.example/"

static const struct {
    const char *what;
    avcsec_reply_facts_t reply;
    const char *location;
    avcsec_verdict_t verdict;
} answers[] = {
    {"nobody's", {AVCSEC_ASKED_NOBODY, false, false, 301, {0}}, PAGE, AVCSEC_ALLOWED},
    {"a handler's yes", {AVCSEC_ASKED_HANDLER, true, false, 200, {0}}, NULL, AVCSEC_ALLOWED},
    {"a handler's no", {AVCSEC_ASKED_HANDLER, true, false, 403, {0}}, NULL, AVCSEC_ALLOWED},
    {"a handler's new name", {AVCSEC_ASKED_HANDLER, true, false, 302, {0}}, NAME, AVCSEC_ALLOWED},
    {"a rule's yes", {AVCSEC_ASKED_HANDLER, false, false, 200, {0}}, NULL, AVCSEC_REPLACED},
    {"a rule's 204", {AVCSEC_ASKED_HANDLER, false, false, 204, {0}}, NULL, AVCSEC_REPLACED},
    {"a switch of protocols",
     {AVCSEC_ASKED_HANDLER, false, false, 101, {0}},
     NULL,
     AVCSEC_REPLACED},
    {"a rule's no", {AVCSEC_ASKED_HANDLER, false, false, 404, {0}}, NULL, AVCSEC_ALLOWED},
    {"a rule's redirect", {AVCSEC_ASKED_HANDLER, false, false, 301, {0}}, PAGE, AVCSEC_REDIRECTED},
    {"a rule's new name", {AVCSEC_ASKED_HANDLER, false, false, 302, {0}}, NAME, AVCSEC_REDIRECTED},
    {"an error page's yes", {AVCSEC_ASKED_HANDLER, true, true, 200, {0}}, NULL, AVCSEC_REPLACED},
    {"a script's yes", {AVCSEC_ASKED_SCRIPT, true, false, 200, {0}}, NULL, AVCSEC_ALLOWED},
    {"a front controller's yes",
     {AVCSEC_ASKED_SCRIPT, false, false, 200, {0}},
     NULL,
     AVCSEC_ALLOWED},
    {"its error page's yes", {AVCSEC_ASKED_SCRIPT, false, true, 200, {0}}, NULL, AVCSEC_REPLACED},
    {"a script's new name", {AVCSEC_ASKED_SCRIPT, true, false, 302, {0}}, NAME, AVCSEC_ALLOWED},
    {"a script's way elsewhere",
     {AVCSEC_ASKED_SCRIPT, true, false, 302, {0}},
     PAGE,
     AVCSEC_REDIRECTED},
    {"a script's 3xx to nowhere",
     {AVCSEC_ASKED_SCRIPT, true, false, 302, {0}},
     NULL,
     AVCSEC_REDIRECTED},
    {"304", {AVCSEC_ASKED_SCRIPT, true, false, 304, {0}}, NULL, AVCSEC_REDIRECTED},
    {"a front controller's new name",
     {AVCSEC_ASKED_SCRIPT, false, false, 302, {0}},
     NAME,
     AVCSEC_REDIRECTED},
    {"an error page's new name",
     {AVCSEC_ASKED_SCRIPT, true, true, 302, {0}},
     NAME,
     AVCSEC_REDIRECTED},
    {"a script's no", {AVCSEC_ASKED_SCRIPT, true, false, 500, {0}}, PAGE, AVCSEC_ALLOWED},
};

int main(void)
{
    check_start();
    renames();
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        avcsec_reply_facts_t reply = answers[i].reply;

        reply.location = avcsec_slice_of(answers[i].location);
        check(avcsec_question_judge(&reply) == answers[i].verdict, "%s: %s", answers[i].what,
              avcsec_verdict_word(answers[i].verdict));
    }
    return check_end();
}
