// SPDX-License-Identifier: Apache-2.0
//
// For the browser: links of a stream that plays longer than they hold. Holds no key and signs
// nothing; whoever may watch gets a link from the page's own address, again and again.
//
//     import { freshLinks } from './player.mjs'
//     const links = freshLinks(() => fetch('/link', { method: 'POST' }).then((r) => r.text()))
//     new Hls({ xhrSetup: links.xhrSetup }).loadSource(await links.current())

const TOKEN = /\/~avc1~[^/]*(?=\/)/

/** Milliseconds for which a link is taken, a third of its life: one with a window may be older. */
function trust(link) {
  const [, iat] = /~iat\.(\d+)~/.exec(link) ?? []
  const [, exp] = /~exp\.(\d+)~/.exec(link) ?? []
  if (!TOKEN.test(link) || !iat || !exp) {
    throw new TypeError('a link with its token in the path is wanted')
  }
  return ((exp - iat) * 1000) / 3
}

/**
 * Asks for a link when the one there is has had a third of its life, when something is to be
 * loaded and not before: so it goes on after the machine slept.
 *
 * @param {() => Promise<string>} ask gives a signed link, carrier 'path' and dir
 */
export function freshLinks(ask) {
  let link = null
  let until = 0
  let asking = null

  async function renew() {
    const given = (await ask()).trim()
    until = Date.now() + trust(given)
    link = given
  }

  /** A link that holds for a while. One that could not be had anew may hold still. */
  async function current() {
    if (Date.now() >= until || !link) {
      asking ??= renew().finally(() => (asking = null))
      await asking.catch((error) => {
        if (!link) throw error
      })
    }
    return link
  }

  /** The address with the token of that link in place of its own; one without stays as it is. */
  async function fresh(url) {
    const [token] = TOKEN.exec(await current())
    return url.replace(TOKEN, token)
  }

  /** For hls.js, which waits for it. */
  async function xhrSetup(xhr, url) {
    xhr.open('GET', await fresh(url), true)
  }

  return { current, fresh, xhrSetup }
}
