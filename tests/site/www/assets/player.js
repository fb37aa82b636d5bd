// SPDX-License-Identifier: Apache-2.0
//
// How Ruffle is to run the player's SWF: its socket to the media server goes through the
// bridge, and nothing is drawn by a graphics processor that may not be there.

const { rtmp, bridge } = document.currentScript.dataset

window.RufflePlayer = {
  config: {
    autoplay: 'on',
    unmuteOverlay: 'hidden',
    preferredRenderer: 'canvas',
    logLevel: 'warn',
    socketProxy: [{ host: '127.0.0.1', port: Number(rtmp), proxyUrl: `ws://127.0.0.1:${bridge}/` }],
  },
}

addEventListener('DOMContentLoaded', () => {
  document.getElementById('again').addEventListener('click', () => document.getElementById('player').again())
})
