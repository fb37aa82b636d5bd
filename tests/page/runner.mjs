// SPDX-License-Identifier: Apache-2.0
//
// Runs a batch of signing jobs, JSON in and JSON out, with scripts/page/avcsec.mjs.
// Owns no expectation.
import { readFileSync } from 'node:fs'
import * as signers from '../../scripts/page/avcsec.mjs'

const answers = []
for (const { call, path, options } of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    answers.push({ made: await signers[call](path, options) })
  } catch (error) {
    if (!(error instanceof signers.AvcsecError)) throw error
    answers.push({ refused: error.message })
  }
}
console.log(JSON.stringify(answers))
