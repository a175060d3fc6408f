/**
 * A Chromium, where the machine has one.
 */
import { existsSync } from 'node:fs'

import { launch, type Browser } from 'puppeteer-core'
import type { test } from 'vitest'

import { requireThat } from '../require.ts'

/** Where distributions put it. CHROMIUM names another one. */
const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const CHROMIUM = PLACES.find((place) => place !== undefined && existsSync(place))

/** `test` where a Chromium is; else a skipped one that says how to get it. */
export const requireBrowser: typeof test = requireThat(
  CHROMIUM !== undefined,
  'needs chromium; to get it: apt-get install -y chromium, or name one by CHROMIUM',
)

/** @returns `undefined` where there is none */
export async function startBrowser(): Promise<Browser | undefined> {
  if (CHROMIUM === undefined) return undefined
  // No sandbox: tests run as root in containers, and open nothing but our own pages.
  return await launch({ executablePath: CHROMIUM, headless: true, args: ['--no-sandbox', '--disable-gpu'] })
}
