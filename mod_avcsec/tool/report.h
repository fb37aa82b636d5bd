/* SPDX-License-Identifier: Apache-2.0
 *
 * What `explain` has found, as text for people or as JSON. Decides nothing.
 */
#ifndef AVCSEC_REPORT_H
#define AVCSEC_REPORT_H

#include "finding.h"

/* A query token and the most that a path may have. */
#define AVCSEC_FINDINGS_MAX (AVCSEC_PATH_TOKENS + 1)

typedef struct {
    size_t count;
    avcsec_finding_t findings[AVCSEC_FINDINGS_MAX];
} avcsec_findings_t;

/* The verdict on all of them: the first that refuses, else allowed. */
avcsec_verdict_t avcsec_report_verdict(const avcsec_findings_t *found);

void avcsec_report_write_text(const avcsec_inquiry_t *inquiry, const avcsec_findings_t *found);
void avcsec_report_write_json(const avcsec_inquiry_t *inquiry, const avcsec_findings_t *found);

#endif
