// SPDX-License-Identifier: Apache-2.0
//
// Types of player.mjs; what each does stands there.

export interface FreshLinks {
  current(): Promise<string>
  fresh(url: string): Promise<string>
  xhrSetup(xhr: XMLHttpRequest, url: string): Promise<void>
}

export function freshLinks(ask: () => Promise<string>): FreshLinks
