/* SPDX-License-Identifier: Apache-2.0
 *
 * The line of a refusal: number, words, sentence.
 */
#include "httpd/request/log.h"

#include "httpd/state/keys.h"

#include "core/request/hint.h"
#include "core/text/redact.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* Text from strangers: escaped, and a token in it without its mac. */
static const char *safe(request_rec *r, avcsec_slice_t text)
{
    char *out = apr_palloc(r->pool, text.len + 1);

    out[avcsec_redact(text, out)] = '\0';
    return ap_escape_logitem(r->pool, out);
}

const char *avcsec_log_safe(request_rec *r, const char *text)
{
    return safe(r, avcsec_slice_of(text));
}

/* " for ip4 192.0.2.0-24": the claim as it stands in the token. */
static const char *claim_of(request_rec *r, const avcsec_token_t *token, const char *name)
{
    avcsec_slice_t rest = token->text, piece, value;

    while (avcsec_slice_cut(&rest, '~', &piece)) {
        value = piece;
        avcsec_slice_cut(&value, '.', &piece);
        if (value.p && avcsec_slice_equals(piece, avcsec_slice_of(name)))
            return apr_psprintf(r->pool, " for %s %s", name, safe(r, value));
    }
    return "";
}

/* What is missing has a name, and is made in another way for each purpose. */
static const char *how_to_issue(const avcsec_answer_t *answer)
{
    static const char *const sentences[AVCSEC_PURPOSES] = {
        [AVCSEC_FILE] = "The request has no file token: sign the link, by a page signer or `avcsec "
                        "sign`, or look for what strips its query, path segment, header or cookie "
                        "on the way.",
        [AVCSEC_UPLOAD] = "The request has no upload token: sign its address, by a page signer or "
                          "`avcsec sign --purpose upload`, or look for what strips its query or "
                          "header on the way.",
        [AVCSEC_CALL] = "The request has no call token: give the media server an address that "
                        "`avcsec sign --purpose call` has signed.",
        [AVCSEC_SESSION] = "The request has no session token: the page issues one (SetHandler "
                           "avcsec-token, AvcTokenEnv), and `avcsec token --purpose session` a "
                           "stream key; or something strips it on the way.",
    };

    return sentences[answer->is_other ? AVCSEC_SESSION : answer->asked];
}

/* " (key k1, purpose file)": what the request said, where it is safe to repeat. */
static const char *describe(request_rec *r, const avcsec_judgement_t *judgement)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    const char *text = "";

    if (facts && facts->subject)
        text = apr_psprintf(r->pool, " (%s)", facts->subject);
    if (!judgement)
        return text;
    if (judgement->has_token)
        text = apr_psprintf(r->pool, " (key %.*s, purpose %s)%s", (int)judgement->token.kid.len,
                            judgement->token.kid.p, avcsec_purpose_word(judgement->token.purpose).p,
                            text);
    if (judgement->verdict == AVCSEC_ADDRESS && judgement->has_token)
        text = apr_pstrcat(r->pool, text, claim_of(r, &judgement->token, "ip4"),
                           claim_of(r, &judgement->token, "ip6"), NULL);
    if (judgement->verdict == AVCSEC_ARGUMENT)
        text = apr_psprintf(r->pool, "%s (argument %s)", text, safe(r, judgement->argument));
    return text;
}

/* The address that was asked for, and what was judged, where that is another. */
static const char *whereabouts(request_rec *r, const avcsec_facts_t *facts)
{
    const char *uri = safe(r, avcsec_slice_of(r->uri));

    if (!facts || !facts->asked_uri)
        return uri;
    return apr_psprintf(r->pool, "%s (which leads to %s)",
                        safe(r, avcsec_slice_of(facts->asked_uri)), uri);
}

static const avcsec_answer_t *answer_of(const avcsec_facts_t *facts, avcsec_verdict_t verdict)
{
    const avcsec_answer_t *answer = facts ? facts->answers : NULL;

    while (answer && answer->judgement.verdict != verdict)
        answer = answer->next;
    return answer;
}

static void set_notes(request_rec *r, avcsec_verdict_t verdict, const avcsec_judgement_t *judgement)
{
    apr_table_setn(r->notes, "avc-reason", avcsec_verdict_word(verdict));
    if (judgement && judgement->has_token)
        apr_table_setn(r->notes, "avc-kid",
                       apr_pstrmemdup(r->pool, judgement->token.kid.p, judgement->token.kid.len));
}

void avcsec_log_later(request_rec *r, avcsec_verdict_t verdict, const char *detail)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (facts) {
        facts->denied = verdict;
        /* A subrequest's memory is gone when the client is answered. */
        facts->denied_detail = detail ? apr_pstrdup(facts->root->pool, detail) : NULL;
    }
}

void avcsec_log_denied(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (facts && facts->denied != AVCSEC_UNDECIDED &&
        (r->status == HTTP_FORBIDDEN || r->status == HTTP_UNAUTHORIZED ||
         r->status == avcsec_verdict_status(facts->denied)))
        avcsec_log_refusal(r, facts->denied, facts->denied_detail, false);
}

/* " What often happened there", of the client's own request. */
static const char *hint_for(request_rec *r, avcsec_verdict_t verdict)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const char *hint = facts ? avcsec_hint(verdict, avcsec_facts_reading(facts),
                                           apr_table_get(facts->root->headers_in, "Range") != NULL)
                             : NULL;

    return hint ? apr_pstrcat(r->pool, " ", hint, NULL) : "";
}

#define RETRY_AFTER "2" /* of a store that cannot be asked, SPEC section 3 */

static void write_line(request_rec *r, avcsec_verdict_t verdict,
                       const avcsec_judgement_t *judgement, const char *detail, bool passes)
{
    int level = avcsec_verdict_status(verdict) == 403 ? APLOG_ERR : APLOG_WARNING;
    const char *hint = hint_for(r, verdict);
    const char *text = detail && *detail ? detail : avcsec_verdict_sentence(verdict);

    avcsec_keys_count(verdict);
    ap_log_rerror(APLOG_MARK, level, 0, r, "AVC%04d: %s: %s%s%s: %s%s%s",
                  avcsec_verdict_number(verdict), avcsec_verdict_word(verdict),
                  whereabouts(r, avcsec_facts(r)), describe(r, judgement),
                  passes ? " would be refused (AvcEnforce Log)" : "", text,
                  *hint && text[strlen(text) - 1] != '.' ? "." : "", hint);
}

static int refuse(request_rec *r, avcsec_verdict_t verdict, const char *detail, bool passes)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const avcsec_answer_t *answer = answer_of(facts, verdict);
    const avcsec_judgement_t *judgement = answer ? &answer->judgement : NULL;

    if (!passes && verdict == AVCSEC_STORE)
        apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    if (!detail && judgement)
        detail = judgement->detail;
    if (!detail && answer && verdict == AVCSEC_NO_TOKEN)
        detail = how_to_issue(answer);
    set_notes(r, verdict, judgement);
    if (facts) {
        if (facts->root != r)
            set_notes(facts->root, verdict, judgement);
        if (!passes && facts->refused == AVCSEC_UNDECIDED)
            facts->refused = verdict == AVCSEC_UNDECIDED ? AVCSEC_MALFORMED : verdict;
    }
    /* What is refused says so, also behind a line that something would have been. */
    if (!facts || !facts->is_logged || (facts->is_only_logged && !passes))
        write_line(r, verdict, judgement, detail, passes);
    if (facts) {
        facts->is_only_logged = passes && (!facts->is_logged || facts->is_only_logged);
        facts->is_logged = true;
    }
    return passes ? OK : avcsec_verdict_status(verdict);
}

int avcsec_log_refusal(request_rec *r, avcsec_verdict_t verdict, const char *detail, bool passes)
{
    /* Most subrequests only look whether something could be had: listings, PATH_TRANSLATED.
     * What comes of it is known when the client is answered. */
    if (r->main && !passes) {
        avcsec_log_later(r, verdict, detail);
        return avcsec_verdict_status(verdict);
    }
    return refuse(r, verdict, detail, passes);
}

int avcsec_log_refusal_of_run(request_rec *r, avcsec_verdict_t verdict, bool passes)
{
    return refuse(r, verdict, NULL, passes);
}
