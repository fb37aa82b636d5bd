// SPDX-License-Identifier: Apache-2.0
//
// The tour's players: hls.js for the live stream, and the page of the SWF in a frame. Each
// takes a place on the page and a fresh link, and says in which ways it was not as promised.

import Hls from '/hls/hls.mjs'

const SECOND = 1000
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

async function until(check, seconds) {
  for (const end = Date.now() + seconds * SECOND; Date.now() < end; await pause(200)) {
    if (check()) return true
  }
  return check()
}

// A player of its own for each place; the one that was there before stops.
const playing = new WeakMap()

function startLive(place, path) {
  playing.get(place)?.destroy()
  const video = Object.assign(document.createElement('video'), { className: 'preview', muted: true, controls: true })
  const note = Object.assign(document.createElement('p'), { className: 'small' })
  const hls = new Hls({ enableWorker: false, liveSyncDurationCount: 2 })
  const player = { video, note, hls, refusal: null }
  playing.set(place, hls)
  hls.on(Hls.Events.ERROR, (_, { response }) => {
    if (response?.code >= 400) player.refusal ??= response.code
    if (player.refusal) hls.stopLoad()
  })
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play())
  hls.loadSource(path)
  hls.attachMedia(video)
  place.replaceChildren(video, note)
  return player
}

const runs = (player) => until(() => player.video.currentTime > 0.5 || player.refusal, 20)

async function live(place, path) {
  const player = startLive(place, path)
  await runs(player)
  return player.video.currentTime > 0.5 ? [] : [`the film does not run (${player.refusal ?? 'nothing came'})`]
}

// What the browser has loaded already it shows; then nothing further comes.
async function comesToAnEnd(video) {
  let seen = -1
  for (let still = 0; still < 4; still += 1) {
    if (video.currentTime !== seen) still = 0
    seen = video.currentTime
    await pause(SECOND / 2)
  }
}

async function revoked(place, path) {
  const player = startLive(place, path)
  await runs(player)
  if (!(player.video.currentTime > 0.5)) return ['the film did not run before its token was taken back']
  const id = /~id\.([^~]+)/.exec(path)[1]
  const began = Date.now()
  await fetch('/tour/revoke.php', { method: 'POST', body: new URLSearchParams({ id }) })
  if (!(await until(() => player.refusal, 25))) return ['the film went on']
  const seconds = Math.round((Date.now() - began) / SECOND)
  const end = comesToAnEnd(player.video).then(() => true)
  if (!(await Promise.race([end, pause(15 * SECOND)]))) return ['the film did not stop']
  player.note.textContent = `Refused (${player.refusal}) ${seconds} seconds after the token was taken back; the film stands still.`
  return player.refusal === 403 ? [] : [`refused with ${player.refusal}`]
}

async function swf(place, path) {
  const frame = Object.assign(document.createElement('iframe'), { className: 'client', title: 'The old client', src: path })
  place.replaceChildren(frame)
  const client = () => frame.contentDocument?.getElementById('player')
  const seen = () => client()?.seen?.() ?? { connections: [] }
  if (!(await until(() => seen().connections.length > 0, 30))) return ['the SWF did not connect']
  client().again()
  await until(() => seen().connections.length > 1 && seen().picture && seen().welcome, 20)
  const { connections, picture, welcome } = seen()
  const wrong = connections.join() === 'NetConnection.Connect.Success,closed' ? [] : [`the SWF got ${connections}`]
  if (!picture) wrong.push('the SWF has no picture')
  if (!welcome) wrong.push('the SWF has no settings')
  return wrong
}

export const players = { live, revoked, swf }
