// SPDX-License-Identifier: Apache-2.0
//
// Does the tour: asks each step's question of the running server, compares what comes
// back with what was promised, and shows both. A step whose answer differs in anything is
// "broken". Nothing is assumed: without an answer no step is kept.

import { players } from './live.js'

const steps = JSON.parse(document.getElementById('steps').textContent)
const part = (step, name) => document.getElementById(step.id).querySelector(`[data-part="${name}"]`)

const STATUS = { 200: 'OK', 206: 'Partial Content', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 410: 'Gone', 500: 'Server Error', 503: 'Unavailable' }
const WORTH_SHOWING = ['content-type', 'content-disposition', 'content-security-policy', 'content-range']
const SHORT = 160

async function json(path) {
  const response = await fetch(path, { cache: 'no-store' })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

const ask = (step, as) => json(`/tour/step.php?id=${encodeURIComponent(step.id)}&as=${as}`)
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

function showAsked(step, { method, path, headers }) {
  const told = Object.entries(headers).filter(([name]) => name !== 'Content-Type')
  part(step, 'asked').textContent = [`${method} ${path}`, ...told.map((pair) => pair.join(': '))].join('\n')
}

// The browser's own request, by the link that was made for it a moment ago.
async function askMyself(step) {
  const request = await ask(step, 'request')
  const { method, path, headers, body } = request
  showAsked(step, request)
  if (step.wait) await pause(step.wait)
  const response = await fetch(path, { method, headers, body, cache: 'no-store', redirect: 'manual' })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body: textOf(bytes) }
}

function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return `${bytes.length} bytes`
  }
}

async function askFor(step) {
  if (step.who === 'visitor') return askMyself(step)
  showAsked(step, await ask(step, 'request'))
  return ask(step, 'with')
}

// Every way in which an answer differs from what was promised.
function faults(answer, promise) {
  const wrong = []
  const header = (name) => answer.headers[name] ?? ''
  if (answer.status !== promise.status) wrong.push(`status ${answer.status}, not ${promise.status}`)
  if ('is' in promise && answer.body !== promise.is) wrong.push(`the body is not "${promise.is}"`)
  if ('has' in promise && !answer.body.includes(promise.has)) wrong.push(`the body lacks "${promise.has}"`)
  if ('lacks' in promise && answer.body.includes(promise.lacks)) wrong.push(`the body has "${promise.lacks}"`)
  for (const [name, text] of [promise.header, promise.also].filter(Boolean)) {
    if (!header(name).includes(text)) wrong.push(`header ${name} is "${header(name)}", without "${text}"`)
  }
  return wrong
}

// A refusal is one line in the log, with its reason (or several, where a player asks for several
// things at once); being allowed is silent.
function logFaults(lines, promise) {
  if (!promise.reason) return lines.map((line) => `the log says "${line}"`)
  const reasons = lines.map((line) => line.replace(/^AVC\d{4}: /, '').split(':')[0])
  const isOnce = reasons.length === 1 || (promise.often && reasons.length > 1)
  return isOnce && reasons.every((reason) => reason === promise.reason) ? [] : [`the log gives "${reasons}", not "${promise.reason}"`]
}

// A fresh link, as the browser's own image or video loads it.
async function show(step, kind) {
  const { path } = await ask(step, 'request')
  const place = part(step, 'shown')
  if (kind in players) return players[kind](place, path)
  const shown = document.createElement(kind === 'video' ? 'video' : 'img')
  shown.className = 'preview'
  if (kind === 'video') Object.assign(shown, { muted: true, controls: true, preload: 'auto' })
  else shown.alt = 'The file, as it was opened'
  const loaded = new Promise((done) => {
    shown.addEventListener(kind === 'video' ? 'loadeddata' : 'load', () => done([]))
    shown.addEventListener('error', () => done([`the browser could not show the ${kind}`]))
    setTimeout(() => done([`the ${kind} did not come within 10 s`]), 10000)
  })
  shown.src = path
  place.replaceChildren(shown)
  return loaded
}

// The headers that matter, and the part of the body that the promise is about.
function detailOf(answer, promise) {
  const named = WORTH_SHOWING.filter((name) => answer.headers[name]).map((name) => `${name}: ${answer.headers[name]}`)
  const start = Math.max(0, answer.body.indexOf(promise.has ?? '') - 20)
  const cut = (start > 0 ? '…' : '') + answer.body.slice(start, start + SHORT).trim()
  return [...named, cut].filter(Boolean).join('\n')
}

function describe(place, answer, promise) {
  const status = document.createElement('strong')
  status.className = 'status'
  status.textContent = `${answer.status} ${STATUS[answer.status] ?? ''}`
  const detail = document.createElement('span')
  detail.className = 'detail'
  detail.textContent = !(answer.status >= 400) ? detailOf(answer, promise) : ''
  place.replaceChildren(status, ...(detail.textContent ? [detail] : []))
}

function showState(step, wrong) {
  const card = document.getElementById(step.id)
  card.dataset.state = wrong.length ? 'broken' : 'kept'
  card.dataset.faults = wrong.join('; ')
  part(step, 'badge').textContent = wrong.length ? 'not as promised' : 'as promised'
  part(step, 'faults').hidden = wrong.length === 0
  part(step, 'faults').textContent = wrong.join('; ')
}

function showLog(step, lines) {
  const place = part(step, 'log')
  place.hidden = lines.length === 0
  place.textContent = lines.length ? `Your log: ${lines.join('\n')}` : ''
}

async function run(step, log) {
  const answer = await askFor(step)
  const wrong = faults(answer, step.with)
  describe(part(step, 'with'), answer, step.with)
  if (step.with.shows) wrong.push(...(await show(step, step.with.shows)))
  const news = await json(`/tour/log.php?from=${log.to}`)
  showLog(step, news.lines)
  wrong.push(...logFaults(news.lines, step.with))
  document.getElementById(step.id).dataset.answer = `${answer.status}${step.with.reason ? ` (${step.with.reason})` : ''}`
  if (step.twin) {
    const open = await ask(step, 'twin')
    describe(part(step, 'twin'), open, step.twin)
    wrong.push(...faults(open, step.twin).map((fault) => `without mod_avcsec: ${fault}`))
  }
  return wrong
}

function showSum(done, broken) {
  document.getElementById('bar').value = done
  const end = broken ? `${broken} not as promised` : 'all as promised'
  document.getElementById('sum').textContent = done < steps.length ? `${done} of ${steps.length} asked` : `${done} questions asked: ${end}.`
  for (const place of document.querySelectorAll('[data-chapter]')) {
    const cards = [...document.querySelectorAll(`#${place.dataset.chapter} .step`)]
    place.textContent = `${cards.filter((card) => card.dataset.state === 'kept').length}/${cards.length}`
  }
}

async function tour() {
  const again = document.getElementById('again')
  let broken = 0
  again.disabled = true
  document.documentElement.dataset.tour = 'running'
  for (const [done, step] of steps.entries()) {
    document.getElementById(step.id).dataset.state = 'asking'
    const log = await json('/tour/log.php?from=0')
    const wrong = await run(step, log).catch((error) => [String(error)])
    broken += wrong.length > 0
    showState(step, wrong)
    showSum(done + 1, broken)
  }
  document.documentElement.dataset.tour = 'done'
  again.disabled = false
}

document.getElementById('again').addEventListener('click', tour)
tour()
