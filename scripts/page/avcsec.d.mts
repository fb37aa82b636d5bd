// SPDX-License-Identifier: Apache-2.0
//
// Types of avcsec.mjs; what each option means stands there.

/** Text, or a whole number up to 2^53 - 1. */
export type Plain = string | number
/** A list, or one text with its items separated by spaces or commas. */
export type Items = string | readonly string[]
/** Names with their values; the order of entries is kept. */
export type Pairs =
  | readonly (readonly [name: Plain, value: Plain])[]
  | Iterable<[name: Plain, value: Plain]>
  | { readonly [name: string]: Plain }

export interface TokenOptions {
  key?: string
  purpose?: 'file' | 'upload' | 'call' | 'session'
  expires?: Plain
  until?: Plain
  window?: Plain
  nbf?: Plain
  now?: number
  ip?: Items
  dir?: number
  max?: number
  id?: string
  method?: Items
  origin?: Items
  sub?: Plain
  role?: string
  app?: string
  act?: Items
  room?: Plain
  name?: string
  disposition?: 'inline' | 'attachment'
  rate?: number
  length?: number
  type?: Items
  args?: Pairs
  unsigned?: boolean | readonly string[]
  literal?: boolean
  claim?: Pairs
}

export interface SignOptions extends TokenOptions {
  carrier?: 'query' | 'path'
  force?: boolean
}

/** What was asked for can't be signed; the message says what to do. */
export class AvcsecError extends Error {
  name: 'AvcsecError'
}

/** The signed URL, path and query, of a decoded path. Rejects with AvcsecError. */
export function sign(path: string | Uint8Array, options?: SignOptions): Promise<string>

/** The bare token; purpose 'session' needs no path. Rejects with AvcsecError. */
export function token(path: string | Uint8Array | null, options?: TokenOptions): Promise<string>
