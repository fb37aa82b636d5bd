/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of a request, gathered once from the client's own request and shared
 * by every step that httpd makes of it inside (subrequests, internal redirects).
 */
#ifndef AVCSEC_FACTS_H
#define AVCSEC_FACTS_H

#include "httpd/config/config.h"

#include "core/request/request.h"
#include "core/text/spelling.h"

/* A judgement and the question it answers. */
typedef struct avcsec_answer_t {
    avcsec_purpose_t asked;
    bool is_strict;
    avcsec_spelling_t as;                /* how the path was read */
    const avcsec_names_t *unsigned_args; /* which lists were used; as long as the request lives */
    const void *origins;
    bool is_other; /* it is of another token, and answers no question about the request's own */
    avcsec_judgement_t judgement;
    int64_t spent_at; /* when a use of its token was counted for this request; 0: none was */
    bool is_kept;     /* whatever becomes of the answer, that use stays counted */
    const request_rec *spent_by; /* the step that began it */
    struct avcsec_answer_t *next;
} avcsec_answer_t;

/* A step as it was when it passed the gate. Its handler: where a proxy leads that stands in it,
 * and nowhere else. */
enum {
    AVCSEC_STEP_URI,
    AVCSEC_STEP_FILENAME,
    AVCSEC_STEP_PATH_INFO,
    AVCSEC_STEP_ARGS,
    AVCSEC_STEP_HANDLER,
    AVCSEC_STEP_TEXTS
};
typedef struct {
    const request_rec *r;
    const void *per_dir_config;
    const char *text[AVCSEC_STEP_TEXTS];
} avcsec_step_t;

/* What the answer's headers say of a private file, whatever else is configured. */
typedef struct {
    const char *type, *disposition,
        *policy;          /* Content-Type, ...-Disposition, ...-Security-Policy */
    bool is_cross_origin; /* pages of other sites may embed it */
    int64_t age;          /* seconds that its client may keep it unasked */
} avcsec_sent_file_t;

typedef struct {
    request_rec *root;     /* the client's request */
    avcsec_request_t wire; /* as it came, before anything was taken out of it */
    bool is_forwarded;     /* it carries a forwarding header */

    /* Of mod_remoteip */
    const apr_table_t *sent_headers; /* as it found them; NULL: nobody wants to know */
    bool is_vouched;            /* it took the client's address from a trusted proxy's header */
    const char *claimed_header; /* ... in which something is left that it did not believe */

    /* For strip.c */
    const char *log_line, *log_referer; /* with "mac.*"; NULL: as they are */
    const char *masked_query;           /* what r->args is until it is known who asks */
    const char *hidden_location;  /* a Location as httpd's own page shows it; NULL: as it is */
    const char *settled_location; /* ... and as it is sent */
    unsigned asked;               /* bit 1 << purpose: asked for somewhere */
    unsigned only_logged;         /* likewise: all that asked for it so far only log (AvcEnforce) */
    bool has_path_tokens;

    /* For the gate */
    const char *mapped_uri; /* r->uri as httpd normalised it, before anything rewrites it */
    avcsec_reading_t reading;
    bool is_read;
    avcsec_spelling_t as; /* how a server behind may read the path, while that is judged */
    avcsec_answer_t *answers;
    const void *signed_setting; /* under which the client's request itself was judged */
    const avcsec_judgement_t *signed_judgement;
    const void *session_setting; /* likewise, of AvcSessionFor */
    avcsec_verdict_t session_verdict;
    bool is_waived;             /* refused by AvcSignedURL, which only logs here */
    const char *real_of, *real; /* the last path that was looked at for links, and where it leads */
    const request_rec *gated_step; /* the last step that came to the gate; it may be gone */
    bool is_destination;           /* a step is looked at because it would be written to */
    bool is_gated;                 /* the client's request itself has passed the gate */

    avcsec_step_t passed;    /* the last that did */
    const char *asked_uri;   /* of a step while it is judged by another place; NULL: none is */
    avcsec_verdict_t denied; /* by a Require line */
    const char *denied_detail;

    /* For log and answer */
    bool is_logged, is_protected;
    bool is_only_logged;              /* ... as what would be refused, and nothing else was */
    const avcsec_sent_file_t *sent;   /* the file that is the answer; NULL: it is none */
    avcsec_verdict_t refused;         /* AVCSEC_UNDECIDED: not refused */
    const avcsec_judgement_t *opened; /* the judgement that let it in, if one did */
    bool is_opened_as_it_stands;      /* not, or not only, by another reading of the path */
    bool is_body_broken;              /* the client's, while something ran */
    bool is_uncacheable;              /* a token that was issued may stand in the answer */
    bool is_page;                     /* mod_include makes it, in a host with a protection */
    bool is_long;                     /* and not all of it was known when its headers left */
    bool is_everybodys;               /* headers have left by which everybody may keep it */
    struct avcsec_late_t *late;       /* steps that are not everybody's and came behind them */
    const request_rec *running;       /* the step whose outcome outcome.c waits for */

    struct avcsec_body_t *body;             /* for body: what was read of it early; NULL: nothing */
    struct avcsec_webhook_state_t *webhook; /* for webhook: what was found; NULL: not asked */

    const char *subject; /* what a media server asks about, for the line; NULL: nothing */
    struct avcsec_question_t *question; /* of a media server, for question; NULL: none */

    const struct avcsec_issued_t *issued; /* for session: the token that this request got */
} avcsec_facts_t;

/* Hook translate_name, before all others: remembers the path that httpd maps. */
int avcsec_facts_note_mapped(request_rec *r);

/* Of any step of the request; NULL if httpd made it up without a client. */
avcsec_facts_t *avcsec_facts(const request_rec *r);

/* The client's own request, as it was asked for: not one that httpd made of it, and not while
 * it is judged by another place. */
bool avcsec_facts_is_root(const request_rec *r);

/* An ErrorDocument, or what httpd makes of one. */
bool avcsec_facts_is_error_page(const request_rec *r);

/* Some purpose was asked for. */
bool avcsec_facts_was_judged(const avcsec_facts_t *facts);

/* This step's answer is not everybody's: no cache of this server keeps it, nor the answer of
 * any step that it is a part of. */
void avcsec_facts_guard(request_rec *r);

/* It was said of this step, and the headers that it should have changed had left. */
bool avcsec_facts_is_late(const request_rec *r);

/* AvcFiles has taken this step: its pseudo file name says so. */
#define AVCSEC_PRIVATE_FILE "avcsec:"
static inline bool avcsec_facts_is_private_file(const request_rec *r)
{
    return r->filename && *r->filename == *AVCSEC_PRIVATE_FILE &&
           !strncmp(r->filename, AVCSEC_PRIVATE_FILE, sizeof(AVCSEC_PRIVATE_FILE) - 1);
}

/* The address that counts as the caller's (AvcClientAddress). */
avcsec_address_t avcsec_facts_client(const request_rec *r);

/* The other end of the connection, whatever anybody says of it. */
avcsec_address_t avcsec_facts_peer(const request_rec *r);

/* What the section of `r` asks for beside the purpose; strict: below AvcSignedURL. */
avcsec_policy_t avcsec_facts_policy(const request_rec *r, avcsec_purpose_t asked, bool is_strict);

/* What path and query hold, whatever anybody asks for. */
const avcsec_reading_t *avcsec_facts_reading(avcsec_facts_t *facts);

/* Judges the client's request for this purpose, once for each question, by the section
 * of `r`. AVCSEC_NO_PURPOSE judges the path tokens that nobody asked for. Strict: below
 * AvcSignedURL. Never NULL. */
const avcsec_judgement_t *avcsec_facts_judge(request_rec *r, avcsec_purpose_t asked,
                                             bool is_strict);

/* The same; only_logs: what asks lets pass all the same (AvcEnforce Log). A place that does not
 * makes it count for the whole request. */
const avcsec_judgement_t *avcsec_facts_judge_for(request_rec *r, avcsec_purpose_t asked,
                                                 bool is_strict, bool only_logs);

/* Somebody asks for this purpose: only to log, or to refuse. */
void avcsec_facts_ask(avcsec_facts_t *facts, avcsec_purpose_t asked, bool only_logs);

/* Room for a judgement of a token that is not the request's own but what it is about; the
 * line in the log says its key and purpose. Nobody's but the caller's otherwise. */
avcsec_judgement_t *avcsec_facts_other_judgement(request_rec *r);

/* Unix seconds. */
int64_t avcsec_facts_now(void);

#endif
