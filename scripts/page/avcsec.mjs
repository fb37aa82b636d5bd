// SPDX-License-Identifier: Apache-2.0
//
// Signed links and tokens for a site behind mod_avcsec, made with a page key. Web
// Crypto only: Node 18 or later, Deno, Bun, edge runtimes, browsers.
// Owns: choosing the page key, writing claims, encoding the path, the mac. Refuses
// (AvcsecError) whatever the server would call malformed, and never repeats a key in
// a message. It cannot verify a token. avcsec.py and avcsec.php beside it give the
// same bytes for the same options, and the same messages.
//
//     import { sign } from 'avcsec'               // AVC_PAGE_KEY is in the environment
//     const link = await sign('/chat/uploadedFiles/photo.jpg', { expires: '1h' })

const LATEST = 1e11 // Unix seconds; what is above was meant as milliseconds
const NUMBER_MAX = 1e15
const VALUE_MAX = 256
const TOKEN_MAX = 1024
const NAME_MAX = 192 // bytes of a file name: 256 characters in base64url
const PURPOSES = ['file', 'upload', 'call', 'session']
const UNITS = { '': 1, s: 1, m: 60, h: 3600, d: 86400, w: 604800 }
const PAGE_KEY = new RegExp(
  '^avck1~([A-Za-z0-9_-]{1,16})~(file|upload|call|session)' +
    '~([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])(?:~([1-9][0-9]{0,11}))?$',
)

/** What was asked for can't be signed; the message says what to do. */
export class AvcsecError extends Error {
  name = 'AvcsecError'
}

/**
 * The signed URL: path and query, to be put behind the site's scheme and host.
 *
 * Options are those of `token`, and
 *
 * carrier: 'query' (default) puts the token into argument `avc`, 'path' into a path
 *     segment of its own, which relative links and playlists inherit.
 * force: true allows a playlist (.m3u8, .mpd), and a page (.html, .htm) with carrier
 *     'path', to be opened without what it names relatively; else they need
 *     carrier 'path' and `dir`.
 *
 * @param {string | Uint8Array} path decoded, from the site's root ('/chat/my photo.jpg'); it is
 *     encoded here. A name that is not UTF-8 as bytes, as Node's readdir gives Buffers.
 * @param {import('./avcsec.mjs').SignOptions} options
 * @returns {Promise<string>}
 * @throws {AvcsecError}
 */
export async function sign(path, options = {}) {
  const given = readNames(options, ['carrier', 'force'])
  const carrier = choice('carrier', given.get('carrier') ?? 'query', ['query', 'path'])
  const force = flag('force', given)
  const segments = encodedSegments(path, given)
  const made = await make(segments, given, carrier)
  if (!force && (carrier === 'query' || made.dir === null)) {
    checkRelative(segments[segments.length - 1], carrier)
  }
  const query = [...made.query]
  if (carrier === 'query') {
    query.push('avc=' + made.token)
  } else {
    segments.splice(made.dir === null ? -1 : made.dir + 1, 0, '~' + made.token)
  }
  return segments.join('/') + (query.length ? '?' + query.join('&') : '')
}

/** Players and browsers ask for what a playlist or page names without its query. */
function checkRelative(name, carrier) {
  const endings = carrier === 'query' ? 'm3u8|mpd' : 'html?|m3u8|mpd'
  if (new RegExp(`\\.(${endings})(%3B.*)?$`, 'i').test(name)) {
    throw new AvcsecError(
      'path names others relatively, which this token would not open: ' +
        'give carrier path and dir, or force',
    )
  }
}

/**
 * The bare token, for a stream key, `Authorization: Bearer` or a session. Options:
 *
 * key: page keys as `avcsec pagekey` prints them, separated by white space; the
 *     first for the purpose that has not ended signs. Default: AVC_PAGE_KEY, where
 *     there is a process with an environment.
 * purpose: 'file' (default), 'upload', 'call' or 'session'.
 * expires: seconds from now, or '90s', '30m', '1h', '7d', '4w'; or
 * until: Unix seconds, or '2030-01-31T12:00:00Z'. One of the two is required,
 *     except for purpose 'call'.
 * window: like `expires`; the same options give the same token for so long, and it
 *     holds up to so much longer. Not with `max` or `id`.
 * nbf: not before, like `until`.       now: Unix seconds, for tests.
 * ip: client's address or network, '192.0.2.0/24', '2001:db8::/48'; one of each
 *     family. An IPv4-mapped address means IPv4.
 * dir: 1 to 64; the token opens everything below the first `dir` segments.
 * max: 1 to 1000000 uses.              id: 16 to 64 of A-Z a-z 0-9 - . _; made
 *     at random if `max` needs one.
 * method: 'GET', ['PUT', 'POST'].      origin: 'chat.example', hosts of pages.
 * sub, room: text; user, room or stream name.
 * role, app, act: what a session may do; act is 'connect', 'play', 'publish', …
 * name: file name of the download, shortened to 192 bytes.
 * disposition: 'inline' or 'attachment'.
 * rate: kB/s (1000 bytes).             length: bytes of the largest upload.
 * type: 'image', ['image', 'audio']; kinds of upload.
 * args: the query's arguments, decoded, { size: 'small' } or [['size', 'small']], a
 *     Map or URLSearchParams; all are signed, in their order. With `dir` none is.
 * unsigned: names in `args` that are not to be signed, or true for all.
 * literal: true if the path's '?', '#' or '%41' are part of a name.
 * claim: the application's own, { xnote: 'a-b' }.
 *
 * Format: mod_avcsec's "Token", version avc1.
 *
 * @param {string | Uint8Array | null} path as for `sign`; not needed for purpose 'session'
 * @param {import('./avcsec.mjs').TokenOptions} options
 * @returns {Promise<string>}
 * @throws {AvcsecError}
 */
export async function token(path, options = {}) {
  const given = readNames(options, [])
  const bare = (path ?? null) === null && given.get('purpose') === 'session'
  const made = await make(bare ? null : encodedSegments(path, given), given, 'query')
  return made.token
}

// What is signed

/** Returns { token, query: encoded arguments, dir }. */
async function make(segments, options, carrier) {
  const purpose = choice('purpose', options.get('purpose') ?? 'file', PURPOSES)
  const now = number('now', options.get('now') ?? Math.floor(Date.now() / 1000), LATEST)
  const key = pageKey(options, purpose, now)
  const dir = depth(options, purpose, segments)
  const { query, signed } = readArguments(options, carrier)
  const webCrypto = await findCrypto()
  const fields = [
    ...['avc1', 'for.' + purpose, 'kid.' + key.kid],
    ...claims(options, purpose, now, key, [...signed.keys()], webCrypto),
  ].join('~')
  const lines = ['avcsec-v1', scope(segments, purpose, dir), fields, ...signed.values(), '']
  const made = fields + '~mac.' + (await mac(webCrypto, key.secret, lines.join('\n')))
  if (made.length > TOKEN_MAX) {
    throw new AvcsecError('the token would have more than 1024 characters: sign fewer claims')
  }
  return { token: made, query, dir }
}

function scope(segments, purpose, dir) {
  if (purpose === 'session' || segments === null) return '*'
  return (dir === null ? segments : [...segments.slice(0, dir + 1), '']).join('/')
}

function depth(options, purpose, segments) {
  if (!options.has('dir')) return null
  const dir = number('dir', options.get('dir'), 64)
  if (purpose === 'session' || segments === null) {
    throw new AvcsecError("dir can't stand on a session, which has no path")
  }
  if (dir > segments.length - 2) {
    throw new AvcsecError("dir: the path has not that many segments, each followed by '/'")
  }
  return dir
}

/** HMAC-SHA-256 of `text` in base64url. */
async function mac(webCrypto, secret, text) {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await webCrypto.subtle.importKey('raw', secret, hmac, false, ['sign'])
  return b64url(new Uint8Array(await webCrypto.subtle.sign('HMAC', key, utf8(text))))
}

/** Node 18 keeps Web Crypto in a module; its name is no literal, so bundlers leave it alone. */
async function findCrypto() {
  const moduleName = 'node:crypto'
  let found = globalThis.crypto
  if (!found && globalThis.process) found = (await import(moduleName)).webcrypto
  if (!found?.subtle) throw new AvcsecError('Web Crypto is missing: a secure context is needed')
  return found
}

// Page keys

/** Returns { kid, purpose, secret: 32 bytes, end: Unix seconds or null }. */
function pageKey(options, purpose, now) {
  const text = options.get('key') ?? globalThis.process?.env?.AVC_PAGE_KEY
  const words = typeof text === 'string' ? (text.match(/[^ \t\r\n\f\v]+/g) ?? []) : []
  if (!words.length) {
    throw new AvcsecError(
      'no page key: give option key or set AVC_PAGE_KEY; `avcsec pagekey` makes one',
    )
  }
  const keys = words.map((word, i) => readPageKey(word, i + 1))
  const fitting = keys.filter((key) => key.purpose === purpose)
  const key = fitting.find(({ end }) => end === null || end > now)
  if (key) return key
  if (fitting.length) {
    throw new AvcsecError(
      `page key for ${purpose} has ended: hand out a new one, ` +
        `\`avcsec pagekey --purpose ${purpose}\` makes it`,
    )
  }
  const others = [...new Set(keys.map((other) => other.purpose))].join(', ')
  throw new AvcsecError(
    `no page key for ${purpose}, only for ${others}: ` +
      `\`avcsec pagekey --purpose ${purpose}\` makes one`,
  )
}

function readPageKey(word, place) {
  const found = PAGE_KEY.exec(word)
  const end = found?.[4] ? Number(found[4]) : null
  if (!found || end > LATEST) {
    throw new AvcsecError(
      `page key ${place} is not well-formed: give it as \`avcsec pagekey\` printed it`,
    )
  }
  const bytes = atob(found[3].replace(/-/g, '+').replace(/_/g, '/') + '=')
  const secret = Uint8Array.from(bytes, (c) => c.charCodeAt(0))
  return { kid: found[1], purpose: found[2], secret, end }
}

// Path and arguments

/** The encoded segments of a decoded path; the first is empty, the last may be. */
function encodedSegments(given, options) {
  const path = pathBytes(given)
  if (!path.startsWith('/')) {
    throw new AvcsecError("path must begin with '/': give it without scheme and host")
  }
  const strange = /[?#]|%[0-9A-Fa-f]{2}/.exec(path)
  if (strange && !flag('literal', options)) {
    throw new AvcsecError(
      `path holds '${strange[0]}': give it decoded, and arguments as option ` +
        'args; or give literal, if that is part of a name',
    )
  }
  if (/[\x00-\x1f\x7f\\]/.test(path)) {
    throw new AvcsecError('path holds a backslash or a control character')
  }
  const segments = path.split('/')
  if (segments.slice(1, -1).includes('')) {
    throw new AvcsecError('path has an empty segment: give it without doubled slashes')
  }
  for (const segment of segments) {
    if (['.', '..'].includes(segment.split(';')[0])) {
      throw new AvcsecError("path has a '.' or '..' segment: give it resolved")
    }
    if (segment.startsWith('~avc1~')) {
      throw new AvcsecError('path holds a token already: give it without')
    }
  }
  return segments.map(escapeBytes)
}

/** Names are bytes: text with one character for each. */
function pathBytes(path) {
  const isBytes = Object.prototype.toString.call(path) === '[object Uint8Array]' // of any realm
  if (!isBytes && (typeof path !== 'string' || plain(path) === null)) {
    throw new AvcsecError('path must be text or bytes')
  }
  return Array.from(isBytes ? path : utf8(path), (byte) => String.fromCharCode(byte)).join('')
}

/** Returns { query: all as "name=value", encoded; signed: a Map of the signed by name }. */
function readArguments(options, carrier) {
  const exempt = readExempt(options)
  const query = []
  const signed = new Map()
  const loose = []
  for (const [name, value] of pairs('args', options.get('args') ?? [])) {
    if (phpNames(name).includes('avc')) {
      throw new AvcsecError(`args: '${name}' is the token's own name: rename it`)
    }
    const line = percentEncode(name) + '=' + percentEncode(scalar(`args: '${name}'`, value))
    query.push(line)
    if (exempt === true || exempt.includes(name)) {
      loose.push(name)
    } else if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      throw new AvcsecError(`args: '${name}' can't be signed: rename it, or name it in unsigned`)
    } else if (signed.has(name)) {
      throw new AvcsecError(`args: '${name}' stands there twice, which can't be signed`)
    } else {
      signed.set(name, line)
    }
  }
  for (const name of loose) {
    if (phpNames(name).some((read) => signed.has(read))) {
      throw new AvcsecError(`args: PHP reads '${name}' as a signed argument: rename it`)
    }
  }
  if (signed.size && carrier === 'path') {
    throw new AvcsecError(
      "args: a token in the path can't sign arguments: " +
        'use carrier query, or name them in unsigned',
    )
  }
  return { query, signed }
}

/** True: no argument is signed; else the names that are not. */
function readExempt(options) {
  const unsigned = options.get('unsigned') ?? false
  if (typeof unsigned !== 'boolean' && !Array.isArray(unsigned)) {
    throw new AvcsecError('unsigned must be a list of names, or true')
  }
  if (unsigned === true || options.has('dir')) return true
  return (unsigned || []).map((name) => scalar('unsigned', name))
}

/** A decoded argument name as PHP reads it, in its two ways with '['. */
function phpNames(name) {
  const read = name.replace(/^ +/, '').split('\0')[0].replace(/[ .]/g, '_')
  return [read.split('[')[0], read.replace(/\[/g, '_')]
}

// Claims

/** "name.value" of each claim in the order in which they are written. */
function claims(options, purpose, now, key, signed, webCrypto) {
  const { iat, window } = readWindow(options, now)
  let exp = readExp(options, purpose, now, key)
  if (exp !== null && options.has('expires')) {
    const whole = exp - now + iat + window // asked for at any moment of the window, it is this
    exp = Math.min(whole, LATEST, key.end ?? LATEST)
  }
  const given = withId(options, exp, webCrypto)
  const written = ['iat.' + iat, ...(exp === null ? [] : ['exp.' + exp])]
  for (const [claim, option, write] of CLAIMS) {
    const value = given.has(option) ? write(given.get(option)) : null
    if (value !== null) written.push(claim + '.' + fits(option, value))
  }
  if (exp !== null && given.has('nbf') && time('nbf', given.get('nbf')) >= exp) {
    throw new AvcsecError('nbf must be before the end')
  }
  if (signed.length) written.push('args.' + fits('args', signed.join('.')))
  return [...written, ...ownClaims(given)]
}

/** When the token's window began, which it gives as its time of issue, and its length. */
function readWindow(options, now) {
  if (!options.has('window')) return { iat: now, window: 0 }
  if (options.has('max') || options.has('id')) {
    throw new AvcsecError("window can't stand beside max or id, which make each token another")
  }
  const window = seconds('window', options.get('window'))
  if (window > now) throw new AvcsecError('window is too long')
  return { iat: now - (now % window), window }
}

function readExp(options, purpose, now, key) {
  let exp
  if (options.has('expires') && options.has('until')) {
    throw new AvcsecError('expires and until: give one of them')
  }
  if (options.has('expires')) {
    exp = now + seconds('expires', options.get('expires'))
  } else if (options.has('until')) {
    exp = time('until', options.get('until'))
  } else if (purpose === 'call') {
    return null
  } else {
    throw new AvcsecError('expires or until is needed: say how long the token holds')
  }
  if (exp <= now) throw new AvcsecError('until is over already')
  if (exp > LATEST) throw new AvcsecError('expires is too long')
  if (key.end !== null && exp > key.end) {
    throw new AvcsecError(
      `the token would outlive its page key, which ends at ${key.end}: ` +
        'let it end earlier, or hand out a new page key',
    )
  }
  return exp
}

/** Uses are counted by id: `max` gets a random one of 128 bits. */
function withId(options, exp, webCrypto) {
  if (!options.has('max')) return options
  if (exp === null) throw new AvcsecError('max needs expires or until')
  const random = b64url(webCrypto.getRandomValues(new Uint8Array(16)))
  return new Map([['id', random], ...options])
}

function ownClaims(options) {
  const written = new Map()
  for (const [name, value] of pairs('claim', options.get('claim') ?? [])) {
    if (!/^x[a-z0-9]{1,7}$/.test(name)) {
      throw new AvcsecError(`claim: '${name}' must be x and 1 to 7 of a-z 0-9`)
    }
    if (written.has(name)) throw new AvcsecError(`claim: '${name}' stands there twice`)
    const label = `claim: '${name}'`
    const own = match(label, value, '[A-Za-z0-9._-]+', 'of A-Z a-z 0-9 - . _')
    written.set(name, name + '.' + fits(label, own))
  }
  return [...written.values()]
}

function fits(option, value) {
  if (value.length > VALUE_MAX) {
    throw new AvcsecError(`${option} is too long: more than 256 characters in the token`)
  }
  return value
}

/** The claim `family` (ip4 or ip6) of option ip, null without one. */
function network(family, value) {
  const found = new Map()
  for (const item of list('ip', value, ' ,')) {
    const [claim, text] = readNetwork(item)
    if (found.has(claim)) throw new AvcsecError('ip: give one network of each family')
    found.set(claim, text)
  }
  return found.get(family) ?? null
}

function readNetwork(item) {
  item = item.replace(/^::[Ff]{4}:([0-9.]+)$/, '$1') // as dual-stack sockets show IPv4 clients
  const [, address, digits] = /^([^/]+)(?:\/([1-9][0-9]{0,2}))?$/.exec(item) ?? [null, '']
  const bits = address.includes('.') ? ip4Bits(address) : ip6Bits(address.toLowerCase())
  const prefix = Number(digits ?? bits?.length)
  if (bits === null || prefix > bits.length) {
    throw new AvcsecError('ip must be an address or network, like 192.0.2.0/24 or 2001:db8::/48')
  }
  if (bits.slice(prefix).includes('1')) {
    throw new AvcsecError('ip has bits set behind its prefix: clear them')
  }
  if (bits.length === 128 && bits.startsWith('0'.repeat(80) + '1'.repeat(16))) {
    throw new AvcsecError('ip is an IPv4-mapped network: write it as IPv4')
  }
  const text = address.toLowerCase().replace(/:/g, '_')
  return [bits.length === 32 ? 'ip4' : 'ip6', prefix === bits.length ? text : `${text}-${prefix}`]
}

/** The 32 bits of a dotted quad as text, null if it is none. */
function ip4Bits(address) {
  const octets = address.split('.')
  const isOctet = (o) => /^(0|[1-9][0-9]{0,2})$/.test(o) && Number(o) < 256
  if (octets.length !== 4 || !octets.every(isOctet)) return null
  return octets.map((o) => Number(o).toString(2).padStart(8, '0')).join('')
}

/** The 128 bits of a lower-case IPv6 address as text, null if it is none. RFC 4291, 2.2. */
function ip6Bits(address) {
  const halves = address.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const groups = halves.flat()
  if (!groups.every((g) => /^[0-9a-f]{1,4}$/.test(g))) return null
  const isWhole = halves.length === 1 && groups.length === 8
  const isShort = halves.length === 2 && groups.length < 8
  if (!isWhole && !isShort) return null
  const zeros = Array(8 - groups.length).fill('0')
  const all = [...halves[0], ...zeros, ...(halves[1] ?? [])]
  return all.map((g) => parseInt(g, 16).toString(2).padStart(16, '0')).join('')
}

/** A name of at most 192 bytes: cut between characters, its extension kept. */
function fileName(value) {
  const name = utf8(text('name', value))
  if (name.length <= NAME_MAX) return b64url(name)
  const dot = name.lastIndexOf(0x2e)
  const extension = dot > 0 && name.length - dot <= 32 ? name.slice(dot) : []
  let cut = NAME_MAX - extension.length
  while ((name[cut] & 0xc0) === 0x80) cut--
  return b64url([...name.slice(0, cut), ...extension])
}

function hosts(value) {
  const names = list('origin', value, ' ,')
  const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
  const shape = new RegExp(`^${label}(?:\\.${label})*$`)
  for (const host of names) {
    if (host.length > 253 || !shape.test(host)) {
      throw new AvcsecError('origin must be host names, without scheme and port')
    }
  }
  return once('origin', names.map((host) => host.toLowerCase())).join('_')
}

/** Claim, its option, and how a value is written; null leaves the claim out. */
const CLAIMS = [
  ['nbf', 'nbf', (v) => String(time('nbf', v))],
  ['dir', 'dir', (v) => String(number('dir', v, 64))],
  ['ip4', 'ip', (v) => network('ip4', v)],
  ['ip6', 'ip', (v) => network('ip6', v)],
  ['org', 'origin', hosts],
  ['mth', 'method', (v) => words('method', v, '[A-Z][A-Z0-9_-]*', 'words of A-Z 0-9 - _')],
  ['sub', 'sub', (v) => b64url(utf8(text('sub', v)))],
  ['role', 'role', (v) => match('role', v, '[A-Za-z0-9_-]+', 'of A-Z a-z 0-9 _ -')],
  ['app', 'app', (v) => match('app', v, '[A-Za-z0-9._-]+', 'of A-Z a-z 0-9 - . _')],
  ['act', 'act', (v) => words('act', v, '[a-z]+', 'words of a-z')],
  ['room', 'room', (v) => b64url(utf8(text('room', v)))],
  ['id', 'id', (v) => match('id', v, '[A-Za-z0-9._-]{16,64}', '16 to 64 of A-Z a-z 0-9 - . _')],
  ['max', 'max', (v) => String(number('max', v, 1000000))],
  ['fn', 'name', fileName],
  ['disp', 'disposition', (v) => choice('disposition', v, ['inline', 'attachment'])],
  ['rate', 'rate', (v) => String(number('rate', v, NUMBER_MAX))],
  ['len', 'length', (v) => String(number('length', v, NUMBER_MAX))],
  ['typ', 'type', (v) => words('type', v, '[a-z0-9-]+', 'words of a-z 0-9 -')],
]

const TOKEN_OPTIONS = [
  ...['key', 'purpose', 'expires', 'until', 'window', 'now'],
  ...['args', 'unsigned', 'literal', 'claim'],
  ...CLAIMS.map(([, option]) => option),
]

// Reading options

/** No option is passed over in silence: a misspelt or missing `ip` binds nothing. */
function readNames(options, more) {
  const given = new Map(Object.entries(options))
  for (const [name, value] of given) {
    if (!TOKEN_OPTIONS.includes(name) && !more.includes(name)) {
      throw new AvcsecError(`there is no option '${name}' here`)
    }
    if (value === null || value === undefined) {
      throw new AvcsecError(`${name} has no value: leave it out, or give one`)
    }
  }
  return given
}

function flag(option, options) {
  const value = options.get(option) ?? false
  if (typeof value !== 'boolean') throw new AvcsecError(`${option} must be true or false`)
  return value
}

/** Text as it is, a whole number in digits; null for all else, lone surrogates too. */
function plain(value) {
  if (Number.isSafeInteger(value)) return String(value)
  return typeof value === 'string' && !/[\ud800-\udfff]/u.test(value) ? value : null
}

function scalar(option, value) {
  const text = plain(value)
  if (text === null) throw new AvcsecError(`${option} must be text in UTF-8 or a whole number`)
  return text
}

function number(option, value, most) {
  const text = plain(value) ?? ''
  if (!/^[1-9][0-9]{0,15}$/.test(text) || Number(text) > most) {
    throw new AvcsecError(`${option} must be a whole number from 1 to ${most}`)
  }
  return Number(text)
}

function time(option, value) {
  const text = plain(value) ?? ''
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) return number(option, value, LATEST)
  const moment = new Date(text)
  if (Number.isNaN(moment.getTime()) || moment.toISOString() !== text.slice(0, -1) + '.000Z') {
    throw new AvcsecError(`${option} is no date of the calendar`)
  }
  return number(option, moment.getTime() / 1000, LATEST)
}

function seconds(option, value) {
  const found = /^([1-9][0-9]{0,10})([smhdw]?)$/.exec(plain(value) ?? '')
  if (!found) {
    throw new AvcsecError(`${option} must be seconds, or like 90s, 30m, 1h, 7d, 4w`)
  }
  return Number(found[1]) * UNITS[found[2]]
}

function choice(option, value, choices) {
  if (!choices.includes(value)) {
    throw new AvcsecError(`${option} must be one of ${choices.join(', ')}`)
  }
  return value
}

function match(option, value, pattern, meaning) {
  const read = scalar(option, value)
  if (!new RegExp(`^(?:${pattern})$`).test(read)) {
    throw new AvcsecError(`${option} must be ${meaning}`)
  }
  return read
}

function text(option, value) {
  const read = scalar(option, value)
  if (read === '' || /[\x00-\x1f\x7f-\x9f]/.test(read)) {
    throw new AvcsecError(`${option} is empty or holds a control character`)
  }
  return read
}

function list(option, value, separators) {
  const items = typeof value === 'string' ? value.split(new RegExp(`[${separators}]+`)) : value
  if (!Array.isArray(items) || !items.length) {
    throw new AvcsecError(`${option} must be text or a list of texts`)
  }
  return items.map((item) => scalar(option, item))
}

function words(option, value, pattern, meaning) {
  const read = list(option, value, ' ,.').map((word) => match(option, word, pattern, meaning))
  return once(option, read).join('.')
}

function once(option, items) {
  if (new Set(items).size < items.length) throw new AvcsecError(`${option} names one twice`)
  return items
}

/** [name, value] pairs of an object, an array of pairs, a Map or URLSearchParams. */
function pairs(option, value) {
  const wrong = new AvcsecError(`${option} must be names with their values`)
  if (typeof value !== 'object') throw wrong
  const all = Symbol.iterator in value ? [...value] : Object.entries(value)
  if (!all.every((pair) => Array.isArray(pair) && pair.length === 2)) throw wrong
  return all.map(([name, v]) => [scalar(option, name), v])
}

/** Percent-encodes all but A-Z a-z 0-9 - . _ ~, unlike encodeURIComponent. */
function percentEncode(text) {
  const upper = (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase()
  return encodeURIComponent(text).replace(/[!'()*]/g, upper)
}

/** The same for text with one character for each byte. */
function escapeBytes(bytes) {
  const escape = (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
  return bytes.replace(/[^A-Za-z0-9._~-]/g, escape)
}

function utf8(text) {
  return new TextEncoder().encode(text)
}

function b64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
