/**
 * A Chromium for the tests of a file, where the machine has one.
 */
import { existsSync } from 'node:fs'

import { launch, type Browser } from 'puppeteer-core'
import type { test } from 'vitest'

import { requireThat } from '../support/require.ts'

/** Where distributions put it. CHROMIUM names another one. */
const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const CHROMIUM = PLACES.find((place) => place !== undefined && existsSync(place))

/** `test`, or a skipped one that says how to get a browser. */
export const requireChromium: typeof test = requireThat(
  CHROMIUM !== undefined,
  'needs chromium; to get it: apt-get install -y chromium, or name one by CHROMIUM',
)

/** @returns `undefined` where there is none */
export async function startChromium(): Promise<Browser | undefined> {
  if (CHROMIUM === undefined) return undefined
  // No sandbox: tests run as root in containers, and open nothing but their own pages.
  return await launch({ executablePath: CHROMIUM, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
}
