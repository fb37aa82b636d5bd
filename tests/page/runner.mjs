// SPDX-License-Identifier: Apache-2.0
//
// Runs batches of signing jobs, a line of JSON in and one out, with scripts/page/avcsec.mjs.
// Owns no expectation. {"$bytes": base64} in a job stands for bytes that JSON can't carry.
import { createInterface } from 'node:readline'
import * as signers from '../../scripts/page/avcsec.mjs'

const bytes = (_, value) =>
  typeof value?.$bytes === 'string' ? Buffer.from(value.$bytes, 'base64') : value
for await (const line of createInterface({ input: process.stdin })) {
  const answers = []
  for (const { call, path, options } of JSON.parse(line, bytes)) {
    try {
      answers.push({ made: await signers[call](path, options) })
    } catch (error) {
      if (!(error instanceof signers.AvcsecError)) throw error
      answers.push({ refused: error.message })
    }
  }
  console.log(JSON.stringify(answers))
}
