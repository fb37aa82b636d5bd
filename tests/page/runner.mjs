// SPDX-License-Identifier: Apache-2.0
//
// Runs a batch of signing jobs, JSON in and JSON out, with scripts/page/avcsec.mjs.
// Owns no expectation. {"$bytes": base64} in a job stands for bytes that JSON can't carry.
import { readFileSync } from 'node:fs'
import * as signers from '../../scripts/page/avcsec.mjs'

const bytes = (_, value) =>
  typeof value?.$bytes === 'string' ? Buffer.from(value.$bytes, 'base64') : value
const answers = []
for (const { call, path, options } of JSON.parse(readFileSync(0, 'utf8'), bytes)) {
  try {
    answers.push({ made: await signers[call](path, options) })
  } catch (error) {
    if (!(error instanceof signers.AvcsecError)) throw error
    answers.push({ refused: error.message })
  }
}
console.log(JSON.stringify(answers))
